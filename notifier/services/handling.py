"""Several messages handled at once, exactly as they were seen: a look first, then the deed."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from notifier.domain.states import CANCEL, RELEASES, TELLABLE, State
from notifier.services import mending, messages
from notifier.services.actors import Actor
from notifier.services.messages import RESENDABLE
from notifier.services.views import (
    MessageView,
    NotFound,
    NotInThisState,
    ResentAlready,
    ScopeMissing,
    StillHeld,
)
from notifier.services.wiring import Wiring

MOST = 100


class Deed(StrEnum):
    """What is done to a message that waits for a person."""

    RELEASE = "release"
    RESEND = "resend"
    TOLD = "told"
    CANCEL = "cancel"


_POSSIBLE: dict[Deed, frozenset[State]] = {
    Deed.RELEASE: frozenset({State.HELD}),
    Deed.RESEND: RESENDABLE,
    Deed.TOLD: TELLABLE,
    Deed.CANCEL: CANCEL.allowed_from,
}
_VERBS: dict[Deed, Callable[..., MessageView]] = {
    Deed.RELEASE: messages.release,
    Deed.RESEND: messages.resend,
    Deed.TOLD: mending.mark_told,
    Deed.CANCEL: messages.cancel,
}


@dataclass(frozen=True, slots=True)
class Stand:
    """How a message stands, or was seen to stand."""

    id: str
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Handled:
    """The messages with which it happens, or happened, and those that are left alone."""

    done: tuple[MessageView, ...]
    left: tuple[MessageView, ...]


def stand_of(message: MessageView) -> Stand:
    return Stand(message.id, message.state, message.reason)


def look(actor: Actor, deed: Deed, some: Iterable[MessageView], *, wiring: Wiring) -> Handled:
    """What would happen to them now; nothing does."""
    done: list[MessageView] = []
    left: list[MessageView] = []
    for message in some:
        can = _can(message, deed)
        if can and deed == Deed.RELEASE:
            can = not messages.would_stay(actor, message.id, wiring=wiring)
        (done if can else left).append(message)
    return Handled(tuple(done), tuple(left))


def do(
    actor: Actor,
    deed: Deed,
    some: Iterable[MessageView],
    *,
    seen: Collection[Stand],
    wiring: Wiring,
) -> Handled:
    """Each in a transaction of its own: what does not stand as it was seen is left alone."""
    done, left = [], []
    for message in some:
        if stand_of(message) not in seen or not _can(message, deed):
            left.append(message)
            continue
        try:
            done.append(_VERBS[deed](actor, message.id, wiring=wiring))
        except (NotFound, NotInThisState, ResentAlready, ScopeMissing, StillHeld):
            left.append(message)
    return Handled(tuple(done), tuple(left))


def handle(
    actor: Actor, deed: Deed, seen: Collection[Stand], *, dry_run: bool, wiring: Wiring
) -> Handled:
    """Look or do, with messages as they were seen. Raises `NotFound` if one is not the actor's:
    then nothing happens to any.
    """
    some = messages.show_some(actor, (one.id for one in seen), wiring=wiring)
    if {one.id for one in some} != {one.id for one in seen}:
        raise NotFound("there is no such message")
    if not dry_run:
        return do(actor, deed, some, seen=seen, wiring=wiring)
    told = look(actor, deed, (one for one in some if stand_of(one) in seen), wiring=wiring)
    moved_on = (one for one in some if stand_of(one) not in seen)
    return Handled(told.done, (*told.left, *moved_on))


def _can(message: MessageView, deed: Deed) -> bool:
    if deed == Deed.RELEASE and message.reason not in RELEASES:
        return False
    done_at = {Deed.TOLD: message.told_at, Deed.RESEND: message.resent_at}
    return State(message.state) in _POSSIBLE[deed] and done_at.get(deed) is None

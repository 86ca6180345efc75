"""What needs a person: held, doubtful and unreached messages, gateways out of use, alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notifier.domain.people import Permission
from notifier.services import actors, pauses, words_waiting
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.messages import views_of
from notifier.services.pauses import GatewayView
from notifier.services.views import MessageView, NotFound
from notifier.services.wiring import Wiring
from notifier.store import alerts as open_rows
from notifier.store import attention as rows
from notifier.store import reading
from notifier.store.alerts import AlertRow
from notifier.store.attention import Group

__all__ = ["AlertView", "Attention", "Group", "look"]


@dataclass(frozen=True, slots=True)
class AlertView:
    """Something amiss that is no single message; `subject` is an office, a source or a gateway."""

    kind: str
    subject: str
    detail: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Attention:
    """Counts of everything, and a page of the messages; `next_cursor` is empty at the end."""

    groups: tuple[Group, ...]
    messages: tuple[MessageView, ...]
    next_cursor: str | None
    paused: tuple[GatewayView, ...]
    alerts: tuple[AlertView, ...]


def look(
    actor: Actor,
    *,
    office: str | None = None,
    reason: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
    wiring: Wiring,
) -> Attention:
    """What waits at the actor's offices, or at one of them. Raises `NotFound`, `ScopeMissing`.

    Alerts about an office are for those who see it; about anything else, for those who see all.
    """
    read = Permission.MESSAGES_READ
    actors.require(actor, read)
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        seen = actor.offices(read, known)
        if office is not None and office not in seen:
            raise NotFound("there is no such office")
        offices = seen if office is None else frozenset({office})
        now = wiring.sessions.now(session)
        groups = rows.groups(session, offices, now=now)
        ids = rows.page(session, offices, now=now, reason=reason, before=cursor, limit=limit + 1)
        views = views_of(session, reading.some(session, ids[:limit]), wiring)
        alerts = open_rows.open_alerts(session)
    everywhere = actor.everywhere(read)
    return Attention(
        groups=tuple(groups),
        messages=tuple(views),
        next_cursor=ids[limit - 1] if len(ids) > limit else None,
        paused=tuple(one for one in pauses.list_gateways(wiring=wiring) if one.paused),
        alerts=_seen(alerts, offices, known, everywhere),
    )


def number(actor: Actor, *, most: int, wiring: Wiring) -> int:
    """How many messages and words wait for the actor, counted no further than `most`."""
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        seen = actor.offices(Permission.MESSAGES_READ, known)
        now = wiring.sessions.now(session)
        found = rows.count(session, seen, now=now, most=most) if seen else 0
        return min(found + len(words_waiting.found(session, actor, known)), most)


def alerts(actor: Actor, *, wiring: Wiring) -> tuple[AlertView, ...]:
    """The open alerts that the actor may see, newest first. Raises `ScopeMissing`."""
    read = Permission.MESSAGES_READ
    actors.require(actor, read)
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        found = open_rows.open_alerts(session)
    everywhere = actor.everywhere(read) or actor.everywhere(Permission.GATEWAYS_READ)
    return _seen(found, actor.offices(read, known), known, everywhere)


def _seen(
    alerts: Sequence[AlertRow], offices: frozenset[str], known: Known, everywhere: bool
) -> tuple[AlertView, ...]:
    return tuple(
        AlertView(one.kind, one.subject, one.detail, one.raised_at)
        for one in alerts
        if one.subject in offices or (everywhere and one.subject not in known.office_ids)
    )

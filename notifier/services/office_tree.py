"""The offices that somebody sees, as a tree: an office, then those below it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from notifier.domain.people import Permission
from notifier.services import actors
from notifier.services.actors import Actor
from notifier.services.wiring import Wiring


@dataclass(frozen=True, slots=True)
class OfficeView:
    id: str
    name: str
    depth: int  # below the highest office that the actor sees


def visible(actor: Actor, permission: Permission, *, wiring: Wiring) -> tuple[OfficeView, ...]:
    """The offices where the actor may do this, parents before children. Raises `ScopeMissing`."""
    actors.require(actor, permission)
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
    seen = actor.offices(permission, known)
    below: dict[str | None, list[str]] = defaultdict(list)
    for office_id in sorted(seen, key=lambda one: known.office(one).name):
        parent = known.office(office_id).parent_id
        below[parent if parent in seen else None].append(office_id)
    found: list[OfficeView] = []
    waiting = [(office_id, 0) for office_id in reversed(below[None])]
    while waiting:
        office_id, depth = waiting.pop()
        found.append(OfficeView(office_id, known.office(office_id).name, depth))
        waiting += [(child, depth + 1) for child in reversed(below[office_id])]
    return tuple(found)


def names(*, wiring: Wiring) -> Mapping[str, str]:
    """What every office is called: words may be inherited from one that the actor does not see."""
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
    return {office_id: known.office(office_id).name for office_id in known.office_ids}


def may(actor: Actor, permission: Permission, office: str, *, wiring: Wiring) -> bool:
    """Whether the actor may do this at that office: what to offer, never what to let pass."""
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
    return office in actor.offices(permission, known)

"""The audit log: every change that a person or a machine asks for passes through `record`.

An entry is part of the change's own transaction, so that neither stands without the other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.orm import Session

from notifier.domain.ids import IdSource
from notifier.domain.people import Grant, Permission, mask_email
from notifier.domain.phones import mask
from notifier.services.views import ScopeMissing
from notifier.store import audit as rows
from notifier.store import people
from notifier.store.audit import AuditRow

if TYPE_CHECKING:
    from notifier.services.actors import Actor
    from notifier.services.catalogue import Known
    from notifier.services.wiring import Wiring

COMMAND = "command"  # the actor of `baotin users …` and of the seed: whoever holds the machine

_MASKS = {"phone": mask, "email": mask_email}
_HIDDEN = frozenset({"name", "values", "password", "secret"})


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it is shown."""

    id: str
    at: datetime
    actor: str
    actor_name: str  # of a user; else the actor itself
    action: str
    object: str
    object_name: str | None  # of a user
    office: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    request: str | None


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """What the log is narrowed to."""

    actor: str | None = None
    object: str | None = None
    action: str | None = None
    cursor: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True)
class EntryPage:
    """A page, newest first; `next_cursor` is empty at the end."""

    entries: tuple[Entry, ...]
    next_cursor: str | None


def record(
    session: Session,
    *,
    ids: IdSource,
    at: datetime,
    actor: str,
    action: str,
    object_id: str,
    office: str | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Note a change. `phone` and `email` are masked here; names, values and secrets left out."""
    rows.add(
        session,
        AuditRow(
            id=ids.new("aud"),
            at=at,
            actor=actor,
            action=action,
            object=object_id,
            office_id=office,
            before=_masked(before),
            after=_masked(after),
            request=structlog.contextvars.get_contextvars().get("request"),
        ),
    )


def office_of(grants: Iterable[Grant], known: "Known") -> str | None:
    """The office whose log tells of an account: the nearest with all of its roles, if there is one.

    So whoever manages the account sees it there.
    """
    lines = [
        list(known.lineage(one.office)) if one.office in known.office_ids else [] for one in grants
    ]
    nearest = lines[0] if lines else []
    return next((office for office in nearest if all(office in line for line in lines)), None)


def list_entries(actor: "Actor", wanted: EntryFilter, *, wiring: "Wiring") -> EntryPage:
    """The log of the actor's offices. Raises `ScopeMissing`."""
    if not actor.has(Permission.AUDIT_READ):
        raise ScopeMissing(Permission.AUDIT_READ)
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        found = rows.page(
            session,
            offices=actor.offices(Permission.AUDIT_READ, known),
            everywhere=actor.everywhere(Permission.AUDIT_READ),
            actor=wanted.actor,
            object_id=wanted.object,
            action=wanted.action,
            before_id=wanted.cursor,
            limit=wanted.limit + 1,
        )
        shown = found[: wanted.limit]
        names = people.names(session, {one for row in shown for one in (row.actor, row.object)})
    return EntryPage(
        tuple(_entry(row, names) for row in shown),
        shown[-1].id if len(found) > wanted.limit else None,
    )


def _entry(row: AuditRow, names: Mapping[str, str]) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        actor=row.actor,
        actor_name=names.get(row.actor, row.actor),
        action=row.action,
        object=row.object,
        object_name=names.get(row.object),
        office=row.office_id,
        before=row.before,
        after=row.after,
        request=row.request,
    )


def _masked(values: Mapping[str, object] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {name: _shown(name, value) for name, value in values.items()}


def _shown(name: str, value: object) -> object:
    if name in _HIDDEN:
        return "***"
    if name in _MASKS and isinstance(value, str):
        return _MASKS[name](value)
    if isinstance(value, Mapping):
        return {str(key): _shown(str(key), inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_shown(name, inner) for inner in value]
    return value

"""Sources: case systems that may post events, each for its offices. Doing it twice is harmless."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from notifier.domain import offices as rules
from notifier.services import audit, duty_desk
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring
from notifier.store import catalogue
from notifier.store import sources as rows
from notifier.store.sources import SourceRow


class SourceDiffers(Exception):
    """The source is there already and not as it was to be made; the text says in what."""


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source. A limit or cap is empty where the setting's holds, 0 for none."""

    id: str
    name: str
    offices: tuple[str, ...]
    intake_per_minute: int | None
    daily_cap: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """A source, and whether it is new or was changed."""

    source: SourceView
    created: bool
    changed: tuple[str, ...] = ()


def list_sources(*, wiring: Wiring) -> list[SourceView]:
    """Every source, by code."""
    with wiring.sessions.read() as session:
        return [_view(row) for row in rows.all_of_them(session)]


def create(
    source_id: str,
    *,
    name: str,
    offices: Collection[str],
    intake_per_minute: int | None,
    daily_cap: int | None = None,
    wiring: Wiring,
) -> Made:
    """Make the source, unless it is there just so.

    Raises `SourceDiffers`, `NotFound` for an unknown office, or `ValueError` for a bad code.
    """
    rules.code(source_id)
    _require_theirs(source_id)
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        before = _find(session, source_id)
        if before is not None:
            wanted = (name, frozenset(offices), intake_per_minute, daily_cap)
            held = (before.name, before.offices, before.intake_per_minute, before.daily_cap)
            if wanted != held:
                raise SourceDiffers(
                    f"source {source_id} is there with other offices, name, limit or cap"
                )
            return Made(_view(before), created=False)
        _require_offices(session, offices)
        rows.add(
            session,
            source_id,
            name=name,
            created_at=wiring.sessions.now(session),
            intake_per_minute=intake_per_minute,
            daily_cap=daily_cap,
        )
        rows.allow(session, source_id, offices)
        catalogue.changed(session)
        made = _view(_get(session, source_id))
        _note(session, "source.created", None, made, wiring)
    return Made(made, created=True)


def change(
    source_id: str,
    *,
    wiring: Wiring,
    name: str | None = None,
    also: Collection[str] = (),
    without: Collection[str] = (),
    intake_per_minute: int | None = None,
    default_limit: bool = False,
    daily_cap: int | None = None,
    default_cap: bool = False,
) -> Made:
    """Change what is given and leave the rest; `default_…`: as the setting says.

    Raises `NotFound` for an unknown source or office, or `ValueError` for one of our own.
    """
    _require_theirs(source_id)
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        before = _get(session, source_id)
        _require_offices(session, {*also, *without})
        added = frozenset(also) - before.offices
        dropped = before.offices & frozenset(without)
        limit = before.intake_per_minute if intake_per_minute is None else intake_per_minute
        if default_limit:
            limit = None
        cap = before.daily_cap if daily_cap is None else daily_cap
        if default_cap:
            cap = None
        rows.change(
            session,
            source_id,
            name=before.name if name is None else name,
            intake_per_minute=limit,
            daily_cap=cap,
        )
        rows.allow(session, source_id, added)
        rows.forbid(session, source_id, dropped)
        after = _get(session, source_id)
        told = (("name", before.name != after.name), ("offices", before.offices != after.offices))
        fields = [field for field, other in told if other]
        if before.intake_per_minute != after.intake_per_minute:
            fields.append("intake_per_minute")
        if before.daily_cap != after.daily_cap:
            fields.append("daily_cap")
        if fields:
            catalogue.changed(session)
            _note(session, "source.changed", _view(before), _view(after), wiring)
    return Made(_view(after), created=False, changed=tuple(fields))


def _require_theirs(source_id: str) -> None:
    if source_id == duty_desk.SOURCE:
        raise ValueError(f"cannot be {source_id}: what duty phones are told comes from there")


def _note(
    session: Session, action: str, before: SourceView | None, after: SourceView, wiring: Wiring
) -> None:
    def told(source: SourceView) -> dict[str, object]:
        return {
            "offices": source.offices,
            "intake_per_minute": source.intake_per_minute,
            "daily_cap": source.daily_cap,
        }

    audit.record(
        session,
        ids=wiring.ids,
        at=wiring.sessions.now(session),
        actor=audit.COMMAND,
        action=action,
        object_id=after.id,
        before=told(before) if before else None,
        after=told(after),
    )


def _require_offices(session: Session, offices: Collection[str]) -> None:
    if unknown := rows.unknown_offices(session, offices):
        raise NotFound(f"there is no office {', '.join(unknown)} (`baotin offices list`)")


def _find(session: Session, source_id: str) -> SourceRow | None:
    return next((row for row in rows.all_of_them(session) if row.id == source_id), None)


def _get(session: Session, source_id: str) -> SourceRow:
    row = _find(session, source_id)
    if row is None:
        raise NotFound(f"there is no source {source_id} (`baotin sources list`)")
    return row


def _view(row: SourceRow) -> SourceView:
    return SourceView(
        row.id,
        row.name,
        tuple(sorted(row.offices)),
        row.intake_per_minute,
        row.daily_cap,
        row.created_at,
    )

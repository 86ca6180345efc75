"""Offices from a file: checked line by line, taken all or not at all; twice changes nothing."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from notifier.domain import offices as rules
from notifier.domain.offices import BadOffice, OfficeEntry
from notifier.domain.templates import Form
from notifier.services import audit
from notifier.services.office_files import Row
from notifier.services.wiring import Wiring
from notifier.store import calendar, catalogue
from notifier.store import offices as rows

_WHEN_NEW: Mapping[str, Any] = {
    "parent_id": None,
    "reply_number": "",
    "sender": "",
    "vietnamese_form": Form.TONELESS,
    "valid_from": None,
    "valid_to": None,
}

Table = Mapping[str, Mapping[str, Any]]  # by office code its columns


@dataclass(frozen=True, slots=True)
class LineProblem:
    """What is wrong in a file: where, which field, and what it takes."""

    place: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.field}: {self.message}"


class BadOffices(Exception):
    """Nothing was taken; every problem of the file, in its order."""

    def __init__(self, problems: Sequence[LineProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Change:
    """An office that was there, and the fields that are other now."""

    id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    created: tuple[str, ...]
    changed: tuple[Change, ...]
    unchanged: int


@dataclass(frozen=True, slots=True)
class OfficeView:
    """An office as its file would give it, and whether it went live."""

    id: str
    parent: str | None
    name: str
    phone: str
    reply_number: str
    sender: str
    form: str
    valid_from: date | None
    valid_to: date | None
    sending_hours: str | None
    office_hours: str | None
    weekdays: str | None
    holidays_close: bool | None
    live: bool | None  # whether it says it is; empty: as its parent says


def list_offices(*, wiring: Wiring) -> list[OfficeView]:
    """Every office, by code."""
    with wiring.sessions.read() as session:
        return [
            OfficeView(
                id=one["id"],
                parent=one["parent_id"],
                name=one["name"],
                phone=one["phone"],
                reply_number=one["reply_number"],
                sender=one["sender"],
                form=one["vietnamese_form"],
                valid_from=one["valid_from"],
                valid_to=one["valid_to"],
                sending_hours=one["sending_hours"],
                office_hours=one["office_hours"],
                weekdays=one["weekdays"],
                holidays_close=one["holidays_close_sending"],
                live=one["live"],
            )
            for one in _held(session).values()
        ]


def import_offices(given: Sequence[Row], *, wiring: Wiring) -> Imported:
    """Add the offices that are new and change those that are other. None is ever removed.

    A field that the file does not have stays as it is. Raises `BadOffices`.
    """
    entries, problems = _read(given)
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        held = _held(session)
        problems += _together(entries, held, {row.fields.get("id", "").strip() for row in given})
        if problems:
            raise BadOffices(problems)
        created, changed = [], []
        for _, entry in _parents_first(entries):
            before = held.get(entry.id)
            if before is None:
                office, hours = _by_table(entry.values)
                rows.add(session, entry.id, {**_WHEN_NEW, **office})
                if any(hour is not None for hour in hours.values()):
                    calendar.set_hours(session, entry.id, hours)
                created.append(entry.id)
                _note(session, "office.created", entry.id, None, entry.values, wiring)
            elif other := {k: v for k, v in entry.values.items() if before[k] != v}:
                office, hours = _by_table(other)
                if office:
                    rows.change(session, entry.id, office)
                if hours:
                    calendar.set_hours(session, entry.id, hours)
                changed.append(Change(entry.id, tuple(rules.FIELD_OF[name] for name in other)))
                held_of = {name: before[name] for name in other}
                _note(session, "office.changed", entry.id, held_of, other, wiring)
        if created or changed:
            catalogue.changed(session)
    return Imported(tuple(created), tuple(changed), len(entries) - len(created) - len(changed))


def _held(session: Session) -> dict[str, dict[str, Any]]:
    """By code, every office with its columns and those of its own hours."""
    silent = dict.fromkeys(rules.CALENDAR_COLUMNS)
    hours = calendar.own_hours(session)
    return {
        code: {**office, **hours.get(code, silent)}
        for code, office in rows.all_of_them(session).items()
    }


def _by_table(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of the office, and those of its calendar."""
    hours = {name: value for name, value in values.items() if name in rules.CALENDAR_COLUMNS}
    return {name: value for name, value in values.items() if name not in hours}, hours


def _note(
    session: Session,
    action: str,
    office: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any],
    wiring: Wiring,
) -> None:
    def told(values: Mapping[str, Any]) -> dict[str, object]:
        # An office's number is public; the log masks what is called a phone.
        named = {rules.FIELD_OF[column]: value for column, value in values.items()}
        named["desk"] = named.pop("phone", None)
        named["called"] = named.pop("name", None)
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in named.items()
            if value is not None
        }

    audit.record(
        session,
        ids=wiring.ids,
        at=wiring.sessions.now(session),
        actor=audit.COMMAND,
        action=action,
        object_id=office,
        office=office,
        before=told(before) if before else None,
        after=told(after),
    )


_Entries = list[tuple[Row, OfficeEntry]]


def _read(given: Sequence[Row]) -> tuple[_Entries, list[LineProblem]]:
    entries: _Entries = []
    problems = []
    for row in given:
        try:
            entries.append((row, rules.read(row.fields)))
        except BadOffice as bad:
            problems += [LineProblem(row.place, name, said) for name, said in bad.problems.items()]
    return entries, problems


def _together(entries: _Entries, held: Table, named: Set[str]) -> list[LineProblem]:
    """What is wrong only beside the other rows, or beside what the database has.

    `named`: the codes of all rows, those that could not be read too.
    """
    problems, first = [], dict[str, str]()
    parents = {code: office["parent_id"] for code, office in held.items()}
    for row, entry in entries:
        if entry.id in first:
            problems.append(LineProblem(row.place, "id", f"stands on {first[entry.id]} already"))
        first.setdefault(entry.id, row.place)
        parents[entry.id] = entry.values.get("parent_id", parents.get(entry.id))
        if entry.id not in held:
            problems += [
                LineProblem(row.place, name, "is missing for an office that is new")
                for name in sorted(rules.NEEDED_WHEN_NEW - entry.values.keys())
            ]
    for row, entry in entries:
        parent = entry.values.get("parent_id")
        if parent is not None and parent not in parents.keys() | named:
            said = f"there is no office {parent}, here or in the database"
            problems.append(LineProblem(row.place, "parent", said))
        elif entry.id in _above(entry.id, parents):
            problems.append(LineProblem(row.place, "parent", "leads back to the office itself"))
    return problems


def _above(code: str, parents: Mapping[str, str | None]) -> Iterator[str]:
    seen, at = set[str](), parents.get(code)
    while at is not None and at not in seen:
        yield at
        seen.add(at)
        at = parents.get(at)


def _parents_first(entries: _Entries) -> Iterator[tuple[Row, OfficeEntry]]:
    """In an order that never names a parent before it is there."""
    parents = {entry.id: entry.values.get("parent_id") for _, entry in entries}
    return iter(sorted(entries, key=lambda one: len(list(_above(one[1].id, parents)))))

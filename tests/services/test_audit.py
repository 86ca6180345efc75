"""The audit log: what is in it, who sees it, and that nothing changes it."""

import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from notifier.domain.budgets import Budget
from notifier.domain.events import Channel, EventType
from notifier.services import (
    audit,
    budgets,
    callbacks,
    duty_phones,
    going_live,
    limits,
    publishing,
    routes,
    sources,
)
from notifier.services.audit import EntryFilter
from notifier.services.routes import NewRoute
from notifier.services.views import ScopeMissing
from notifier.services.wiring import Wiring
from notifier.store.limits import LimitRow


def note(wiring: Wiring, action: str, office: str | None, **values: Any) -> None:
    with wiring.sessions.begin() as session:
        audit.record(
            session,
            ids=wiring.ids,
            at=wiring.sessions.now(session),
            actor=audit.COMMAND,
            action=action,
            object_id="thing",
            office=office,
            **values,
        )


_SAME = "SELECT id, at, 'nobody', action, object FROM audit"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit",
        f"INSERT INTO audit (id, at, actor, action, object) {_SAME} WHERE true"
        " ON CONFLICT (id) DO UPDATE SET actor = excluded.actor",
    ],
)
def test_the_database_itself_refuses_to_change_the_log(wiring: Wiring, statement: str) -> None:
    note(wiring, "one", None)
    with pytest.raises(DBAPIError, match="append-only"), wiring.sessions.begin() as session:
        session.execute(text(statement))
    with wiring.sessions.read() as session:
        assert session.execute(text("SELECT actor FROM audit")).scalars().all() == ["command"]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_sqlite_replaces_no_entry_either(wiring: Wiring) -> None:
    note(wiring, "one", None)
    replacing = f"REPLACE INTO audit (id, at, actor, action, object) {_SAME}"
    with pytest.raises(DBAPIError, match="append-only"), wiring.sessions.begin() as session:
        session.execute(text(replacing))
    with wiring.sessions.read() as session:
        assert session.execute(text("SELECT actor FROM audit")).scalars().all() == ["command"]


def test_personal_values_are_masked_wherever_they_stand(wiring: Wiring) -> None:
    note(
        wiring,
        "one",
        None,
        before={"phone": "+84912345678", "email": "anh@office.example", "state": "held"},
        after={"changes": {"phone": "+84912345678", "values": {"ly_do": "Đạt"}}, "name": "Đạt"},
    )
    with wiring.sessions.read() as session:
        before, after = session.execute(text("SELECT before, after FROM audit")).one()
    told = f"{before}{after}"
    assert "912345678" not in told
    assert "Đạt" not in told
    assert "\\u0110" not in told
    assert "anh@" not in told
    assert "+84912***678" in told
    assert "held" in told


def test_an_administrator_sees_the_log_of_their_offices_only(
    wiring: Wiring, hire: Callable[..., Any]
) -> None:
    for action, office in (("ward", "lai-thieu"), ("above", "thuan-an"), ("all", None)):
        note(wiring, action, office)

    def seen(role: str, office: str | None) -> set[str]:
        staff = hire(wiring, role, office).staff
        page = audit.list_entries(staff, EntryFilter(), wiring=wiring)
        return {entry.action for entry in page.entries if entry.object == "thing"}

    assert seen("administrator", "lai-thieu") == {"ward"}
    assert seen("administrator", "thuan-an") == {"ward", "above"}
    assert seen("administrator", None) == {"ward", "above", "all"}
    with pytest.raises(ScopeMissing):
        seen("editor", "lai-thieu")


def test_the_log_pages_and_narrows(wiring: Wiring, hire: Callable[..., Any]) -> None:
    staff = hire(wiring, "administrator", None).staff
    for number in range(5):
        note(wiring, f"a{number}", None)
    first = audit.list_entries(staff, EntryFilter(object="thing", limit=3), wiring=wiring)
    rest = audit.list_entries(
        staff, EntryFilter(object="thing", cursor=first.next_cursor), wiring=wiring
    )
    assert [e.action for e in (*first.entries, *rest.entries)] == ["a4", "a3", "a2", "a1", "a0"]
    assert rest.next_cursor is None
    one = audit.list_entries(staff, EntryFilter(action="a1"), wiring=wiring)
    assert [e.action for e in one.entries] == ["a1"]
    mine = audit.list_entries(staff, EntryFilter(actor=staff.id), wiring=wiring)
    assert [(e.action, e.actor_name) for e in mine.entries] == [
        ("session.opened", "The administrator")
    ]


SIX = 6
_CELL = ("lai-thieu", EventType.RESULT_READY, Channel.COUNTER)
_STEPS: list[dict[str, Any]] = [
    {"gateways": {"simulator": 1}, "languages": ["vi"]}, {"gateways": {"simulator": 1}},
]  # fmt: skip

# A change that each of six people makes at once, each by their own number.
CHANGES: dict[str, Callable[[int, Any, Wiring], object]] = {
    "route.given": lambda n, _, wiring: routes.give(
        "lai-thieu", NewRoute(_STEPS[n % 2 :]), by=None, wiring=wiring
    ),
    "budget.given": lambda n, _, wiring: budgets.give(
        "lai-thieu", Budget(daily_segments=n), by=None, wiring=wiring
    ),
    "limit.given": lambda n, _, wiring: limits.give(
        "simulator", LimitRow(n + 1.0, "segments"), by=None, wiring=wiring
    ),
    "callback.given": lambda n, _, wiring: callbacks.give(
        "demo", f"http://127.0.0.{n + 1}/told", by=None, wiring=wiring
    ),
    "duty_phone.given": lambda n, _, wiring: duty_phones.give(
        "lai-thieu", f"091234{n}67{n}", by=None, wiring=wiring
    ),
    "source.changed": lambda n, _, wiring: sources.change(
        "demo", daily_cap=n + 1, wiring=wiring
    ),
    "office.live_changed": lambda n, _, wiring: going_live.say_live(
        "lai-thieu", [True, False, None][n % 3], by=None, wiring=wiring
    ),
    "situation.switched": lambda n, staff, wiring: publishing.switch(
        staff, *_CELL, [True, False, None][n % 3], "why", wiring=wiring
    ),
}  # fmt: skip


@pytest.mark.parametrize("action", CHANGES)
def test_what_is_noted_as_before_is_what_was_replaced_however_many_change_it_at_once(
    wiring: Wiring, hire: Callable[..., Any], action: str
) -> None:
    staff, errors = hire(wiring, "approver").staff, list[BaseException]()
    together = threading.Barrier(SIX)

    def change(number: int) -> None:
        together.wait()
        try:
            CHANGES[action](number, staff, wiring)
        except BaseException as problem:  # noqa: BLE001 - told below
            errors.append(problem)

    threads = [threading.Thread(target=change, args=(number,)) for number in range(SIX)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    everyone = hire(wiring, "administrator", None).staff
    page = audit.list_entries(everyone, EntryFilter(action=action), wiring=wiring)
    told = [(one.before, one.after) for one in reversed(page.entries)]
    assert len(told) > 1
    for (_, after), (before, _) in pairwise(told):
        assert {**(after or {}), "reason": None} == {**(before or {}), "reason": None}

"""What runs every few seconds finds its rows by an index: SQLite tells how it would."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from notifier.domain.states import State
from notifier.domain.timing import LEASE
from notifier.services.wiring import Wiring
from notifier.store import (
    attempts,
    attention,
    audit,
    budgets,
    claims,
    counting,
    held,
    messages,
    reading,
    words_waiting,
)
from notifier.store.attempts import Askable, Impatient
from notifier.store.tables.messages import BY_STATE


@pytest.fixture
def database_kind() -> str:
    """PostgreSQL reads small tables whole, whatever indexes they have."""
    return "sqlite"


def plan_of(wiring: Wiring, asked: Callable[[Session], object]) -> list[str]:
    """How SQLite carries out the statements that are asked of it."""
    statements: list[tuple[str, Any]] = []

    def keep(_c: object, _k: object, statement: str, parameters: Any, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append((statement, parameters))

    event.listen(wiring.sessions.engine, "before_cursor_execute", keep)
    with wiring.sessions.begin() as session:
        asked(session)
    event.remove(wiring.sessions.engine, "before_cursor_execute", keep)
    with wiring.sessions.engine.connect() as connection:
        plans = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            for statement, parameters in statements
        ]
    return [step.detail for plan in plans for step in plan]


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("expire", "ix_messages_expiring"),
        ("any_due", "ix_messages_due"),
        ("claim", "ix_messages_turn (office_id=? AND priority=? AND send_at<?)"),
        ("claim", "ix_messages_turn (office_id>?)"),
        ("picked", "ix_messages_turn (office_id=?)"),
        ("picked", "ix_messages_urgent"),
        ("picked", "ix_messages_case_open"),
        ("free_unattempted", "ix_messages_leased"),
        ("claim_doubtful", "ix_attempts_unknown"),
        ("claim_doubtful", "ix_attempts_resolve"),
        ("untold", "ix_messages_held"),
        ("open_messages", "ix_messages_due"),
        ("open_messages", "ix_messages_leased"),
        ("open_messages", "ix_messages_expiring"),
        ("open_messages", "ix_messages_case_open"),
        ("open_attempts", "ix_attempts_open"),
        ("close_what_is_over", "ix_messages_held"),
        ("spent_and_pending", "ix_messages_leased"),
        ("spent_and_pending", "ix_attempts_resolve"),
        ("look_again", "ix_messages_due (send_at>? AND send_at<?)"),
        ("put_off_kind", "ix_messages_turn (office_id=?"),
    ],
)
def test_its_rows_are_found_by_an_index(wiring: Wiring, name: str, index: str) -> None:
    now = wiring.clock.now()
    asked: dict[str, Callable[[Session], object]] = {
        "expire": lambda s: messages.expire(s, now=now),
        "any_due": lambda s: claims.any_due(s, now),
        "claim": lambda s: claims.claim(s, now=now, token="t", lease=LEASE, limit=9),
        "picked": lambda s: s.execute(claims.picked(2), claims.picking(now, ["a", "b"], 9, ["c"])),
        "free_unattempted": lambda s: claims.free_unattempted(s, now=now, lease=LEASE),
        "claim_doubtful": lambda s: attempts.claim_doubtful(
            s,
            now=now,
            until=now + timedelta(seconds=9),
            askable=Askable({"a": 9}, ["a"], now, 9, now, Impatient(["a"], ["lai-thieu"], [])),
        ),
        "untold": held.untold,
        "open_messages": counting.open_messages,
        "open_attempts": counting.open_attempts,
        "spent_and_pending": lambda s: budgets.spent_and_pending(
            s, ["lai-thieu"], on=now.date(), token="t", since=now
        ),
        "look_again": lambda s: claims.look_again(s, now=now),
        "put_off_kind": lambda s: claims.put_off_kind(
            s, "lai-thieu", "vi", "ucs2", until=now, now=now
        ),
        "close_what_is_over": lambda s: held.close_what_is_over(s, now=now),
    }
    steps = plan_of(wiring, asked[name])
    assert any(index in step for step in steps), "\n".join(steps)
    assert not [step for step in steps if step in {"SCAN messages", "SCAN attempts"}]


def test_words_that_wait_for_a_person_are_found_by_an_index(wiring: Wiring) -> None:
    for index, asked in (
        ("submitted", lambda s: words_waiting.submitted(s, ["a"], not_by="u", limit=9)),
        ("approved", lambda s: words_waiting.approved(s, ["a"], limit=9)),
        ("drafts", lambda s: words_waiting.sent_back(s, ["a"], author="u", limit=9)),
    ):
        steps = plan_of(wiring, asked)
        assert any(f"ix_template_versions_{index}" in step for step in steps), steps
        assert not [step for step in steps if step == "SCAN template_versions"], steps


@pytest.mark.parametrize("state", [state for state in State if state in BY_STATE])
def test_a_search_for_a_rare_state_reads_no_others(wiring: Wiring, state: State) -> None:
    for offices in (["lai-thieu"], ["lai-thieu", "thuan-an"]):
        steps = plan_of(wiring, partial(_search, offices=offices, state=state))
        assert any("ix_messages_state (state=?" in step for step in steps), "\n".join(steps)


def test_a_search_in_time_reads_no_message_of_another_time(wiring: Wiring) -> None:
    now = wiring.clock.now()
    steps = plan_of(wiring, lambda s: _search(s, ["lai-thieu"], since=now, until=now))
    assert any("(office_id=? AND id>? AND id<?)" in step for step in steps), "\n".join(steps)


def _search(session: Session, offices: list[str], **wanted: Any) -> object:
    nothing = dict.fromkeys(("case", "state", "since", "until", "before"))
    return reading.page(session, offices=offices, limit=9, **{**nothing, **wanted})


def test_an_action_is_found_in_the_audit_log_by_an_index(wiring: Wiring) -> None:
    for offices in (["a"], ["a", "b"]):
        steps = plan_of(
            wiring,
            partial(audit.page, offices=offices, everywhere=True, action="x", limit=9),
        )
        assert any("ix_audit_action (action=?" in step for step in steps), "\n".join(steps)


def test_what_needs_a_person_is_found_by_an_index(wiring: Wiring) -> None:
    now = wiring.clock.now()
    for asked in (
        lambda s: attention.groups(s, ["lai-thieu"], now=now),
        lambda s: attention.count(s, ["lai-thieu"], now=now, most=9),
        lambda s: attention.page(s, ["lai-thieu"], now=now, reason=None, before=None, limit=9),
    ):
        steps = plan_of(wiring, asked)
        for index in ("ix_messages_attention", "ix_messages_unreached"):
            assert any(index in step for step in steps), "\n".join(steps)

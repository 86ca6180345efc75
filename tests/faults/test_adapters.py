"""How bad weather is judged, by cases."""

import pytest

from tests.faults.adapters import Carried, judge
from tests.faults.world import Row, Told


def told(
    case: str, state: str, *outcomes: str, flagged: bool = False, reason: str | None = None
) -> Told:
    return Told(f"msg_{case}", f"DRILL-{case}", state, reason, flagged, (0.0,), outcomes)


def row(case: str) -> Row:
    return Row("1", "+84912000000", f"UBND: ho so DRILL-{case} da co ket qua.", 0.0)


SENT = told("1", "delivered", "deferred", "accepted")
JUDGED: list[tuple[str, list[Told], list[Row], list[str]]] = [
    ("told and there", [SENT], [row("1")], []),
    ("unknown with its attempt, there", [told("1", "unknown", "unknown")], [row("1")], []),
    ("unknown with its attempt, not there", [told("1", "unknown", "unknown")], [], []),
    ("said to be sent, and not there", [SENT], [row("2")], ["lost: msg_1"]),
    ("twice there", [SENT], [row("1")] * 2, ["doubled silently: msg_1"]),
    (
        "twice there, and flagged",
        [told("1", "sent", "unknown", "accepted", flagged=True)],
        [row("1")] * 2,
        [],
    ),
    ("unknown without a reason to be", [told("1", "unknown")], [], ["untold: msg_1"]),
    ("still on its way", [told("1", "queued", "deferred")], [], ["untold: msg_1"]),
    ("failed", [told("1", "failed", "rejected")], [], ["untold: msg_1"]),
    ("not there at all", [], [], ["missing: 1"]),
]


@pytest.mark.parametrize(
    ("_what", "messages", "rows", "failures"), JUDGED, ids=[one[0] for one in JUDGED]
)
def test_a_message_is_told_or_unknown_with_its_attempt_and_on_one_phone_once(
    _what: str, messages: list[Told], rows: list[Row], failures: list[str]
) -> None:
    found = judge("esms", messages, rows, posted=1, took_s=1.0)
    assert isinstance(found, Carried)
    assert list(found.failures) == failures
    assert found.line().count("|") == 11

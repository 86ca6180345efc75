import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateways.simulator.ledger import Ledger, Search
from gateways.simulator.rows import Fate, Order, Row, Status, seq_of_id, seq_of_sid, sid

_FATE = Fate(sent_at=10.0, final_at=20.0, final=Status.DELIVERED)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path)
    yield ledger
    ledger.close()


def _take(ledger: Ledger, *, to: str = "+84912345678", at: float = 5.0, fate: Fate = _FATE) -> Row:
    async def inside() -> Row:
        order = Order(to, "UBND", "xin chào", "att_1", "")
        row = ledger.take("twilio", order, segments=1, at=at, fate=fate)
        assert ledger.group is not None
        await ledger.group.wait()
        return row

    return asyncio.run(inside())


def test_rows_read_back_as_they_were_written_by_a_later_life(tmp_path: Path) -> None:
    first = Ledger(tmp_path)
    silent = Fate(sent_at=10.0, final_at=10.0, final=None)
    rows = [_take(first), _take(first, fate=silent)]
    first.close()
    second = Ledger(tmp_path)
    assert second.page(to="", reference="", after=0, limit=10) == rows
    second.close()


def test_ids_rise_across_lives_even_when_the_ledger_is_empty(tmp_path: Path) -> None:
    ids = []
    for _ in range(3):
        ledger = Ledger(tmp_path)
        ids += [_take(ledger).id for _ in range(5)]
        ledger.empty()
        ledger.close()
    assert ids == sorted(set(ids))


def test_ids_carry_their_sequence_number(ledger: Ledger) -> None:
    row = _take(ledger)
    assert seq_of_id(row.id) == row.seq
    assert seq_of_sid(row.sid) == row.seq
    forged = row.sid[:-1] + ("0" if row.sid[-1] != "0" else "1")
    assert seq_of_sid(forged) is None
    assert seq_of_id("sms_12") is None
    assert seq_of_id("sms_-00000000000001f") is None
    assert seq_of_id("sms_7fffffffffffffff") == (1 << 63) - 1
    assert seq_of_id("sms_8000000000000000") is None
    assert seq_of_sid(sid("SM", 1 << 63)) is None
    assert seq_of_id(f"msg_{row.seq:016x}") is None


def test_emptying_hides_rows_and_forgets_nothing(ledger: Ledger) -> None:
    row = _take(ledger)
    ledger.empty()
    assert ledger.page(to="", reference="", after=0, limit=10) == []
    assert ledger.newest(10) == []
    assert ledger.referenced("twilio", "att_1") == row
    assert ledger.known("twilio", row.seq) == row
    assert ledger.last_to("+84912345678") == row
    later = _take(ledger)
    assert ledger.page(to="", reference="", after=0, limit=10) == [later]


def test_a_search_goes_by_every_filter(ledger: Ledger) -> None:
    rows = [
        _take(ledger, to=to, fate=replace(_FATE, sent_at=sent_at))
        for to, sent_at in (("+8490", 1), ("+8491", 2), ("+8490", 3))
    ]
    newest_first = rows[::-1]
    search = ledger.search
    assert search("twilio", Search(), 10) == newest_first
    assert search("twilio", Search(), 2) == newest_first[:2]
    assert search("simulator", Search(), 10) == []
    assert search("twilio", Search(to="+8490"), 10) == [rows[2], rows[0]]
    assert search("twilio", Search(sender="other"), 10) == []
    assert search("twilio", Search(since=2, until=3), 10) == [rows[1]]
    assert search("twilio", Search(before=rows[1].seq), 10) == [rows[0]]
    assert search("twilio", Search(after=rows[0].seq), 1) == [rows[1]]


def test_a_status_is_what_time_has_made_of_it(ledger: Ledger) -> None:
    row = _take(ledger)
    assert [row.status(at) for at in (9.9, 10.0, 19.9, 20.0)] == [
        Status.ACCEPTED,
        Status.SENT,
        Status.SENT,
        Status.DELIVERED,
    ]


def test_receipts_still_due_at_a_kill_are_found_again(ledger: Ledger) -> None:
    _take(ledger, at=10.0, fate=Fate(11.0, 12.0, Status.DELIVERED))
    due = _take(ledger, at=100.0, fate=Fate(101.0, 102.0, Status.DELIVERED))
    assert ledger.unfinished(3.0) == [due]


def test_nothing_of_a_phone_or_text_shows_in_a_repr(ledger: Ledger) -> None:
    shown = repr(_take(ledger))
    assert "912345678" not in shown
    assert "chào" not in shown

"""Failover: gateway A dies in one way or another, B carries on; A comes back, without a storm.

A is the simulator's own dialect, which deduplicates by our reference; B is Twilio. Events come at a
steady pace. What counts are messages whose first attempt began after the breaker opened: how long
they took from their event to B.
"""

import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from notifier.bench.figures import percentile_ms
from tests.drills import town
from tests.faults import world

_P99_S = 5.0
_A, _B = "simulator", "twilio"
_OFFICES = ("lai-thieu", "thuan-an")
_WELL = {"latency_ms": 100}
_STORM = 20  # what four calls at once, the breaker's first step, take in half a second of that

WAYS: Mapping[str, Mapping[str, Any]] = {
    "refused": {"faults": [{"kind": "refuse"}]},
    "503": {"faults": [{"kind": "http_503"}]},
    "time-out": {"faults": [{"kind": "timeout_before"}]},
    "hanging 429": {"faults": [{"kind": "http_429"}], "latency_ms": 5000},
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What one way of dying did."""

    way: str
    messages: int
    opened_s: float  # after A died
    p99_s: float
    before: int  # calls to A begun between its death and that: each may have become unknown
    probes: int  # new messages tried at A while it was open
    back_s: float  # from A's recovery to the first message it took
    first_half_second: int  # messages that A took in the first half second after that
    lost: int
    doubled: int
    failures: Sequence[str]

    def line(self) -> str:
        cells = [
            self.way,
            str(self.messages),
            f"{self.opened_s:.1f} s",
            f"{self.p99_s:.2f} s",
            str(self.before),
            str(self.probes),
            f"{self.back_s:.1f} s",
            str(self.first_half_second),
            str(self.lost),
            str(self.doubled),
        ]
        return f"| {' | '.join(cells)} |"


HEAD = (
    "| A dies by | messages | breaker opened after | p99 from event to B after that"
    " | calls to A before that | probes | A carries again after | in its first half second"
    " | lost | doubled silently |\n" + "|---" * 10 + "|"
)


def run(way: str, *, per_s: int, healthy_s: int, dead_s: int, back_s: int) -> Figures:
    """Let A be well, die and come back, and judge by the phones."""
    with town.town({"BAOTIN_GATEWAY": f"{_A},{_B}"}) as ours:
        where = ours.stage
        control = f"{where.simulator}/sim/behaviour/{_A}"
        where.ask("PUT", control, body=_WELL)
        posting = _Posting(ours, per_s)
        posting.start()
        time.sleep(healthy_s)
        where.ask("PUT", control, body=WAYS[way])
        died_at = time.time()
        opened_at = _opened(ours, within_s=dead_s)
        time.sleep(max(0.0, died_at + dead_s - time.time()))
        where.ask("PUT", control, body=_WELL)
        healed_at = time.time()
        time.sleep(back_s)
        posted = posting.end()
        phones = town.Phones(where)
        missing = phones.await_all(set(posted), within_s=60)
        return _judge(way, ours, posted, phones, missing, (died_at, opened_at, healed_at))


class _Posting(threading.Thread):
    def __init__(self, ours: town.Town, per_s: int) -> None:
        super().__init__()
        self._ours = ours
        self._per_s = per_s
        self._over = threading.Event()
        self._posted: dict[str, float] = {}

    def run(self) -> None:
        began = time.time()
        number = 0
        while not self._over.is_set():
            time.sleep(max(0.0, began + number / self._per_s - time.time()))
            self._posted[town.phone(number)] = time.time()
            office = _OFFICES[number % len(_OFFICES)]
            town.post(self._ours.stage, [town.event(number, office)])
            number += 1

    def end(self) -> dict[str, float]:
        self._over.set()
        self.join()
        return self._posted


def _opened(ours: town.Town, *, within_s: float) -> float:
    """When the breaker of A opened: of what happened, the one thing that no phone knows."""
    ends = time.monotonic() + within_s
    with closing(sqlite3.connect(f"file:{ours.database}?mode=ro", uri=True)) as database:
        while time.monotonic() < ends:
            row = database.execute(
                "SELECT opened_at FROM gateway_breakers WHERE gateway = ?", (_A,)
            ).fetchone()
            if row and row[0]:
                return float(row[0]) / 1_000_000
            time.sleep(0.05)
    return float("inf")


def _judge(
    way: str,
    ours: town.Town,
    posted: Mapping[str, float],
    phones: town.Phones,
    missing: set[str],
    instants: tuple[float, float, float],
) -> Figures:
    died_at, opened_at, healed_at = instants
    told = world.messages(ours.stage.api, ours.stage.key)
    began = [
        at
        for one in told
        for at, name in zip(one.attempts, one.gateways, strict=True)
        if name == _A
    ]
    before = sum(died_at < at <= opened_at for at in began)
    probes = sum(opened_at < at < healed_at for at in began)
    flagged = {town.phone(town.number_of(one.case)) for one in told if one.possible_double}
    first = {sms.to: sms for sms in reversed(phones.all)}
    first_tried = {town.phone(town.number_of(m.case)): min(m.attempts) for m in told if m.attempts}
    took = [
        first[to].at - at
        for to, at in posted.items()
        if to in first and opened_at < first_tried.get(to, 0.0) < healed_at
    ]
    taken_by_a = sorted(sms.at for sms in phones.all if sms.gateway == _A and sms.at > healed_at)
    back_at = taken_by_a[0] if taken_by_a else float("inf")
    soon = sum(one < back_at + 0.5 for one in taken_by_a)
    twice = len(set(phones.doubled()) - flagged)
    p99_s = percentile_ms(took, 0.99) / 1000 if took else float("inf")
    failures = []
    if p99_s > _P99_S:
        failures.append(f"p99 is {p99_s:.1f} s")
    if missing:
        failures.append(f"{len(missing)} messages did not come")
    if twice:
        failures.append(f"{twice} doubled silently")
    if soon > _STORM:
        failures.append(f"A took {soon} messages in its first half second")
    return Figures(
        way=way,
        messages=len(posted),
        opened_s=opened_at - died_at,
        p99_s=p99_s,
        before=before,
        probes=probes,
        back_s=back_at - healed_at,
        first_half_second=soon,
        lost=len(missing),
        doubled=twice,
        failures=[f"{way}: {one}" for one in failures],
    )

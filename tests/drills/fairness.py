"""Fairness: one office posts 20,000 bulk events at once; another's messages do not wait for them.

The gateway takes 50 messages a second, so the backlog lasts for minutes. Meanwhile the other
office posts one urgent and one normal event a second.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from notifier.bench.figures import percentile_ms
from tests.drills import town

_URGENT_WITHIN_S = 2.0
_NORMAL_WITHIN_S = 10.0
_PER_SECOND = 50
_AT_ONCE = 1000
_OTHERS = 1_000_000  # numbers of the other office's events


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds from an event's posting to the gateway."""

    backlog: int  # bulk messages that still waited at the end
    urgent_s: Sequence[float]
    normal_s: Sequence[float]
    failures: Sequence[str]

    def lines(self) -> list[str]:
        return [
            f"{name}: {len(took)} messages, median {percentile_ms(took, 0.5) / 1000:.2f} s, "
            f"slowest {max(took):.2f} s (at most {most:.0f} s)"
            for name, took, most in (
                ("urgent", self.urgent_s, _URGENT_WITHIN_S),
                ("normal", self.normal_s, _NORMAL_WITHIN_S),
            )
            if took
        ] + [f"bulk messages of the other office still waiting: {self.backlog:,}"]


def run(*, bulk: int, seconds: int) -> Figures:
    """Post and measure for so many seconds."""
    with town.town({"BAOTIN_SIMULATOR_PER_SECOND": str(_PER_SECOND)}) as ours:
        where = ours.stage

        def flood() -> None:
            for first in range(0, bulk, _AT_ONCE):
                some = range(first, min(first + _AT_ONCE, bulk))
                town.post(where, [town.event(n, "thuan-an", "bulk") for n in some])

        flooding = threading.Thread(target=flood)
        flooding.start()
        posted: dict[str, tuple[str, float]] = {}
        began = time.time()
        for second in range(seconds):
            time.sleep(max(0.0, began + second - time.time()))
            for place, priority in enumerate(("urgent", "normal")):
                number = _OTHERS + 2 * second + place
                posted[town.phone(number)] = (priority, time.time())
                town.post(where, [town.event(number, "lai-thieu", priority)])
        flooding.join()
        phones = town.Phones(where)
        missing = phones.await_all(set(posted), within_s=_NORMAL_WITHIN_S + 5)
        took: dict[str, list[float]] = {"urgent": [], "normal": []}
        for sms in phones.all:
            if sms.to in posted:
                priority, at = posted[sms.to]
                took[priority].append(sms.at - at)
        failures = [f"{len(missing)} messages did not come"] if missing else []
        for priority, most in (("urgent", _URGENT_WITHIN_S), ("normal", _NORMAL_WITHIN_S)):
            late = [one for one in took[priority] if one > most]
            if late:
                failures.append(f"{len(late)} {priority} messages took over {most:.0f} s")
        if twice := phones.doubled():
            failures.append(f"{len(twice)} phones have an SMS twice")
        backlog = bulk + len(posted) - len(phones.all)
        return Figures(backlog, took["urgent"], took["normal"], failures)

"""Limits: ten times the quota is posted; the provider is not called while it asks to wait.

Once with the account's rate known to us (`per_second`): it is kept, and used up. Once with a rate
that nobody told us: each 429 says how long to wait, which is kept by all workers, and tells the
rate by and by. The simulator plays the provider, and counts who calls while it asks to wait.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tests.drills import town

_GATEWAY = "simulator"
_TIMES = 10
_OFF_BY = 0.05
_OFF_BY_UNTOLD = 0.1  # it must be found out, and the wait after each 429 is lost
_SLACK = 1  # a second of ours does not begin with the provider's


@dataclass(frozen=True, slots=True)
class Figures:
    """What the provider saw."""

    known: bool
    quota: int
    posted: int
    taken: int
    refused: int
    impatient: int  # calls while the provider wanted none
    per_s: float  # from the first message taken to the last
    failures: Sequence[str]

    def line(self) -> str:
        return (
            f"rate {'known' if self.known else 'unknown'} to us, quota {self.quota}/s, "
            f"{self.posted:,} messages posted at {_TIMES} times that: {self.taken:,} taken at "
            f"{self.per_s:.1f}/s, {self.refused} answered 429, "
            f"{self.impatient} calls inside a Retry-After window"
        )


def run(*, known: bool, quota: int, seconds: int) -> Figures:
    """Post for so many seconds, wait until all is taken, and judge."""
    told = quota - _SLACK if known else 0
    with town.town({"BAOTIN_SIMULATOR_PER_SECOND": str(told)}) as ours:
        where = ours.stage
        where.ask("PUT", f"{where.simulator}/sim/behaviour/{_GATEWAY}", body={"per_s": quota})
        posted = _post(ours, quota * _TIMES, seconds)
        phones = town.Phones(where)
        missing = phones.await_all(posted, within_s=3 * len(posted) / quota + 60)
        counted = json.loads(where.ask("GET", f"{where.simulator}/sim/quota/{_GATEWAY}"))
    instants = [sms.at for sms in phones.all]
    per_s = (len(instants) - 1) / (instants[-1] - instants[0]) if len(instants) > 1 else 0.0
    failures = []
    if missing:
        failures.append(f"{len(missing)} messages were not delivered")
    if twice := phones.doubled():
        failures.append(f"{len(twice)} phones have an SMS twice")
    if counted["impatient"]:
        failures.append(f"{counted['impatient']} calls inside a Retry-After window")
    if abs(per_s / quota - 1) > (_OFF_BY if known else _OFF_BY_UNTOLD):
        failures.append(f"{per_s:.1f}/s is too far off {quota}/s")
    return Figures(
        known,
        quota,
        len(posted),
        len(instants),
        counted["refused"],
        counted["impatient"],
        per_s,
        failures,
    )


def _post(ours: town.Town, per_s: int, seconds: int) -> set[str]:
    began, posted = time.time(), set[str]()
    for second in range(seconds):
        time.sleep(max(0.0, began + second - time.time()))
        some = range(second * per_s, (second + 1) * per_s)
        town.post(ours.stage, [town.event(number, "lai-thieu") for number in some])
        posted |= {town.phone(number) for number in some}
    return posted

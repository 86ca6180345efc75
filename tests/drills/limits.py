"""Limits: ten times the quota is posted; the provider is not called while it asks to wait.

Once with the account's rate known to us (`per_second`): it is kept, and used up. Once with a rate
that nobody told us: each 429 says how long to wait, and that is kept by all workers.
"""

import socket
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.drills import toll, town

_TIMES = 10
_WAIT_S = 2
_OFF_BY = 0.05

_FILE = """
route = ["tolled"]

[gateways.tolled]
adapter = "simulator"
base_url = "{url}"
token = {{ env = "BAOTIN_SIMULATOR_TOKEN" }}
webhook_secret = {{ env = "BAOTIN_SIMULATOR_TOKEN" }}
per_second = "{per_second}"
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the provider saw."""

    known: bool
    quota: int
    posted: int
    passed: int
    refused: int
    violations: int  # calls while the provider wanted none
    per_s: float  # from the first call to the last
    failures: Sequence[str]

    def lines(self) -> list[str]:
        return [
            f"rate {'known' if self.known else 'unknown'} to us, quota {self.quota}/s, "
            f"{self.posted:,} messages posted at {_TIMES} times that: "
            f"{self.passed:,} taken at {self.per_s:.1f}/s, {self.refused} answered 429, "
            f"{self.violations} calls inside a Retry-After window"
        ]


def run(*, known: bool, quota: int, seconds: int) -> Figures:
    """Post for so many seconds, wait until all is delivered, and judge."""
    behind = _free_port()
    gate = toll.Toll(f"http://127.0.0.1:{behind}", quota=quota, wait_s=_WAIT_S)
    with (
        tempfile.TemporaryDirectory(prefix="baotin-limits-") as folder,
        toll.running(gate, 0) as url,
    ):
        described = Path(folder) / "gateways.toml"
        # Told one less: the provider's second and ours do not begin together.
        rate = str(quota - 1) if known else "0"
        described.write_text(_FILE.format(url=url, per_second=rate))
        env = {
            "BAOTIN_GATEWAYS_FILE": str(described),
            "BAOTIN_SIMULATOR_TOKEN": "drill-token-of-the-limits",
            "BAOTIN_SIMULATOR_BASE_URL": f"http://127.0.0.1:{behind}",
        }
        with town.town(env) as ours:
            posted = _post(ours, quota * _TIMES, seconds)
            phones = town.Phones(ours.stage)
            patience = 2 * len(posted) / quota * (1 if known else 3) + 60
            missing = phones.await_all(posted, within_s=patience)
            twice = phones.doubled()
    took = gate.passed[-1] - gate.passed[0] if len(gate.passed) > 1 else 1.0
    per_s = (len(gate.passed) - 1) / took
    failures = []
    if missing:
        failures.append(f"{len(missing)} messages were not delivered")
    if twice:
        failures.append(f"{len(twice)} phones have an SMS twice")
    if gate.violations:
        failures.append(f"{gate.violations} calls inside a Retry-After window")
    if known and abs(per_s / quota - 1) > _OFF_BY:
        failures.append(f"{per_s:.1f}/s is not within 5 % of {quota}/s")
    return Figures(
        known, quota, len(posted), len(gate.passed), gate.refused, gate.violations, per_s, failures
    )


def _post(ours: town.Town, per_s: int, seconds: int) -> set[str]:
    began, posted = time.time(), set[str]()
    for second in range(seconds):
        time.sleep(max(0.0, began + second - time.time()))
        some = range(second * per_s, (second + 1) * per_s)
        town.post(ours.stage, [town.event(number, "lai-thieu") for number in some])
        posted |= {town.phone(number) for number in some}
    return posted


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port

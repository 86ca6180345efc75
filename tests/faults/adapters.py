"""`python -m tests.faults.adapters`: each adapter in turn carries the demo through bad weather.

Its provider answers every tenth hand-over with 503, every tenth with 429, and lets one in twenty
time out after it took the message. Held against the ledger: no message is lost, none is doubled
without being flagged, and what nobody could find out stands as unknown with its attempt.
"""

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click

from config.gateways import variable
from gateways import registry
from notifier.bench import stage
from notifier.bench.stage import Stage
from tests.faults import world
from tests.faults.world import Row, Told

WEATHER: Mapping[str, float] = {"http_503": 0.10, "http_429": 0.10, "timeout_after": 0.05}
_AT_ONCE = 50  # events a request
_UNDER_WAY = frozenset({"queued", "sending"})
_HANDED_OVER = frozenset({"sent", "delivered", "undelivered"})
_SETTLES_WITHIN_S = 300.0
_STILL_FOR_S = 20.0  # unknowns that nobody finds out by then stay so
_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of one adapter's messages."""

    gateway: str
    messages: int
    took_s: float
    states: Mapping[str, int]
    outcomes: Mapping[str, int]  # of attempts
    flagged: int  # as a possible double
    lost: tuple[str, ...] = ()  # said to be handed over, and no phone has it
    doubled: tuple[str, ...] = ()  # twice on a phone, and not flagged
    untold: tuple[str, ...] = ()  # neither told, nor unknown with an unknown attempt
    missing: int = 0  # posted, and not there at all
    failures: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        found = [
            f"{name}: {', '.join(ids[:5])}"
            for name, ids in (
                ("lost", self.lost),
                ("doubled silently", self.doubled),
                ("untold", self.untold),
            )
            if ids
        ]
        found += [f"missing: {self.missing}"] if self.missing else []
        object.__setattr__(self, "failures", tuple(found))

    def line(self) -> str:
        """One row of the table in docs/reliability.md."""
        shown = [
            self.gateway,
            str(self.messages),
            str(sum(self.states.get(state, 0) for state in _HANDED_OVER)),
            str(self.states.get("unknown", 0)),
            *(str(self.outcomes.get(name, 0)) for name in ("deferred", "unknown")),
            str(self.flagged),
            str(len(self.lost)),
            str(len(self.doubled)),
            f"{self.took_s:.0f} s",
        ]
        return f"| {' | '.join(shown)} |"


HEAD = (
    "| adapter | messages | handed over | unknown | attempts deferred | attempts unknown"
    " | flagged | lost | doubled silently | took |\n" + "|---" * 10 + "|"
)


def judge(
    gateway: str, told: Sequence[Told], rows: Sequence[Row], *, posted: int, took_s: float
) -> Carried:
    """Hold what the product says against what the phones have; one message to a phone."""
    by_text = Counter(_case_of(row.text) for row in rows)
    lost, doubled, untold = [], [], []
    for one in told:
        taken = by_text[one.event_id]
        if one.state in _HANDED_OVER and not taken:
            lost.append(one.id)
        if taken > 1 and not one.possible_double:
            doubled.append(one.id)
        unknown = one.state == "unknown" and one.outcomes[-1:] == ("unknown",)
        if one.state not in _HANDED_OVER and not unknown:
            untold.append(one.id)
    return Carried(
        gateway=gateway,
        messages=posted,
        took_s=took_s,
        states=world.states(told),
        outcomes=dict(Counter(str(name) for one in told for name in one.outcomes)),
        flagged=sum(one.possible_double for one in told),
        lost=tuple(lost),
        doubled=tuple(doubled),
        untold=tuple(untold),
        missing=posted - len(told),
    )


def _case_of(text: str) -> str:
    """The case code in what a phone shows; it is the event's id as well."""
    return next((word for word in text.split() if word.startswith("DRILL-")), "")


def _event(number: int) -> dict[str, object]:
    code = f"DRILL-{number:06}"
    return {
        "id": code,
        "type": "result_ready",
        "occurred_at": "2026-11-24T09:00:00+07:00",
        "case": {"code": code, "office": "lai-thieu", "channel": "counter"},
        "recipient": {"phone": f"+8491{2_000_000 + number:07}"},
        "data": {"noi_nhan": "Quầy 3"},
    }


def carry(where: Stage, gateway: str, count: int) -> Carried:
    """Post the events into the weather, wait until nothing moves, and judge."""
    faults = [{"kind": kind, "share": share} for kind, share in WEATHER.items()]
    url = f"{where.simulator}/sim/behaviour/{gateway}"
    where.ask("PUT", url, body={"faults": faults, "seed": 1})
    began = time.monotonic()
    headers = {"Authorization": f"Bearer {where.key}", "Content-Type": "application/json"}
    for first in range(0, count, _AT_ONCE):
        events = [_event(number) for number in range(first, min(first + _AT_ONCE, count))]
        reply = where.http.request(
            "POST", f"{where.api}/v1/events", body=json.dumps({"events": events}), headers=headers
        )
        assert reply.status == 202, reply.status
    settled_at = _settle(where)
    told = world.messages(where.api, where.key)
    rows = world.ledger(where.simulator)
    return judge(gateway, told, rows, posted=count, took_s=settled_at - began)


def _settle(where: Stage) -> float:
    """When the last message moved: nothing is due, and what is unknown has stood still."""
    ends = time.monotonic() + _SETTLES_WITHIN_S
    still_since, before = time.monotonic(), dict[str, int]()
    while time.monotonic() < ends:
        counts = {
            state: count
            for state, count in world.unsettled(where.api, where.key).items()
            if state in _UNDER_WAY or state == "unknown"
        }
        if counts != before:
            still_since, before = time.monotonic(), counts
        if not counts:
            break
        busy = _UNDER_WAY & counts.keys()
        if not busy and time.monotonic() - still_since > _STILL_FOR_S:
            break
        time.sleep(_LOOK_EVERY_S)
    return still_since


@click.command()
@click.argument("names", nargs=-1)
@click.option("--events", default=400, show_default=True, help="Events for each adapter.")
@click.option("--json", "as_json", type=click.Path(path_type=Path), help="Write the figures there.")
def main(names: tuple[str, ...], events: int, as_json: Path | None) -> None:
    """Let the adapters NAMES, or all, carry the demo through bad weather.

    Example: python -m tests.faults.adapters esms twilio
    """
    carried = []
    click.echo(HEAD)
    for name in names or registry.names():
        with tempfile.TemporaryDirectory(prefix="baotin-adapters-") as folder:
            env = {key: value for key, value in os.environ.items() if not key.startswith("BAOTIN_")}
            env |= {"BAOTIN_GATEWAY": name, variable(name, "per_second"): "0"}
            with stage.running(Path(folder), env) as where:
                carried.append(carry(where, name, events))
        click.echo(carried[-1].line())
        for failure in carried[-1].failures:
            click.echo(f"{name}: {failure}", err=True)
    if as_json:
        as_json.write_text(json.dumps([asdict(one) for one in carried], indent=2))
    sys.exit(any(one.failures for one in carried))


if __name__ == "__main__":
    main()

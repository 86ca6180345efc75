"""Failover at five messages an hour: gateway A dies, B carries on, A comes back; a day in a minute.

The clock is moved on by twelve minutes between two messages, in steps with a sweep and a send job
at each. Calls to gateways take real time.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from notifier.bench.figures import percentile_ms
from notifier.domain.alerts import AlertKind
from notifier.services.views import MessageView
from notifier.store import alerts
from tests.drills import town
from tests.drills.place import Place, running

# When something is looked at between two messages: soon after each, and then now and then.
_STEPS = tuple(timedelta(seconds=step) for step in (1, 6, 15, 98, 600))
_ALIVE, _BACK = 3, 14  # messages before A dies, and after it is back: over two hours
_MOST_UNKNOWN = 3
_P99_S = 5.0

# How A dies, and its deadline: what takes seconds under load is cut short here.
WAYS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "refused": ({"faults": [{"kind": "refuse"}]}, "5"),
    "503": ({"faults": [{"kind": "http_503"}]}, "5"),
    "time-out": ({"faults": [{"kind": "timeout_before"}]}, "1"),
    "hanging 429": ({"faults": [{"kind": "http_429"}], "latency_ms": 2500}, "5"),
}
# One that is given the same request again, and one that is asked what became of it.
PAIRS = (("simulator", "twilio"), ("twilio", "simulator"))

HEAD = (
    "| A | dies by | messages, of them while A was dead | failed at A, then it was open"
    " | unknown at A before that | probes with a new message | p99 from event to B after that"
    " | the first that A takes again | lost | doubled silently |\n" + "|---" * 10 + "|"
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one way of dying did to one kind of gateway."""

    gateway: str
    way: str
    messages: int
    dead: int
    failed: int  # messages that failed at A before the breaker opened
    unknown: int  # of them those whose outcome nobody knew
    probes: int
    p99_s: float  # machine seconds, of messages that went to B at once
    back: int | None  # counted from A's recovery
    lost: int
    doubled: int
    failures: Sequence[str]

    def line(self) -> str:
        cells = [
            self.gateway,
            self.way,
            f"{self.messages}, {self.dead}",
            str(self.failed),
            str(self.unknown),
            str(self.probes),
            f"{self.p99_s:.2f} s",
            f"number {self.back}" if self.back else "none",
            str(self.lost),
            str(self.doubled),
        ]
        return f"| {' | '.join(cells)} |"


@dataclass
class _Seen:
    """What was seen of the messages while it went on, by their numbers."""

    ids: list[str] = field(default_factory=list)
    posted_at: list[float] = field(default_factory=list)  # by the machine's clock
    failed: set[int] = field(default_factory=set)  # at A
    unknown: set[int] = field(default_factory=set)  # there
    opened: int | None = None  # so many messages were posted by then

    def look(self, place: Place, gateway: str) -> None:
        """Note how the last message fares at the gateway, and whether that is open."""
        number = len(self.ids) - 1
        for one in place.message(self.ids[-1]).attempts:
            if one.gateway == gateway and one.outcome != "accepted":
                self.failed.add(number)
                if one.outcome == "unknown" or one.code == "absent":
                    self.unknown.add(number)
        if self.opened is None:
            with place.wiring.sessions.read() as session:
                told = alerts.about_gateways(session)
            if (AlertKind.GATEWAY_FAILING, gateway) in told:
                self.opened = number + 1


def run(a: str, b: str, way: str, *, dead: int) -> Figures:
    """Let A be well, die for so many messages and come back, and judge by the phones."""
    behaviour, deadline_s = WAYS[way]
    options = {f"BAOTIN_{name.upper()}_DEADLINE_S": deadline_s for name in (a, b)}
    seen = _Seen()
    with running((a, b), options) as place:
        for number in range(_ALIVE + dead + _BACK):
            if number == _ALIVE:
                place.behave(a, behaviour)
            if number == _ALIVE + dead:
                place.behave(a, {})
            seen.posted_at.append(time.time())
            seen.ids.append(place.post(town.event(number, "lai-thieu")))
            place.send()
            seen.look(place, a)
            for step in _STEPS:
                place.pass_time(step)
                seen.look(place, a)
        return _judge(place, a, b, way, dead, seen)


def _judge(place: Place, a: str, b: str, way: str, dead: int, seen: _Seen) -> Figures:
    views = [place.message(message_id) for message_id in seen.ids]
    ledger = place.ledger()
    came = Counter(sms.to for sms in ledger)
    first = {sms.to: sms for sms in reversed(ledger)}
    opened, healed = seen.opened or len(views), _ALIVE + dead
    before = {number for number in seen.failed if number < opened}
    took = [
        first[town.phone(number)].at - seen.posted_at[number]
        for number in range(opened, healed)
        if views[number].attempts[0].gateway == b and town.phone(number) in first
    ]
    again = [n for n in range(healed, len(views)) if _first_at(views[n]) == (a, "accepted")]
    lost = sum(town.phone(number) not in came for number in range(len(views)))
    flagged = {town.phone(number) for number, view in enumerate(views) if view.possible_double}
    doubled = len({to for to, count in came.items() if count > 1} - flagged)
    unknown = len(before & seen.unknown)
    p99_s = percentile_ms(took, 0.99) / 1000 if took else float("inf")
    said = {
        "the breaker never opened": seen.opened is None,
        f"{unknown} messages were unknown at A before the breaker opened": unknown > _MOST_UNKNOWN,
        f"p99 is {p99_s:.1f} s": p99_s > _P99_S,
        "A carries nothing again": not again,
        f"{lost} messages did not come": lost > 0,
        f"{doubled} doubled silently": doubled > 0,
    }
    return Figures(
        gateway=a,
        way=way,
        messages=len(views),
        dead=dead,
        failed=len(before),
        unknown=unknown,
        probes=len([n for n in seen.failed if opened <= n < healed]),
        p99_s=p99_s,
        back=again[0] - healed + 1 if again else None,
        lost=lost,
        doubled=doubled,
        failures=[f"{a} {way}, 5 an hour: {what}" for what, so in said.items() if so],
    )


def _first_at(view: MessageView) -> tuple[str, str | None]:
    """The gateway that had the message first, and how that ended."""
    return view.attempts[0].gateway, view.attempts[0].outcome

"""The schedule of a drill: what is done to the installation, in which order, made from the seed."""

import random
from dataclasses import asdict, dataclass
from typing import Any

from tests.faults.probe import POINTS

_CLIENT_FAULTS: tuple[tuple[tuple[str, float], ...], ...] = (
    (("timeout_after", 0.3), ("timeout_before", 0.2)),
    (("reset", 0.4), ("http_429", 0.2)),
    (("http_500", 0.3), ("http_503", 0.3)),
    (("drip", 0.2), ("truncate", 0.2), ("garbage", 0.2)),
    (("http_429", 0.6),),
    (("refuse", 1.0),),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the nemesis does: `after_s` the step before it on its track."""

    after_s: float
    verb: str
    target: str = ""
    lasts_s: float = 0.0
    passing: int = 0
    faults: tuple[tuple[str, float], ...] = ()
    share: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The step without what it leaves at its default."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class Phase:
    """Tracks that run beside each other; the next phase begins when all of them ended."""

    name: str
    tracks: tuple[tuple[Step, ...], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole drill."""

    events: int
    posted_over_s: float
    phases: tuple[Phase, ...]
    settles_within_s: float


def full(seed: int, events: int) -> Plan:
    """The drill of `make faults`: about five minutes.

    After each storm there is a rest longer than stuck work may lie.
    """
    chance = random.Random(seed)  # noqa: S311 - a schedule that repeats
    rest = Phase("rest", ((Step(16, "rest"),),))
    volleys = [Phase("named points", (_points(chance, rounds=n),)) for n in (3, 2, 2)]
    storm = Phase("gateway and processes", (_gateway(chance), _processes(chance), _freezes(chance)))
    valkey = Phase("valkey", (_valkey(chance, away="hang" if seed % 2 else "dead", away_s=60),))
    everything = Phase("everything", ((Step(6, "kill_everything"), Step(16, "rest")),))
    calm = Phase("calm", ((Step(3, "rest"),),))
    phases = [calm]
    for phase in (*volleys, storm):
        phases += [phase, rest]
    return Plan(events, 270, (*phases, valkey, everything), settles_within_s=90)


def small(seed: int, events: int) -> Plan:
    """A drill for every test run: each named point once, Valkey's file cut, a bad gateway."""
    chance = random.Random(seed)  # noqa: S311 - a schedule that repeats
    spoilt = Step(0.5, "gateway", lasts_s=3, faults=(("reset", 0.3), ("http_500", 0.3)))
    phases = (
        Phase("named points", (_points(chance, rounds=1),)),
        Phase("valkey and gateway", ((Step(0.5, "valkey_cut", share=0.5),), (spoilt,))),
    )
    return Plan(events, posted_over_s=20, phases=phases, settles_within_s=90)


def _points(chance: random.Random, rounds: int) -> tuple[Step, ...]:
    steps = []
    for _ in range(rounds):
        for point in chance.sample(POINTS, len(POINTS)):
            after_s = chance.uniform(0.2, 0.6)
            steps.append(Step(after_s, "kill_at", point, passing=chance.randint(1, 2)))
    return tuple(steps)


def _gateway(chance: random.Random) -> tuple[Step, ...]:
    return tuple(
        Step(chance.uniform(1.0, 2.0), "gateway", lasts_s=6, faults=faults)
        for faults in chance.sample(_CLIENT_FAULTS, len(_CLIENT_FAULTS))
    )


def _processes(chance: random.Random) -> tuple[Step, ...]:
    roles = ["worker"] * 4 + ["second"] * 4 + ["upkeep"] * 4 + ["scheduler"] * 4 + ["api"] * 5
    chance.shuffle(roles)
    return tuple(Step(chance.uniform(1.0, 3.0), "kill", role) for role in roles)


def _freezes(chance: random.Random) -> tuple[Step, ...]:
    """Longer than a lease: the other worker goes on, and the frozen one wakes up to find that."""
    where = ["worker", "second", "before_call"]
    chance.shuffle(where)
    return tuple(
        Step(1.0, "freeze_at" if place in POINTS else "freeze", place, lasts_s=14, passing=1)
        for place in where
    )


def _valkey(chance: random.Random, *, away: str, away_s: float) -> tuple[Step, ...]:
    verbs = ["kill", "cut", "cut", "garble", "delete", "flush"]
    chance.shuffle(verbs)
    short = [
        Step(chance.uniform(2.5, 3.5), f"valkey_{verb}", share=chance.uniform(0.05, 0.95))
        for verb in verbs
    ]
    return (*short, Step(3.0, f"valkey_{away}", lasts_s=away_s))

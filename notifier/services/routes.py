"""Offices' routes: shown, given, taken away, and why a message would go which way."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from redis import RedisError
from sqlalchemy.orm import Session

from config.gateways import OnUnknown
from gateways.base import Alphabet, Templates
from notifier import pacing
from notifier.domain import breaker, routing
from notifier.domain.breaker import HEALTHY, Breaker
from notifier.domain.people import Permission
from notifier.domain.routing import Route
from notifier.services import actors, audit
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.going_live import mobile
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring
from notifier.store import breakers, catalogue, claims, operators, pauses
from notifier.store import routes as rows
from notifier.store.pauses import Pause
from notifier.store.routes import RouteRow

log = structlog.get_logger(__name__)

DEFAULT = "default"  # who says it when no office does: all gateways in their order


@dataclass(frozen=True, slots=True)
class RouteView:
    """The route that holds for an office, and the office that says it, or `default`."""

    office: str
    said_by: str
    steps: tuple[Mapping[str, Any], ...]
    cheapest_first: bool
    on_unknown: str | None  # empty: as each gateway says


@dataclass(frozen=True, slots=True)
class NewRoute:
    """A route to give to an office, as people write it."""

    steps: Sequence[Mapping[str, Any]]
    cheapest_first: bool = False
    on_unknown: OnUnknown | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A message that may come."""

    office: str
    language: str
    encoding: str
    segments: int = 1
    operator: str | None = None
    phone: str | None = field(default=None, repr=False)  # whose operator is asked for instead


@dataclass(frozen=True, slots=True)
class Choice:
    """A gateway of the way, and whether the message would go there now, or why not."""

    gateway: str
    taken: bool
    why: str


@dataclass(frozen=True, slots=True)
class Way:
    """The gateways that a message would be tried at, in their order; `said_by` as for a route.

    Those of the route's other steps come last, each with the condition that passes them over.
    """

    office: str
    said_by: str
    choices: tuple[Choice, ...]
    operator: str | None = None  # the one asked about, or told of the phone; none: nobody told
    told_by: str | None = None  # the gateway that last told it
    told_at: datetime | None = None


def show(office_id: str, *, wiring: Wiring) -> RouteView:
    """The office's route, its own or inherited. Raises `NotFound`."""
    with wiring.sessions.read() as session:
        return _view(office_id, _with(office_id, wiring.catalogue.current(session)), wiring)


def give(office_id: str, new: NewRoute, *, by: Actor | None, wiring: Wiring) -> RouteView:
    """Give the office, and those below it that have none, this route.

    `by` is nobody for a command. Raises `ScopeMissing`, `NotFound` or `RouteError`.
    """
    _require(by)
    steps = routing.read_steps(new.steps, known=wiring.accounts.route)
    row = RouteRow(Route(steps, new.cheapest_first), new.on_unknown)
    with wiring.sessions.begin() as session:
        view = put(session, office_id, row, by=by, wiring=wiring)
    wiring.queue.ring_send()
    return view


def take_away(office_id: str, *, by: Actor | None, wiring: Wiring) -> RouteView:
    """Let the office have its parent's route. Raises `ScopeMissing` or `NotFound`."""
    _require(by)
    with wiring.sessions.begin() as session:
        view = put(session, office_id, None, by=by, wiring=wiring)
    wiring.queue.ring_send()
    return view


def put(
    session: Session, office_id: str, row: RouteRow | None, *, by: Actor | None, wiring: Wiring
) -> RouteView:
    """Give or take away in a transaction of the caller's, who knows that they may, and rings."""
    catalogue.changing(session)
    before = _view(office_id, _with(office_id, wiring.catalogue.fresh(session)), wiring)
    if row is None:
        rows.clear(session, office_id)
    else:
        rows.put(session, office_id, row)
    view = _changed(session, "route.given" if row else "route.taken_away", before, by, wiring)
    log.info("route_given" if row else "route_taken_away", office=office_id)
    return view


def preview(question: Question, *, wiring: Wiring, by: Actor | None = None) -> Way:
    """Which gateway such a message would be handed to now, and why.

    Raises `NotFound`, `BadFields` where the phone is no Vietnamese mobile number, or `ScopeMissing`
    where `by` may not see everybody's messages: what is known of a phone tells that it had some.
    """
    if by is not None and question.phone is not None:
        actors.require_everywhere(by, Permission.MESSAGES_READ)
    phone = wiring.hashes.phone(mobile(question.phone)) if question.phone else None
    with wiring.sessions.read() as session:
        known = _with(question.office, wiring.catalogue.current(session))
        now = wiring.sessions.now(session)
        paused = pauses.pauses(session, now=now)
        failing = breakers.breakers(session)
        told = operators.of(session, [phone]).get(phone) if phone else None
    if phone is not None:
        question = replace(question, operator=told.operator if told else None)
    own = known.route(question.office)
    way = _way(question, own[0].route if own else None, wiring)
    now_at = _State(now, paused, failing, _waits(wiring), wiring.accounts.route)
    choices: list[Choice] = []
    for name, share in way.items():
        why = _not_able(name, question, wiring) or now_at.shut(name)
        taken = why is None and not any(one.taken for one in choices)
        told_why = why or ("the first that can" if taken else "after it")
        if taken and (fails := now_at.fails(name)):
            told_why += f", as a probe: {fails}"
        if why is None and wiring.accounts[name].gateway.capabilities.templates is Templates.BY_ID:
            told_why += ", with words that are registered there"
        choices.append(Choice(name, taken, told_why + share))
    choices += _passed_over(own[0].route if own else None, question, choices)
    return Way(
        question.office,
        own[1] if own else DEFAULT,
        tuple(choices),
        question.operator,
        told.told_by if told else None,
        told.told_at if told else None,
    )


def _passed_over(
    route: Route | None, question: Question, choices: Sequence[Choice]
) -> list[Choice]:
    """The gateways that only steps for other messages name."""
    named = {one.gateway for one in choices}
    over: dict[str, Choice] = {}
    for step in route.steps if route else ():
        kinds = (("language", step.languages), ("encoding", step.encodings))
        conditions = [
            f"{kind} {', '.join(sorted(names))}"
            for kind, names in (*kinds, ("operator", step.operators))
            if names
        ]
        why = f"its step is for {' and '.join(conditions)}"
        if step.operators and question.operator is None:
            why += "; nobody told this phone's operator"
        for name in step.shares:
            if name not in named:
                over.setdefault(name, Choice(name, False, why))
    return list(over.values())


def _way(question: Question, route: Route | None, wiring: Wiring) -> Mapping[str, str]:
    """The way, and of each gateway what it shares with others.

    Where gateways share a step, the one with the greatest share comes first.
    """
    in_use = wiring.accounts.route
    if route is None:
        return dict.fromkeys(in_use, "")
    greatest_first = Route(
        tuple(
            replace(step, shares={name: 1})
            for step in route.steps
            for name in sorted(step.shares, key=lambda name: -step.shares[name])
        ),
        route.cheapest_first,
    )
    traits = routing.Traits("", question.language, question.encoding, question.operator)
    way = routing.way(greatest_first, traits, in_use=in_use, prices=wiring.accounts.prices)
    shared: dict[str, str] = {}
    for step in route.steps if not route.cheapest_first else ():
        shares = {name: share for name, share in step.shares.items() if name in in_use}
        if len(shares) > 1 and step.takes(traits):
            parts = sum(shares.values())
            for name, share in shares.items():
                shared.setdefault(name, f"; {share} of {parts} messages of its step")
    return {name: shared.get(name, "") for name in way}


def _waits(wiring: Wiring) -> Mapping[str, float]:
    """What providers asked for; nothing while Redis is away."""
    try:
        return pacing.waits(wiring.redis, wiring.accounts.route)
    except RedisError:
        return {}


def _not_able(name: str, question: Question, wiring: Wiring) -> str | None:
    account = wiring.accounts.get(name)
    if account is None:
        return "not in use"
    able = account.gateway.capabilities
    if Alphabet(question.encoding) not in able.alphabets:
        return f"cannot carry {question.encoding}"
    if question.segments > able.max_segments:
        return f"takes {able.max_segments} segments at most"
    return None


@dataclass(frozen=True, slots=True)
class _State:
    """What keeps messages from gateways now, as the workers share it."""

    now: datetime
    paused: Mapping[str, Pause]
    failing: Mapping[str, Breaker]
    waits: Mapping[str, float]
    in_use: Sequence[str]

    def shut(self, name: str) -> str | None:
        """Why the gateway takes nothing now, where it does not."""
        if (pause := self.paused.get(name)) is not None:
            return f"paused: {pause.reason}"
        if (seconds := self.waits.get(name, 0.0)) > 0:
            return f"asked to be let be for {seconds:.0f} s"
        state, longest = self._breaker(name), self._longest(name)
        if not state.is_open or breaker.may_probe(state, at=self.now, longest=longest):
            return None
        wait_s = (breaker.next_probe(state, longest=longest) - self.now).total_seconds()
        return f"{self.fails(name)}; tried again in {max(1, math.ceil(wait_s))} s"

    def fails(self, name: str) -> str:
        """Since when and why it fails, where it does."""
        state = self._breaker(name)
        if state.opened_at is None:
            return ""
        return f"failing for {(self.now - state.opened_at).total_seconds():.0f} s: {state.reason}"

    def _longest(self, name: str) -> timedelta:
        others = set(self.in_use) - self.paused.keys() - {name}
        return breaker.left_alone(map(self._breaker, others))

    def _breaker(self, name: str) -> Breaker:
        return self.failing.get(name, HEALTHY)


def _require(by: Actor | None) -> None:
    if by is not None:
        actors.require_everywhere(by, Permission.GATEWAYS_WRITE)


def _with(office_id: str, known: Known) -> Known:
    if office_id not in known.office_ids:
        raise NotFound(f"no office {office_id}")
    return known


def _view(office_id: str, known: Known, wiring: Wiring) -> RouteView:
    own = known.route(office_id)
    row, said_by = own or (RouteRow(routing.ordered(wiring.accounts.route), None), DEFAULT)
    steps = tuple(step.as_json() for step in row.route.steps)
    return RouteView(office_id, said_by, steps, row.route.cheapest_first, row.on_unknown)


def _changed(
    session: Session, action: str, before: RouteView, by: Actor | None, wiring: Wiring
) -> RouteView:
    """Note the change in the audit trail, and answer what holds now."""
    catalogue.changed(session)
    claims.look_again(session, now=wiring.sessions.now(session))
    after = _view(before.office, wiring.catalogue.fresh(session), wiring)
    audit.record(
        session,
        ids=wiring.ids,
        at=wiring.sessions.now(session),
        actor=by.id if by else audit.COMMAND,
        action=action,
        object_id=before.office,
        office=before.office,
        before=_told(before),
        after=_told(after),
    )
    return after


def _told(view: RouteView) -> dict[str, object]:
    return {
        "said_by": view.said_by,
        "steps": list(view.steps),
        "cheapest_first": view.cheapest_first,
        "on_unknown": view.on_unknown,
    }

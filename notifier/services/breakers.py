"""The gateways' breakers: what calls tell of them is kept for all workers, and a person is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from gateways.base import Accepted, Deferred, OutcomeUnknown, Rejected
from notifier.domain import breaker
from notifier.domain.alerts import AlertKind
from notifier.domain.breaker import HEALTHY, Answer, Breaker, Heard, Lately
from notifier.domain.clock import Clock
from notifier.domain.ids import IdSource
from notifier.store import alerts, claims
from notifier.store import breakers as rows
from notifier.store.engine import Sessions

log = structlog.get_logger(__name__)


def heard(
    result: Accepted | Rejected | Deferred | OutcomeUnknown, *, ms: int, is_probe: bool = False
) -> Heard:
    """What the end of a call says of its gateway."""
    match result:
        case Accepted():
            return Heard(Answer.GOOD, "", ms, is_probe)
        case Rejected() | Deferred(only_this=True):
            return Heard(Answer.GOOD, result.code, ms, is_probe)
        case Deferred(retry_after_s=float() | int()):
            return Heard(Answer.NOT_NOW, result.code, ms, is_probe)
        case Deferred() | OutcomeUnknown():
            return Heard(Answer.FAILED, result.code, ms, is_probe)


@dataclass(slots=True)
class Breakers:
    """One worker's view of all breakers. Written only when something fails, or had failed."""

    sessions: Sessions
    clock: Clock
    ids: IdSource
    _known: Mapping[str, Breaker] = field(default_factory=dict)
    _lately: dict[str, Lately] = field(default_factory=dict)

    def read(self, session: Session) -> None:
        """Learn what the other workers know."""
        self._known = rows.breakers(session)

    def of(self, gateway: str) -> Breaker:
        """As it was last read."""
        return self._known.get(gateway, HEALTHY)

    def take_probe(self, session: Session, gateway: str, *, at: datetime) -> bool:
        """Hold the gateway's one probe; whether nobody was first."""
        seen = self.of(gateway)
        return rows.take_probe(session, gateway, seen=seen, taken=breaker.probing(seen, at=at))

    def hear(self, calls: Sequence[tuple[str, Heard]]) -> None:
        """Count calls that ended, by gateway and in the order of their ends."""
        by_gateway: dict[str, list[Heard]] = {}
        for name, call in calls:
            by_gateway.setdefault(name, []).append(call)
        at = self.clock.monotonic()
        too_many = {
            name
            for name, heard in by_gateway.items()
            if self._lately.setdefault(name, Lately()).note(heard, at=at)
        }
        telling = {name: heard for name, heard in by_gateway.items() if self._tells(name, heard)}
        if not telling:
            return
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            before = rows.lock(session, telling)
            after = {
                name: _after(before[name], heard, name in too_many, now)
                for name, heard in telling.items()
            }
            rows.put(session, {name: one for name, one in after.items() if one != before[name]})
            for name, one in after.items():
                if one.is_open != before[name].is_open:
                    self._tell(session, name, one, now)
        self._known = {**self._known, **after}

    def _tells(self, name: str, heard: Sequence[Heard]) -> bool:
        """Whether these calls may change what is kept."""
        return not self.of(name).is_quiet or any(
            one.is_probe or one.answer is not Answer.GOOD for one in heard
        )

    def _tell(self, session: Session, name: str, one: Breaker, now: datetime) -> None:
        if not one.is_open:
            claims.look_again(session, now=now)
            alerts.close_alert(session, kind=AlertKind.GATEWAY_FAILING, subject=name, now=now)
            log.info("breaker_closed", gateway=name)
            return
        alerts.raise_alert(
            session,
            self.ids.new("alt"),
            kind=AlertKind.GATEWAY_FAILING,
            subject=name,
            detail=one.reason,
            now=now,
        )
        log.warning("breaker_open", gateway=name, code=one.reason, failures=one.failures)


def _after(state: Breaker, heard: Sequence[Heard], too_many: bool, now: datetime) -> Breaker:
    for one in heard:
        state = breaker.after(state, one, at=now)
    worst = next((one.code for one in reversed(heard) if one.failed), None)
    if too_many and worst is not None:
        return breaker.opened(state, at=now, code=worst)
    return state

"""Gateways in use and out of use: a pause lasts until a person ends it."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from notifier.domain.alerts import AlertKind
from notifier.domain.breaker import HEALTHY, Breaker
from notifier.domain.people import Permission
from notifier.services import actors, audit
from notifier.services.actors import Actor
from notifier.services.gateways import Account
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring
from notifier.store import alerts, breakers, claims
from notifier.store import pauses as rows
from notifier.store.pauses import Pause

log = structlog.get_logger(__name__)

BY_PERSON = "by_person"


@dataclass(frozen=True, slots=True)
class GatewayView:
    """A gateway of the route; `reason` and `paused_at` are empty while it is not paused."""

    name: str
    adapter: str
    failing: bool  # left alone because its calls fail; it is tried again by itself
    paused: bool
    reason: str | None  # the provider's code, or by_person
    paused_at: datetime | None


def list_gateways(*, wiring: Wiring) -> list[GatewayView]:
    """The gateways in the order in which they are tried."""
    with wiring.sessions.read() as session:
        return _views(session, wiring)


def pause(name: str, *, by: Actor | None, wiring: Wiring) -> GatewayView:
    """Use the gateway no more; one that is paused stays so for its first reason.

    `by` is nobody for a command. Raises `ScopeMissing`, or `NotFound` for a gateway not in use.
    """
    _require(name, by, wiring)
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        rows.pause(session, name, reason=BY_PERSON, now=now)
        _record(session, "gateway.paused", name, by, now, wiring)
        view = _view(session, name, wiring)
    log.info("gateway_paused", gateway=name, reason=view.reason)
    return view


def resume(name: str, *, by: Actor | None, wiring: Wiring) -> GatewayView:
    """Use the gateway again, close the alert about it and send what waited.

    Once more is harmless. `by` is nobody for a command. Raises `ScopeMissing`, or `NotFound` for a
    gateway not in use.
    """
    _require(name, by, wiring)
    with wiring.sessions.begin() as session:
        resumed = rows.resume(session, name)
        now = wiring.sessions.now(session)
        claims.look_again(session, now=now)
        alerts.close_alert(session, kind=AlertKind.GATEWAY_PAUSED, subject=name, now=now)
        _record(session, "gateway.resumed", name, by, now, wiring)
        view = _view(session, name, wiring)
    log.info("gateway_resumed", gateway=name, was_paused=resumed)
    wiring.queue.ring_send()
    return view


def _require(name: str, by: Actor | None, wiring: Wiring) -> None:
    if by is not None:
        actors.require_everywhere(by, Permission.GATEWAYS_WRITE)
    if wiring.accounts.get(name) is None:
        raise NotFound(f"no gateway {name} in use")


def _record(
    session: Session, action: str, name: str, by: Actor | None, now: datetime, wiring: Wiring
) -> None:
    audit.record(
        session,
        ids=wiring.ids,
        at=now,
        actor=by.id if by else audit.COMMAND,
        action=action,
        object_id=name,
    )


def _view(session: Session, name: str, wiring: Wiring) -> GatewayView:
    return next(view for view in _views(session, wiring) if view.name == name)


def _views(session: Session, wiring: Wiring) -> list[GatewayView]:
    pauses = rows.pauses(session, now=wiring.sessions.now(session))
    known = breakers.breakers(session)
    return [
        _shown(wiring.accounts[name], pauses.get(name), known.get(name, HEALTHY))
        for name in wiring.accounts.route
    ]


def _shown(account: Account, pause: Pause | None, breaker: Breaker) -> GatewayView:
    return GatewayView(
        account.name,
        adapter=account.settings.made_by,
        failing=breaker.is_open,
        paused=pause is not None,
        reason=pause.reason if pause else None,
        paused_at=pause.paused_at if pause else None,
    )

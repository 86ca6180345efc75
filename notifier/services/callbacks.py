"""Where sources are called back: set, shown and taken away, each change in the audit trail."""

import socket
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from gateways.names import Names
from notifier.domain import callbacks as rules
from notifier.domain.alerts import AlertKind
from notifier.domain.callbacks import BadAddress, Reach
from notifier.domain.people import Permission
from notifier.services import actors, audit
from notifier.services.actors import Actor
from notifier.services.views import BadFields, FieldProblem, NotFound
from notifier.services.wiring import Wiring
from notifier.store import alerts, catalogue, sources
from notifier.store import callbacks as rows
from notifier.store.callbacks import CallbackRow
from notifier.store.sealing import Sealer

log = structlog.get_logger(__name__)

_LOOK_UP_S = 5.0
_SEALED = {"table": "source_callbacks", "column": "secret"}


@dataclass(frozen=True, slots=True)
class CallbackView:
    """Where a source is called back; `url` is empty where it is not. The secret shows once."""

    source: str
    url: str | None
    set_at: datetime | None
    secret: str | None = field(repr=False)
    waiting: int
    last_delivered_at: datetime | None
    last_problem: str | None


def reach_of(wiring: Wiring) -> Reach:
    """Where this installation's callbacks may go."""
    settings = wiring.settings
    return Reach(frozenset(settings.callback_hosts), anywhere=settings.is_demo)


def open_secret(sealer: Sealer, source_id: str, cipher: bytes) -> bytes:
    """The secret that signs a source's callbacks. Raises `SealBroken`."""
    return rules.secret_of(sealer.open(cipher, row=source_id, **_SEALED))


def show(source_id: str, *, by: Actor | None, wiring: Wiring) -> CallbackView:
    """`by` is nobody for a command. Raises `ScopeMissing` or `NotFound`."""
    _require(by)  # the address may hold a secret
    with wiring.sessions.read() as session:
        _require_source(session, source_id)
        return _view(session, source_id)


def give(
    source_id: str, url: str, *, new_secret: bool = False, by: Actor | None, wiring: Wiring
) -> CallbackView:
    """Call the source back at this address, at once with what waits. The secret stays, and is not
    shown again, unless it is the first or a new one is wanted.

    `by` is nobody for a command. Raises `ScopeMissing`, `NotFound`, or `BadFields` for an address
    where no callback may go.
    """
    _require(by)
    _check(url, reach_of(wiring), wiring.names)  # it asks the DNS, so before the transaction
    secret = wiring.random_bytes(rules.SECRET_BYTES)
    made = rules.shown(secret)
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        _require_source(session, source_id)
        before = rows.of_source(session, source_id)
        if before is not None and not new_secret:
            if before.url == url:
                return _view(session, source_id)
            cipher, shown = before.secret_cipher, None
        else:
            cipher, shown = wiring.sealer.seal(made, row=source_id, **_SEALED), made
        now = wiring.sessions.now(session)
        rows.put(session, CallbackRow(source_id, url, cipher, now))
        rows.bring_forward(session, source_id, now=now)
        _end_alert(session, source_id, now)
        _record(session, "callback.given", source_id, before, url, by, now, wiring)
        view = _view(session, source_id, secret=shown)
    log.info("callback_given", source=source_id)
    return view


def take_away(source_id: str, *, by: Actor | None, wiring: Wiring) -> CallbackView:
    """Call the source back no more. Twice is harmless. Raises `ScopeMissing` or `NotFound`."""
    _require(by)
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        _require_source(session, source_id)
        before = rows.of_source(session, source_id)
        if rows.remove(session, source_id):
            now = wiring.sessions.now(session)
            _end_alert(session, source_id, now)
            _record(session, "callback.taken_away", source_id, before, None, by, now, wiring)
        return _view(session, source_id)


def _check(url: str, reach: Reach, names: Names) -> None:
    try:
        _reach(url, reach, names)
    except BadAddress as problem:
        raise BadFields(FieldProblem("url", "invalid", f"The address {problem}.")) from None


def _reach(url: str, reach: Reach, names: Names) -> None:
    """Raises `BadAddress` where no callback may go, as the name leads now; each call looks anew."""
    parts = reach.read(url)
    host = str(parts.hostname)
    if reach.trusts(host):
        return
    try:
        found = names.addresses(host, parts.port or 443, within_s=_LOOK_UP_S)
    except (socket.gaierror, UnicodeError):
        raise BadAddress("names a host that no name server knows") from None
    except TimeoutError:
        raise BadAddress("names a host of which no name server tells in time; try again") from None
    if not all(reach.may_connect(host, str(at[4][0])) for at in found):
        said = "leads to an address that is not public; BAOTIN_CALLBACK_HOSTS allows its host"
        raise BadAddress(said)


def _require(by: Actor | None) -> None:
    if by is not None:
        actors.require_everywhere(by, Permission.GATEWAYS_WRITE)


def _require_source(session: Session, source_id: str) -> None:
    if not sources.exists(session, source_id):
        raise NotFound(f"there is no source {source_id} (`baotin sources list`)")


def _end_alert(session: Session, source_id: str, now: datetime) -> None:
    alerts.close_alert(session, kind=AlertKind.CALLBACK_GIVEN_UP, subject=source_id, now=now)


def _record(
    session: Session,
    action: str,
    source_id: str,
    before: CallbackRow | None,
    url: str | None,
    by: Actor | None,
    now: datetime,
    wiring: Wiring,
) -> None:
    audit.record(
        session,
        ids=wiring.ids,
        at=now,
        actor=by.id if by else audit.COMMAND,
        action=action,
        object_id=source_id,
        before={"host": _host(before.url)} if before else None,
        after={"host": _host(url)} if url else None,
    )


def _host(url: str) -> str:
    """What of an address the audit trail keeps: its path may be a secret."""
    return str(Reach(frozenset(), anywhere=True).read(url).hostname)


def _view(session: Session, source_id: str, *, secret: str | None = None) -> CallbackView:
    row, standing = rows.of_source(session, source_id), rows.standing(session, source_id)
    return CallbackView(
        source_id,
        url=row.url if row else None,
        set_at=row.set_at if row else None,
        secret=secret,
        waiting=standing.waiting,
        last_delivered_at=standing.delivered_at,
        last_problem=standing.code,
    )

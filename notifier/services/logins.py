"""Logging in and out, and who a session token speaks for."""

import base64
import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from notifier.domain.people import BadPerson, read_email
from notifier.services import audit, second_factor, throttling
from notifier.services.actors import Staff
from notifier.services.keys import hash_of
from notifier.services.throttling import Attempt
from notifier.services.views import LoginRefused, NotAuthenticated, SecondFactorNeeded
from notifier.services.wiring import Wiring
from notifier.store import people, staff_sessions
from notifier.store.people import UserRow
from notifier.store.sealing import SealBroken

log = structlog.get_logger(__name__)

IDLE = timedelta(hours=1)
LASTS = timedelta(hours=12)
TOKEN_PREFIX = "bs_"  # noqa: S105 - not a secret: what tells a session's token from a key
_SEEN_EVERY = timedelta(minutes=1)
_ROWS_KEPT_FOR = timedelta(days=30)
_TICKET_LASTS = timedelta(minutes=5)
_TOKEN_BYTES = 32
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class From:
    """Where a login comes from: the peer's address, and the device token if it has one."""

    address: str = field(repr=False)
    device: str | None = field(default=None, repr=False)
    replaces: str | None = field(default=None, repr=False)  # the session it had until now


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session just opened; its token is never shown again."""

    staff: Staff
    token: str = field(repr=False)
    device: str = field(repr=False)
    expires_at: datetime


def log_in(
    email: str, password: str, code: str | None = None, *, origin: From, wiring: Wiring
) -> LoggedIn:
    """Open a session.

    Raises `TooManyTries`, `LoginRefused`, `SecondFactorNeeded`, or `TooBusy`.
    """
    account = _account(email)
    user, attempt = _heard(account, None, origin, wiring)
    usable = user is not None and user.disabled_at is None
    matches = wiring.passwords.matches(password, user.password_hash if user and usable else None)
    if user is None or not matches:
        log.info("login_refused", user=user.id if user else None)
        raise LoginRefused("no such account, or a wrong password")
    if wiring.passwords.is_outdated(user.password_hash):
        fresh = wiring.passwords.hash(password)
        with wiring.sessions.begin() as session:
            stands = people.replace_hash(session, user.id, user.password_hash, fresh)
        if stands:
            user = replace(user, password_hash=fresh)
    return _finish(user, code, attempt, origin, wiring)


def log_in_with_ticket(ticket: str, code: str, *, origin: From, wiring: Wiring) -> LoggedIn:
    """The second step of `log_in`: the ticket stands for the right password."""
    user_id = _read_ticket(ticket, wiring)
    user, attempt = _heard(None, user_id, origin, wiring)
    if user is None or user.disabled_at is not None:
        raise LoginRefused("no such account")
    return _finish(user, code, attempt, origin, wiring)


def log_out(token: str, *, wiring: Wiring) -> None:
    """End the session; one that is over already stays so."""
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        row = staff_sessions.open_by_hash(session, hash_of(token), now=now, idle=IDLE)
        if row is not None:
            staff_sessions.end(session, row.id, at=now)


def authenticate(token: str, *, wiring: Wiring) -> Staff:
    """Who the session speaks for. Raises `NotAuthenticated`."""
    with wiring.sessions.read() as session:
        now = wiring.sessions.now(session)
        row = staff_sessions.open_by_hash(session, hash_of(token), now=now, idle=IDLE)
        user = people.by_id(session, row.user_id) if row else None
        if row is None or user is None or user.disabled_at is not None:
            raise NotAuthenticated("no such session")
        staff = _staff(session, user, row.id)
    if now - row.seen_at >= _SEEN_EVERY:
        with wiring.sessions.begin() as session:
            staff_sessions.seen(session, row.id, at=now)
    return staff


def renew(staff: Staff, *, wiring: Wiring) -> LoggedIn:
    """A new token after a change of what the person may do or is known by.

    Every other session of theirs ends, and the old token with them; it lasts no longer than that
    one would have. Raises `NotAuthenticated`.
    """
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        user = people.by_id(session, staff.id, for_update=True)
        if user is None or user.disabled_at is not None:
            raise NotAuthenticated("no such account")
        until = staff_sessions.expires_at(session, staff.session_id)
        if until is None:
            raise NotAuthenticated("the session has ended")
        staff_sessions.end_all(session, user.id, at=now)
        return _open(session, user, now, wiring, until=until)


def _account(email: str) -> str:
    """The address as accounts are found by it; a broken one finds none."""
    try:
        return read_email(email)
    except BadPerson:
        return ""


def _heard(
    account: str | None, user_id: str | None, origin: From, wiring: Wiring
) -> tuple[UserRow | None, Attempt]:
    """The account, and the attempt counted. Raises `TooManyTries`."""
    with wiring.sessions.begin() as session:
        user = (
            people.by_id(session, user_id)
            if user_id is not None
            else people.by_email(session, account or "")
        )
        attempt = throttling.attempt(
            account=user.email if user else account or "",
            address=origin.address,
            device=origin.device,
            user_id=user.id if user else None,
            hashes=wiring.hashes,
        )
        throttling.begin(session, attempt, now=wiring.sessions.now(session))
    return user, attempt


def _finish(
    user: UserRow, code: str | None, attempt: Attempt, origin: From, wiring: Wiring
) -> LoggedIn:
    needs_code = second_factor.uses(user)
    codes = _code_heard(user, origin, wiring) if needs_code and code else None
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        _check_stands(session, user)
        if needs_code and not code:
            throttling.succeed(session, attempt, now=now)
            ticket = _ticket(user, now, wiring)
        elif needs_code and not second_factor.check(
            session, user, code or "", now=now, sealer=wiring.sealer
        ):
            log.info("login_refused", user=user.id)
            raise LoginRefused("a wrong code")
        else:
            throttling.succeed(session, attempt, now=now)
            if codes is not None:
                throttling.succeed(session, codes, now=now)
            _end_replaced(session, origin.replaces, now)
            opened = _open(session, user, now, wiring)
            audit.record(
                session,
                ids=wiring.ids,
                at=now,
                actor=user.id,
                action="session.opened",
                object_id=user.id,
                office=audit.office_of(opened.staff.grants, wiring.catalogue.current(session)),
            )
            return opened
    raise SecondFactorNeeded(ticket)


def _code_heard(user: UserRow, origin: From, wiring: Wiring) -> Attempt:
    """The code counted, once the password was right. Raises `TooManyTries`."""
    codes = throttling.code(device=origin.device, user_id=user.id, hashes=wiring.hashes)
    return throttling.hear(codes, sessions=wiring.sessions)


def _check_stands(session: Session, user: UserRow) -> None:
    """Raises `LoginRefused` where the password was taken away while it was being checked."""
    now = people.by_id(session, user.id, for_update=True)
    if now is None or now.disabled_at is not None or now.password_hash != user.password_hash:
        raise LoginRefused("the password is no longer so")


def _end_replaced(session: Session, token: str | None, now: datetime) -> None:
    if token is None:
        return
    row = staff_sessions.open_by_hash(session, hash_of(token), now=now, idle=IDLE)
    if row is not None:
        staff_sessions.end(session, row.id, at=now)


def _open(
    session: Session,
    user: UserRow,
    now: datetime,
    wiring: Wiring,
    *,
    until: datetime | None = None,
) -> LoggedIn:
    token = TOKEN_PREFIX + _random(_TOKEN_BYTES, wiring)
    session_id = wiring.ids.new("ses")
    expires_at = until or now + LASTS
    staff_sessions.add(
        session,
        session_id=session_id,
        user_id=user.id,
        token_hash=hash_of(token),
        at=now,
        expires_at=expires_at,
        kept_for=_ROWS_KEPT_FOR,
    )
    device = throttling.device_token(user.id, _random(_NONCE_BYTES, wiring), wiring.hashes)
    return LoggedIn(_staff(session, user, session_id), token, device, expires_at)


def _staff(session: Session, user: UserRow, session_id: str) -> Staff:
    return Staff(
        id=user.id,
        session_id=session_id,
        name=user.name,
        email=user.email,
        grants=people.grants(session, [user.id]).get(user.id, ()),
        password_is_temporary=user.password_is_temporary,
        has_second_factor=second_factor.uses(user),
    )


def _random(count: int, wiring: Wiring) -> str:
    return base64.urlsafe_b64encode(wiring.random_bytes(count)).rstrip(b"=").decode()


# A ticket is sealed as a column is, so that nobody can make or change one.
_TICKET = {"table": "users", "column": "login_ticket", "row": ""}


def _ticket(user: UserRow, now: datetime, wiring: Wiring) -> str:
    told = {
        "user": user.id,
        "until": (now + _TICKET_LASTS).isoformat(),
        "password": hash_of(user.password_hash).hex(),
    }
    sealed = wiring.sealer.seal(json.dumps(told), **_TICKET)
    return base64.urlsafe_b64encode(sealed).decode()


def _read_ticket(ticket: str, wiring: Wiring) -> str:
    """The user whose password was right. Raises `LoginRefused`."""
    try:
        told = json.loads(wiring.sealer.open(base64.urlsafe_b64decode(ticket), **_TICKET))
    except (SealBroken, ValueError):
        raise LoginRefused("no ticket of ours") from None
    with wiring.sessions.read() as session:
        user = people.by_id(session, told["user"])
        late = wiring.sessions.now(session) > datetime.fromisoformat(told["until"])
    known = user is not None and secrets.compare_digest(
        told["password"], hash_of(user.password_hash).hex()
    )
    if late or not known:
        raise LoginRefused("the ticket is over")
    return str(told["user"])

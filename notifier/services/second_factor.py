"""Time-based codes (RFC 6238) as second factor: a person's own choice, sealed at rest."""

from datetime import datetime

import pyotp
from sqlalchemy.orm import Session

from notifier.services import audit, throttling
from notifier.services.actors import Staff
from notifier.services.throttling import Attempt
from notifier.services.views import BadFields, FieldProblem, NotAuthenticated
from notifier.services.wiring import Wiring
from notifier.store import people
from notifier.store.people import UserRow
from notifier.store.sealing import Sealer

ISSUER = "Báo Tin"
_STEP_S = 30
_CODE_DIGITS = 6


def uses(user: UserRow) -> bool:
    """Whether the person must give a code at login."""
    return user.totp_on_at is not None and user.totp_cipher is not None


def begin(staff: Staff, *, wiring: Wiring) -> str:
    """A fresh secret, as the address that an authenticator app reads; off until `confirm`.

    Raises `BadFields` when it is on already: then it is turned off first.
    """
    secret = pyotp.random_base32()
    with wiring.sessions.begin() as session:
        user = _own(session, staff)
        if uses(user):
            raise BadFields(FieldProblem("code", "on_already", "The second factor is on already."))
        sealed = _seal(wiring.sealer, user.id, secret)
        people.change(session, user.id, totp_cipher=sealed, totp_on_at=None, totp_step=None)
    return _uri(secret, staff.email)


def pending(staff: Staff, *, wiring: Wiring) -> str | None:
    """The address of the secret that still waits for its first code."""
    with wiring.sessions.read() as session:
        user = _own(session, staff)
    if user.totp_cipher is None or user.totp_on_at is not None:
        return None
    return _uri(_open(wiring.sealer, user.id, user.totp_cipher), staff.email)


def confirm(staff: Staff, code: str, *, wiring: Wiring) -> None:
    """Turn it on, once a code shows that the app has the secret.

    Raises `BadFields`, `TooManyTries`.
    """
    tried = _heard(staff, wiring)
    with wiring.sessions.begin() as session:
        user, now = _own(session, staff), wiring.sessions.now(session)
        if uses(user) or not check(session, user, code, now=now, sealer=wiring.sealer):
            raise BadFields(FieldProblem("code", "wrong_code", "The code does not match."))
        people.change(session, user.id, totp_on_at=now)
        throttling.succeed(session, tried, now=now)
        audit.record(
            session,
            ids=wiring.ids,
            at=now,
            actor=staff.id,
            action="user.second_factor_on",
            object_id=user.id,
            office=audit.office_of(staff.grants, wiring.catalogue.current(session)),
        )


def turn_off(staff: Staff, password: str, *, wiring: Wiring) -> None:
    """Turn it off; the password once more shows that it is the person.

    Raises `BadFields`, `TooManyTries`.
    """
    tried = _heard(staff, wiring)
    with wiring.sessions.read() as session:
        user = _own(session, staff)
    if not wiring.passwords.matches(password, user.password_hash):
        raise BadFields(FieldProblem("password", "wrong", "The password is not right."))
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        clear(session, user.id)
        throttling.succeed(session, tried, now=now)
        audit.record(
            session,
            ids=wiring.ids,
            at=now,
            actor=staff.id,
            action="user.second_factor_off",
            object_id=user.id,
            office=audit.office_of(staff.grants, wiring.catalogue.current(session)),
        )


def clear(session: Session, user_id: str) -> None:
    people.change(session, user_id, totp_cipher=None, totp_on_at=None, totp_step=None)


def check(session: Session, user: UserRow, code: str, *, now: datetime, sealer: Sealer) -> bool:
    """Whether the code is this half minute's, or a neighbour's, and was not used before."""
    given = "".join(code.split())
    if user.totp_cipher is None or len(given) != _CODE_DIGITS or not given.isascii():
        return False
    totp = pyotp.TOTP(_open(sealer, user.id, user.totp_cipher), interval=_STEP_S)
    step = int(now.timestamp()) // _STEP_S
    for candidate in (step - 1, step, step + 1):
        if totp.verify(given, for_time=candidate * _STEP_S):
            return people.use_totp_step(session, user.id, candidate)
    return False


def _heard(staff: Staff, wiring: Wiring) -> Attempt:
    """The try counted: whoever took a session guesses slowly. Raises `TooManyTries`."""
    own = throttling.own(staff.session_id, wiring.hashes)
    return throttling.hear(own, sessions=wiring.sessions)


def _own(session: Session, staff: Staff) -> UserRow:
    user = people.by_id(session, staff.id)
    if user is None or user.disabled_at is not None:
        raise NotAuthenticated("no such account")
    return user


def _uri(secret: str, email: str) -> str:
    return pyotp.TOTP(secret, interval=_STEP_S).provisioning_uri(name=email, issuer_name=ISSUER)


def _seal(sealer: Sealer, user_id: str, secret: str) -> bytes:
    return sealer.seal(secret, table="users", column="totp", row=user_id)


def _open(sealer: Sealer, user_id: str, cipher: bytes) -> str:
    return sealer.open(cipher, table="users", column="totp", row=user_id)

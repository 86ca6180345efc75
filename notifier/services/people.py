"""Staff accounts: who there is, what they may do where, and their passwords."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from notifier.domain.people import (
    BadPerson,
    Grant,
    Permission,
    check_password,
    read_email,
    read_name,
    read_new_email,
)
from notifier.services import actors, audit, passwords, second_factor, throttling
from notifier.services.actors import Actor, Staff
from notifier.services.catalogue import Known
from notifier.services.views import BadFields, FieldProblem, NotAuthenticated, NotFound
from notifier.services.wiring import Wiring
from notifier.store import own_phones, people, staff_sessions
from notifier.store.people import UserRow

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class UserView:
    """An account as those see it who may manage it."""

    id: str
    email: str = field(repr=False)
    name: str = field(repr=False)
    grants: tuple[Grant, ...]
    has_second_factor: bool
    password_is_temporary: bool
    created_at: datetime
    disabled_at: datetime | None
    manageable: bool  # whether whoever asks may change it


@dataclass(frozen=True, slots=True)
class NewPassword:
    """An account and the password it was just given; shown this once."""

    user: UserView
    password: str = field(repr=False)


def create(
    email: str,
    name: str,
    grants: Collection[Grant],
    password: str | None = None,
    *,
    by: Actor | None,
    wiring: Wiring,
) -> NewPassword:
    """A new account. Without a password one is made, to be changed at the first login.

    `by` is nobody for a command, which may do everything. Raises `BadFields`, `ScopeMissing`.
    """
    try:
        email, name = read_new_email(email), read_name(name)
        if password is not None:
            check_password(password, not_among=(email, name))
    except BadPerson as bad:
        raise _field(bad) from None
    given = password or passwords.generate()
    hashed = wiring.passwords.hash(given)
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        known = wiring.catalogue.current(session)
        _check_grants(grants, by, known)
        user = UserRow(
            id=wiring.ids.new("usr"),
            email=email,
            name=name,
            password_hash=hashed,
            password_is_temporary=password is None,
            totp_cipher=None,
            totp_on_at=None,
            totp_step=None,
            created_at=now,
            disabled_at=None,
        )
        if not people.add(session, user):
            raise BadFields(FieldProblem("email", "taken", "This address has an account already."))
        _set_grants(session, user.id, grants, wiring)
        _record(
            session,
            wiring,
            by,
            "user.created",
            user.id,
            grants,
            now,
            after={"email": email, "roles": _told(grants)},
        )
        view = _view(user, tuple(grants), by, known)
    log.info("user_created", user=user.id)
    return NewPassword(view, given)


def list_users(by: Actor, *, wiring: Wiring) -> list[UserView]:
    """The accounts with a role at an office that the actor administers. Raises `ScopeMissing`."""
    actors.require(by, Permission.USERS_WRITE)
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        users = people.everyone(session)
        grants = people.grants(session, [user.id for user in users])
    offices = by.offices(Permission.USERS_WRITE, known)
    every = by.everywhere(Permission.USERS_WRITE)
    return [
        _view(user, grants.get(user.id, ()), by, known)
        for user in users
        if every or any(grant.office in offices for grant in grants.get(user.id, ()))
    ]


def everyone(*, wiring: Wiring) -> list[UserView]:
    """All accounts, for a command."""
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        users = people.everyone(session)
        grants = people.grants(session, [user.id for user in users])
    return [_view(user, grants.get(user.id, ()), None, known) for user in users]


def find(email: str, *, wiring: Wiring) -> str:
    """The id of the account of this address, for a command. Raises `NotFound`."""
    with wiring.sessions.read() as session:
        try:
            user = people.by_email(session, read_email(email))
        except BadPerson:
            user = None
    if user is None:
        raise NotFound("there is no such account")
    return user.id


def set_grants(
    user_id: str,
    grants: Collection[Grant],
    *,
    seen: Collection[Grant] | None = None,
    by: Actor | None,
    wiring: Wiring,
) -> UserView:
    """Replace the roles; the person logs in anew.

    `seen`: the roles that whoever chose them saw before, if they saw any. Raises `NotFound`,
    `BadFields`, `ScopeMissing`.
    """
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        known = wiring.catalogue.current(session)
        user, before = _managed(session, user_id, by, known)
        _check_grants(grants, by, known)
        if seen is not None and set(seen) != set(before):
            said = "Another changed the roles meanwhile."
            raise BadFields(FieldProblem("roles", "changed_meanwhile", said))
        _set_grants(session, user_id, grants, wiring)
        staff_sessions.end_all(session, user_id, at=now)
        _record(
            session,
            wiring,
            by,
            "user.roles_changed",
            user_id,
            (*before, *grants),
            now,
            before={"roles": _told(before)},
            after={"roles": _told(grants)},
        )
        return _view(user, tuple(grants), by, known)


def set_disabled(user_id: str, disabled: bool, *, by: Actor | None, wiring: Wiring) -> UserView:
    """Let the account in no more, at once, and forget its phone; or again.

    Raises `NotFound`, `BadFields`.
    """
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        known = wiring.catalogue.current(session)
        user, grants = _managed(session, user_id, by, known)
        people.change(session, user_id, disabled_at=now if disabled else None)
        if disabled:
            staff_sessions.end_all(session, user_id, at=now)
            own_phones.remove(session, user_id)  # nobody is left to take it back
        _record(
            session,
            wiring,
            by,
            "user.disabled" if disabled else "user.enabled",
            user_id,
            grants,
            now,
            before={"disabled": user.disabled_at is not None},
            after={"disabled": disabled},
        )
        changed = people.by_id(session, user_id)
        return _view(changed or user, grants, by, known)


def reset_password(
    user_id: str,
    password: str | None = None,
    *,
    second_factor_too: bool = False,
    by: Actor | None,
    wiring: Wiring,
) -> NewPassword:
    """A new password, to be changed at the next login where it was made here.

    Ends the person's sessions; turns their second factor off if asked. Raises `NotFound`,
    `BadFields`.
    """
    if password is not None:
        try:
            check_password(password)
        except BadPerson as bad:
            raise _field(bad) from None
    given = password or passwords.generate()
    hashed = wiring.passwords.hash(given)
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        known = wiring.catalogue.current(session)
        _, grants = _managed(session, user_id, by, known)
        people.change(
            session, user_id, password_hash=hashed, password_is_temporary=password is None
        )
        if second_factor_too:
            second_factor.clear(session, user_id)
        staff_sessions.end_all(session, user_id, at=now)
        _record(
            session,
            wiring,
            by,
            "user.password_reset",
            user_id,
            grants,
            now,
            after={"second_factor_cleared": second_factor_too},
        )
        changed = people.by_id(session, user_id)
        assert changed is not None  # noqa: S101 - `_managed` found it
        return NewPassword(_view(changed, grants, by, known), given)


def change_password(staff: Staff, old: str, new: str, *, wiring: Wiring) -> None:
    """The person's own choice; the caller renews the session.

    Raises `BadFields`, `TooManyTries`, or `NotAuthenticated` where the session ended meanwhile.
    """
    try:
        check_password(new, not_among=(staff.email, staff.name, old))
    except BadPerson as bad:
        raise _field(bad) from None
    wrong = BadFields(FieldProblem("old", "wrong", "The password is not right."))
    own = throttling.own(staff.session_id, wiring.hashes)
    tried = throttling.hear(own, sessions=wiring.sessions)
    with wiring.sessions.read() as session:
        user = people.by_id(session, staff.id)
    if user is None or not wiring.passwords.matches(old, user.password_hash):
        raise wrong
    hashed = wiring.passwords.hash(new)
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        if staff_sessions.expires_at(session, staff.session_id) is None:
            raise NotAuthenticated("the session has ended")
        if not people.replace_hash(
            session, staff.id, user.password_hash, hashed, password_is_temporary=False
        ):
            raise wrong
        throttling.succeed(session, tried, now=now)
        _record(session, wiring, staff, "user.password_changed", staff.id, staff.grants, now)


def _managed(
    session: Session, user_id: str, by: Actor | None, known: Known
) -> tuple[UserRow, tuple[Grant, ...]]:
    """The account, locked, if the actor administers wherever it has a role."""
    user = people.by_id(session, user_id, for_update=True)
    grants = people.grants(session, [user_id]).get(user_id, ())
    if by is not None:
        actors.require(by, Permission.USERS_WRITE)
    if user is None or (by is not None and not _covers(by, grants, known)):
        raise NotFound("there is no such account")
    if by is not None and by.id == user_id:
        said = "Nobody changes their own account here."
        raise BadFields(FieldProblem("", "own_account", said))
    return user, grants


def _covers(by: Actor, grants: Collection[Grant], known: Known) -> bool:
    return actors.covers(by, Permission.USERS_WRITE, grants, known)


def _check_grants(grants: Collection[Grant], by: Actor | None, known: Known) -> None:
    if not grants:
        raise BadFields(FieldProblem("roles", "required", "An account needs a role."))
    for place, grant in enumerate(grants):
        if grant.office is not None and grant.office not in known.office_ids:
            said = "There is no such office."
            raise BadFields(FieldProblem(f"roles.{place}.office", "unknown_office", said))
    if by is not None:
        actors.require(by, Permission.USERS_WRITE)
        if not _covers(by, grants, known):
            said = "You may give roles at your own offices only."
            raise BadFields(FieldProblem("roles", "not_yours", said))


def _set_grants(session: Session, user_id: str, grants: Iterable[Grant], wiring: Wiring) -> None:
    rows = [(wiring.ids.new("rol"), grant) for grant in dict.fromkeys(grants)]
    people.set_grants(session, user_id, rows)


def _record(
    session: Session,
    wiring: Wiring,
    by: Actor | None,
    action: str,
    user_id: str,
    grants: Collection[Grant],
    now: datetime,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    audit.record(
        session,
        ids=wiring.ids,
        at=now,
        actor=by.id if by else audit.COMMAND,
        action=action,
        object_id=user_id,
        office=audit.office_of(grants, wiring.catalogue.current(session)),
        before=before,
        after=after,
    )


def _told(grants: Collection[Grant]) -> list[str]:
    return [f"{grant.role}@{grant.office or '*'}" for grant in grants]


def _view(user: UserRow, grants: tuple[Grant, ...], by: Actor | None, known: Known) -> UserView:
    return UserView(
        id=user.id,
        email=user.email,
        name=user.name,
        grants=grants,
        has_second_factor=second_factor.uses(user),
        password_is_temporary=user.password_is_temporary,
        created_at=user.created_at,
        disabled_at=user.disabled_at,
        manageable=by is None or (by.id != user.id and _covers(by, grants, known)),
    )


def _field(bad: BadPerson) -> BadFields:
    return BadFields(FieldProblem(bad.field, bad.code, str(bad)))

"""Users and their roles."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from notifier.domain.people import Grant, Role
from notifier.store.tables import User, UserRole
from notifier.store.upserts import insert_new


@dataclass(frozen=True, slots=True)
class UserRow:
    id: str
    email: str = field(repr=False)
    name: str = field(repr=False)
    password_hash: str = field(repr=False)
    password_is_temporary: bool
    totp_cipher: bytes | None = field(repr=False)
    totp_on_at: datetime | None
    totp_step: int | None
    created_at: datetime
    disabled_at: datetime | None


def _row(user: User) -> UserRow:
    return UserRow(**{name: getattr(user, name) for name in UserRow.__slots__})


def by_email(session: Session, email: str, *, for_update: bool = False) -> UserRow | None:
    """The account of a case-folded address, disabled or not."""
    return _one(session, User.email == email, for_update)


def by_id(session: Session, user_id: str, *, for_update: bool = False) -> UserRow | None:
    return _one(session, User.id == user_id, for_update)


def _one(session: Session, where: Any, for_update: bool) -> UserRow | None:
    statement = select(User).where(where).execution_options(populate_existing=True)
    user = session.scalar(statement.with_for_update() if for_update else statement)
    return _row(user) if user else None


def everyone(session: Session) -> list[UserRow]:
    """All accounts, by name."""
    return [_row(user) for user in session.scalars(select(User).order_by(User.name, User.id))]


def names(session: Session, user_ids: Collection[str]) -> dict[str, str]:
    """By user id: the name."""
    rows = session.execute(select(User.id, User.name).where(User.id.in_(user_ids)))
    return {user_id: name for user_id, name in rows}  # noqa: C416 - rows are not tuples


def add(session: Session, row: UserRow) -> bool:
    """Whether it is new: none has this address yet, nor did one get it at this moment."""
    values = {name: getattr(row, name) for name in UserRow.__slots__}
    new = insert_new(session, User).values(**values, purge_after=None)
    return session.scalar(new.returning(User.id)) is not None


def change(session: Session, user_id: str, **values: Any) -> None:
    session.execute(
        update(User)
        .where(User.id == user_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def replace_hash(session: Session, user_id: str, old: str, new: str, **values: Any) -> bool:
    """A new hash in place of that old one; whether it still stood, on an account that is let in."""
    replaced = session.scalars(
        update(User)
        .where(User.id == user_id, User.password_hash == old, User.disabled_at.is_(None))
        .values(password_hash=new, **values)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    return replaced.first() is not None


def use_totp_step(session: Session, user_id: str, step: int) -> bool:
    """Note that the code of this step was used; whether it is the first use of it or a later."""
    noted = session.scalars(
        update(User)
        .where(User.id == user_id, (User.totp_step.is_(None)) | (User.totp_step < step))
        .values(totp_step=step)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    return noted.first() is not None


def grants(session: Session, user_ids: Collection[str]) -> dict[str, tuple[Grant, ...]]:
    """By user: the roles."""
    rows = session.execute(
        select(UserRole.user_id, UserRole.role, UserRole.office_id).where(
            UserRole.user_id.in_(user_ids)
        )
    )
    found: dict[str, list[Grant]] = {}
    for user_id, role, office_id in rows:
        found.setdefault(user_id, []).append(Grant(Role(role), office_id))
    return {user: tuple(sorted(of, key=_by_office)) for user, of in found.items()}


def _by_office(grant: Grant) -> tuple[str, str]:
    return (grant.office or "", grant.role)


def set_grants(session: Session, user_id: str, wanted: Iterable[tuple[str, Grant]]) -> None:
    """Replace the user's roles; each comes with the id of its row."""
    session.execute(
        delete(UserRole)
        .where(UserRole.user_id == user_id)
        .execution_options(synchronize_session=False)
    )
    session.add_all(
        UserRole(
            id=row_id, user_id=user_id, role=grant.role, office_id=grant.office, purge_after=None
        )
        for row_id, grant in wanted
    )
    session.flush()

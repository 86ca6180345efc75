"""Staff: their accounts, roles and sessions, and the log of what they changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from notifier.store.tables.base import Base


class User(Base):
    __tablename__ = "users"

    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)  # case folded
    name: Mapped[str]
    password_hash: Mapped[str]  # argon2id
    password_is_temporary: Mapped[bool]  # another person knows it: to be changed at login
    totp_cipher: Mapped[bytes | None]
    totp_on_at: Mapped[datetime | None]  # empty while the secret waits for its first code
    totp_step: Mapped[int | None]  # the last step whose code was used; none is taken twice
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class UserRole(Base):
    """A role at an office and below it; no office: at all of them."""

    __tablename__ = "user_roles"

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    role: Mapped[str]
    office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))

    __table_args__ = (UniqueConstraint("user_id", "role", "office_id"),)


class OwnPhone(Base):
    """The mobile number that a person of staff gave, and the code that shows it is theirs."""

    __tablename__ = "own_phones"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    phone_cipher: Mapped[bytes]
    phone_hash: Mapped[bytes]
    phone_mask: Mapped[str]
    code_hash: Mapped[bytes | None]  # empty once it was used, or is worth nothing any more
    code_expires_at: Mapped[datetime | None]
    wrong_codes: Mapped[int]
    given_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]


class StaffText(Base):
    """An SMS to a person of staff: a code, or words on trial. It is nobody's message."""

    __tablename__ = "staff_texts"

    id: Mapped[str] = mapped_column(primary_key=True)  # what the provider knows it by
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    purpose: Mapped[str]
    phone_hash: Mapped[bytes]
    sent_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_staff_texts_user", "user_id", "sent_at"),
        Index("ix_staff_texts_phone", "phone_hash", "sent_at"),
    )


class StaffSession(Base):
    __tablename__ = "staff_sessions"

    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LoginThrottle(Base):
    """Failed logins by account and address, as keyed hashes: when the next one is heard."""

    __tablename__ = "login_throttles"

    bucket: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    failed_at: Mapped[datetime]
    next_at: Mapped[datetime]


class AuditEntry(Base):
    """Who changed what. Triggers of both databases refuse to change or delete a row."""

    __tablename__ = "audit"

    id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]  # the id of a user or an API key, or `command`
    action: Mapped[str]
    object: Mapped[str]  # the id of what was changed
    office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    request: Mapped[str | None]

    __table_args__ = (
        Index("ix_audit_office", "office_id", "id"),
        Index("ix_audit_object", "object", "id"),
        Index("ix_audit_actor", "actor", "id"),
        Index("ix_audit_action", "action", "id"),
    )

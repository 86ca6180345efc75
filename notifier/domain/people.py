"""Staff: the roles people have, and what each role may do at its office and below."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
LONGEST_EMAIL = 254  # RFC 5321 §4.5.3.1, as its erratum 1690 counts it
LONGEST_NAME = 120

_EMAIL = re.compile(r"[^\s@\"'<>,;:\\()\[\]]+@[^\s@\"'<>,;:\\()\[\]]+")


class Role(StrEnum):
    VIEWER = "viewer"
    EDITOR = "editor"
    APPROVER = "approver"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What one may do. Those that machines may have too are scopes of API keys."""

    TEMPLATES_READ = "templates:read"
    TEMPLATES_WRITE = "templates:write"  # draft, submit, try on one's own phone
    TEMPLATES_APPROVE = "templates:approve"  # approve, publish, roll back, switch
    MESSAGES_READ = "messages:read"
    MESSAGES_WRITE = "messages:write"  # resend, correct, cancel
    PHONES_REVEAL = "phones:reveal"
    GATEWAYS_READ = "gateways:read"
    GATEWAYS_WRITE = "gateways:write"  # pause and resume; gateways belong to no single office
    OFFICES_WRITE = "offices:write"  # test numbers, and that an office goes live
    USERS_WRITE = "users:write"
    AUDIT_READ = "audit:read"


_P = Permission
_SEES = frozenset({_P.TEMPLATES_READ, _P.MESSAGES_READ, _P.GATEWAYS_READ})

PERMISSIONS: Mapping[Role, frozenset[Permission]] = MappingProxyType(
    {
        Role.VIEWER: _SEES,
        Role.EDITOR: _SEES | {_P.TEMPLATES_WRITE},
        Role.APPROVER: _SEES | {_P.TEMPLATES_APPROVE},
        Role.OPERATOR: _SEES | {_P.MESSAGES_WRITE, _P.PHONES_REVEAL, _P.GATEWAYS_WRITE},
        Role.ADMINISTRATOR: frozenset(Permission),
    }
)


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """A role at an office and every office below it; no office: at all of them."""

    role: Role
    office: str | None

    def allows(self, permission: Permission) -> bool:
        return permission in PERMISSIONS[self.role]


class BadPerson(ValueError):
    """Something about a user cannot be so; `field` is what, `code` a machine's word for it."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.code = code


def read_email(text: str) -> str:
    """The address as accounts are found by it: without case. Raises `BadPerson`."""
    email = text.strip().casefold()
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise BadPerson("email", "invalid", "This is not an e-mail address.")
    return email


def read_new_email(text: str) -> str:
    """The address of an account that is made now: one that mail could go to, with a whole host.

    `hoa@lai-thieu`, which is none, is still found by `read_email`. Raises `BadPerson`.
    """
    email = read_email(text)
    if not all(email.partition("@")[2].split(".")) or "." not in email.partition("@")[2]:
        raise BadPerson("email", "invalid", "This is not a whole e-mail address.")
    return email


def read_name(text: str) -> str:
    """The name in one line. Raises `BadPerson`."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadPerson("name", "invalid", f"A name takes 1 to {LONGEST_NAME} characters.")
    return name


def check_password(password: str, *, not_among: Iterable[str] = ()) -> None:
    """Raises `BadPerson` unless the password is long enough and not one of the person's words.

    Length is what counts (NIST SP 800-63B §3.1.1.2): no rule about kinds of characters.
    """
    if len(password) < SHORTEST_PASSWORD:
        said = f"A password takes at least {SHORTEST_PASSWORD} characters."
        raise BadPerson("password", "too_short", said)
    if len(password) > LONGEST_PASSWORD:
        said = f"A password takes at most {LONGEST_PASSWORD} characters."
        raise BadPerson("password", "too_long", said)
    plain = password.casefold()
    if len(set(plain)) < SHORTEST_PASSWORD // 3 or plain in {w.casefold() for w in not_among}:
        raise BadPerson("password", "too_simple", "This password is too easy to guess.")


def mask_email(email: str) -> str:
    """An address as the audit log shows it: enough to know whose, not enough to write to."""
    local, _, host = email.partition("@")
    return f"{local[:1]}***@{host}"

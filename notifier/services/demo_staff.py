"""The demo's staff: an account for each role that the pages are tried with.

Their passwords are random and lie in the data folder. After each start the accounts are again as
that file says, whatever somebody trying the demo did to them.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from notifier.domain.people import Grant, Role
from notifier.services import passwords, people
from notifier.services.wiring import Wiring
from notifier.store import people as rows
from notifier.store.people import UserRow

FILE = "staff.json"
OFFICE = "lai-thieu"

_NAMES = {
    Role.EDITOR: ("Người soạn (demo)", OFFICE),
    Role.APPROVER: ("Người duyệt (demo)", OFFICE),
    Role.ADMINISTRATOR: ("Quản trị (demo)", None),
}


@dataclass(frozen=True, slots=True)
class _Account:
    email: str
    password: str = field(repr=False)
    hash: str = field(repr=False)  # as the database had it when the password was set


def ensure(*, wiring: Wiring) -> None:
    """Make the accounts, or put right those that are no longer as the file says."""
    path = wiring.settings.data_folder / FILE
    kept = _read(path)
    made = {role: _ensure(role, kept.get(role), wiring) for role in _NAMES}
    if made != kept:
        told = {
            role: {"email": one.email, "password": one.password, "hash": one.hash}
            for role, one in made.items()
        }
        _write(path, json.dumps(told, indent=2))


def told(folder: Path) -> dict[str, dict[str, str]]:
    """By role: the address and the password, for whoever runs the demo."""
    return {
        role: {"email": one.email, "password": one.password}
        for role, one in _read(folder / FILE).items()
    }


def _ensure(role: Role, kept: _Account | None, wiring: Wiring) -> _Account:
    email = f"{role}@{OFFICE}.example"
    password = kept.password if kept else passwords.generate()
    name, office = _NAMES[role]
    user = _user(email, wiring)
    if user is None:
        people.create(email, name, [Grant(role, office)], password, by=None, wiring=wiring)
    elif kept is None or user.password_hash != kept.hash or user.totp_cipher is not None:
        people.reset_password(user.id, password, second_factor_too=True, by=None, wiring=wiring)
    if user is not None and user.disabled_at is not None:
        people.set_disabled(user.id, False, by=None, wiring=wiring)
    now = _user(email, wiring)
    return _Account(email, password, now.password_hash if now else "")


def _user(email: str, wiring: Wiring) -> UserRow | None:
    with wiring.sessions.read() as session:
        return rows.by_email(session, email)


def _read(path: Path) -> dict[Role, _Account]:
    if not path.exists():
        return {}
    return {Role(role): _Account(**one) for role, one in json.loads(path.read_text()).items()}


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    partial.replace(path)

"""Passwords as argon2id hashes (RFC 9106), a few at a time: each takes 64 MiB while it is made."""

import secrets
import threading
import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE = 4
_WAIT_S = 5.0
# No letter or digit that looks like another one on paper: i, j, l and 1; o and 0.
_LETTERS = "abcdefghkmnpqrstuvwxyz23456789"
# 58 bits: typed once from paper, and guessed neither online (throttled) nor offline (argon2id).
_GROUPS, _GROUP = 3, 4


class TooBusy(Exception):
    """So many passwords are being checked that this one was not; try again."""


class Passwords:
    """Makes and checks hashes. One per process; thread-safe."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._room = threading.BoundedSemaphore(_AT_ONCE)

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash(generate())

    def hash(self, password: str) -> str:
        """Raises `TooBusy`."""
        with self._seat():
            return self._hasher.hash(_one_form(password))

    def matches(self, password: str, stored: str | None) -> bool:
        """Whether it is the password of this hash; without one it takes as long. Or `TooBusy`."""
        with self._seat():
            try:
                self._hasher.verify(stored or self._nobodys, _one_form(password))
            except (VerificationError, InvalidHashError):
                return False
            return stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _seat(self) -> "_Seat":
        return _Seat(self._room)


class _Seat:
    def __init__(self, room: threading.BoundedSemaphore) -> None:
        self._room = room

    def __enter__(self) -> None:
        if not self._room.acquire(timeout=_WAIT_S):
            raise TooBusy

    def __exit__(self, *_: object) -> None:
        self._room.release()


def _one_form(password: str) -> str:
    """The same for a letter and its accents as one character and as several.

    Vietnamese keyboards write either (NIST SP 800-63B §3.1.1.2 asks for NFKC or NFKD).
    """
    return unicodedata.normalize("NFKC", password)


def generate() -> str:
    """A password that nobody has to think of, in groups: to be written down and typed once."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)

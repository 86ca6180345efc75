"""How a setting's text is read: each reader answers the value, or raises `ValueError`.

The error's text says what the setting takes; whoever asks puts the setting's name before it.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

KEY_BYTES = 32
_LAST_PORT = 65535
_EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - read here, bound by nobody


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address as a client on this machine reaches it."""
        host = "127.0.0.1" if self.host in _EVERY_ADDRESS else self.host
        return f"http://{Address(host, self.port)}"


@dataclass(frozen=True, slots=True)
class Key:
    """A 256-bit key with the name that stored values call it by."""

    name: str
    secret: bytes = field(repr=False)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not host or not _is_number(port) or int(port) > _LAST_PORT:
        raise ValueError("takes host:port, for example 127.0.0.1:8080")
    return Address(host.strip("[]"), int(port))


def url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text and urlsplit(text).scheme not in schemes:
            raise ValueError(
                f"takes an address that begins with {' or '.join(s + '://' for s in schemes)}"
            )
        try:
            urlsplit(text).port  # noqa: B018 - it is read to be checked
        except ValueError:
            raise ValueError("has a port that is no number up to 65535") from None
        return text.rstrip("/")

    return parse


def integer(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not _is_number(text) or not low <= int(text) <= high:
            raise ValueError(f"takes a whole number from {low} to {high}")
        return int(text)

    return parse


def names(text: str) -> tuple[str, ...]:
    given = tuple(name.strip() for name in text.split(",") if name.strip())
    if not given:
        raise ValueError("takes one name, or several with commas between")
    return given


def hosts(text: str) -> tuple[str, ...]:
    given = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    if any(not name.isascii() or "/" in name or "@" in name or " " in name for name in given):
        raise ValueError("takes hosts without a scheme or path, such as motcua.intranet")
    return given


def key(text: str) -> bytes:
    try:
        secret = base64.b64decode(text, validate=True)
    except binascii.Error:
        secret = b""
    if text and len(secret) != KEY_BYTES:
        raise ValueError("takes 32 bytes in base64 (make one with: baotin secrets new)")
    return secret


def keys(text: str) -> tuple[Key, ...]:
    ring = []
    for part in filter(None, text.split(",")):
        name, colon, secret = part.strip().partition(":")
        if not colon or not name.isalnum() or not secret:
            raise ValueError("takes name:key pairs with commas between, the current key first")
        ring.append(Key(name, key(secret)))
    if len({one.name for one in ring}) != len(ring):
        raise ValueError("names a key twice")
    return tuple(ring)


def flag(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise ValueError("takes yes or no")
    return text == "yes"


def choice(*values: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in values:
            raise ValueError(f"takes {' or '.join(values)}")
        return text

    return parse

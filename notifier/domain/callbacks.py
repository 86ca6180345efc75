"""Callbacks to sources: how they are signed, when they are tried again, and where they may go.

Signed as Standard Webhooks says (github.com/standard-webhooks/standard-webhooks, spec of 2023-12):
HMAC-SHA256 over id, time and body, so that a library of any language verifies them.
"""

import base64
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

LONGEST_URL = 500
SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with
GIVE_UP_AFTER = timedelta(hours=24)
LONGEST_WAIT = timedelta(minutes=15)  # all that waits for the source waits so long

_FIRST_WAIT = timedelta(seconds=10)
# All IPv6 addresses that are given out lie here: neither site-local ones nor those that stand for
# IPv4 ones, though some of them count as global; but for what is set apart below.
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
# Set apart in IANA's registries of special addresses (read 2026-11), and global to some Pythons.
_SET_APART = [
    ipaddress.ip_network(each)
    for each in ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "2002::/16", "3fff::/20")
]


class BadAddress(ValueError):
    """No callback may go there; the text says why."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Where callbacks may go: by https to public addresses, and to the hosts an operator named."""

    hosts: frozenset[str]
    anywhere: bool = False  # in a demo

    def trusts(self, host: str) -> bool:
        """Whether the host may be reached without https, and at any address."""
        return self.anywhere or host.lower() in self.hosts

    def may_connect(self, host: str, address: str) -> bool:
        """Whether a call to this host may go to this address."""
        return self.trusts(host) or is_public(address)

    def read(self, url: str) -> SplitResult:
        """The address in its parts. Raises `BadAddress`; asks no DNS."""
        if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
            raise BadAddress(f"takes an address of at most {LONGEST_URL} ASCII characters")
        try:
            parts = urlsplit(url)
            parts.port  # noqa: B018 - it is read to be checked
        except ValueError:
            raise BadAddress("is no address that can be read") from None
        host = parts.hostname
        if not host or parts.scheme not in {"http", "https"}:
            raise BadAddress("takes an address such as https://motcua.example.vn/bao-tin")
        if parts.username or parts.password or parts.fragment:
            raise BadAddress("takes an address without a user, a password or a fragment")
        if parts.scheme != "https" and not self.trusts(host):
            raise BadAddress("takes https, unless BAOTIN_CALLBACK_HOSTS names its host")
        return parts


def is_public(address: str) -> bool:
    """Whether it is an address of the open internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip not in _GIVEN_OUT:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in each for each in _SET_APART)


def shown(secret: bytes) -> str:
    """The secret as its holder is given it, once."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def secret_of(text: str) -> bytes:
    """The secret that was shown so."""
    return base64.b64decode(text.removeprefix(SECRET_PREFIX))


def sign(secret: bytes, *, delivery: str, at_s: int, body: bytes) -> str:
    """The value of the header `webhook-signature`."""
    mac = hmac.digest(secret, f"{delivery}.{at_s}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(mac).decode()}"


def wait(tries: int) -> timedelta:
    """How long after its nth failed try a callback is tried again: ten seconds to 15 minutes."""
    return min(LONGEST_WAIT, _FIRST_WAIT * (1 << min(tries - 1, 10)))

"""Failed logins are slowed, never locked out: by account and address, and by each alone.

An attempt counts as failed until it succeeded, so that many at once gain nothing. Whoever
logged in from a browser before carries its device token there, and is then counted by that
alone: a flood of wrong passwords from elsewhere, or from a neighbour behind the same address,
does not keep them out. The codes of a second factor are counted on their own: whoever has the
password may give it again and again, and gains no further code by that.
"""

import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy.orm import Session

from notifier.services.views import TooManyTries
from notifier.store import throttles
from notifier.store.engine import Sessions
from notifier.store.sealing import KeyedHashes
from notifier.store.throttles import ThrottleRow


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures cost nothing; then each doubles the wait, up to the longest."""

    free: int
    longest: timedelta

    def wait(self, failures: int) -> timedelta:
        """How long after this many failures the next attempt is heard."""
        over = failures - self.free
        if over < 0:
            return timedelta(0)
        return min(self.longest, timedelta(seconds=2.0 ** min(over, 16)))


PAIR = Limit(5, timedelta(seconds=60))
DEVICE = Limit(5, timedelta(seconds=60))
# Of many addresses on one account, or one address on many accounts: an interval, not a wall.
ACCOUNT = Limit(20, timedelta(seconds=2))
ADDRESS = Limit(50, timedelta(seconds=2))
# Of a million codes three are right at a time: at this pace one is guessed in some three years.
CODE = Limit(5, timedelta(minutes=5))
FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """The buckets that an attempt was counted in."""

    limits: Mapping[bytes, Limit]
    shared: frozenset[bytes]  # also other people's: success takes back one, not all


def attempt(
    *, account: str, address: str, device: str | None, user_id: str | None, hashes: KeyedHashes
) -> Attempt:
    """The buckets of a login: of this account, from this address, with this device token."""
    nonce = _nonce(device, user_id, hashes)
    if nonce is not None:
        return Attempt({hashes.throttle(f"device:{user_id}:{nonce}"): DEVICE}, frozenset())
    place = _network(address)
    by_address = hashes.throttle(f"address:{place}")
    return Attempt(
        {
            hashes.throttle(f"pair:{account}:{place}"): PAIR,
            hashes.throttle(f"account:{account}"): ACCOUNT,
            by_address: ADDRESS,
        },
        frozenset({by_address}),
    )


def code(*, device: str | None, user_id: str, hashes: KeyedHashes) -> Attempt:
    """The bucket of a code after the right password: this device's, or everybody else's."""
    nonce = _nonce(device, user_id, hashes) or ""
    return Attempt({hashes.throttle(f"code:{user_id}:{nonce}"): CODE}, frozenset())


def own(session_id: str, hashes: KeyedHashes) -> Attempt:
    """The bucket of what a person who is in gives once more: a password, or a first code."""
    return Attempt({hashes.throttle(f"own:{session_id}"): PAIR}, frozenset())


def hear(of: Attempt, *, sessions: Sessions) -> Attempt:
    """`begin` in a transaction of its own: what goes wrong after it takes nothing back."""
    with sessions.begin() as session:
        begin(session, of, now=sessions.now(session))
    return of


def begin(session: Session, of: Attempt, *, now: datetime) -> None:
    """Count the attempt as failed. Raises `TooManyTries` when it is not heard at all."""
    rows = throttles.lock(session, of.limits, now=now, purge_after=now + FORGOTTEN_AFTER)
    waits = max(row.next_at for row in rows.values()) - now
    if waits > timedelta(0):
        raise TooManyTries(ceil(waits.total_seconds()))
    for bucket, row in rows.items():
        stale = now - row.failed_at >= FORGOTTEN_AFTER
        failures = 1 if stale else row.failures + 1
        next_at = now + of.limits[bucket].wait(failures)
        throttles.put(
            session,
            ThrottleRow(bucket, failures, failed_at=now, next_at=next_at),
            purge_after=now + FORGOTTEN_AFTER,
        )


def succeed(session: Session, of: Attempt, *, now: datetime) -> None:
    """It was no failure after all."""
    if of.shared:
        rows = throttles.lock(session, of.shared, now=now, purge_after=now + FORGOTTEN_AFTER)
        for row in rows.values():
            less = replace(row, failures=max(0, row.failures - 1), next_at=now)
            throttles.put(session, less, purge_after=now + FORGOTTEN_AFTER)
    throttles.forget(session, of.limits.keys() - of.shared, or_before=now)


def device_token(user_id: str, nonce: str, hashes: KeyedHashes) -> str:
    """What a browser keeps after a login, to be known again."""
    return f"{nonce}.{hashes.device(f'{user_id}:{nonce}').hex()}"


def _nonce(device: str | None, user_id: str | None, hashes: KeyedHashes) -> str | None:
    """The device's own part of its token; none unless this user logged in from it."""
    if device is None or user_id is None:
        return None
    nonce, _, mac = device.partition(".")
    expected = hashes.device(f"{user_id}:{nonce}").hex()
    return nonce if hmac.compare_digest(mac.encode(), expected.encode()) else None


def _network(address: str) -> str:
    """What one attacker surely holds of the address space: an IPv4 address, an IPv6 /64."""
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(read, ipaddress.IPv6Address):
        if read.ipv4_mapped:
            return str(read.ipv4_mapped)
        return str(ipaddress.ip_network((read, 64), strict=False))
    return str(read)

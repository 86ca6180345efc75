"""Encryption of personal columns and keyed hashes for look-ups.

An envelope is: a version byte (1), the length and name of the key, a 12-byte nonce, and
AES-256-GCM's ciphertext with its tag (NIST SP 800-38D). Table, column and row are its
associated data, so that a value moved to another row or column does not open.
"""

import hashlib
import hmac
import os
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from config.settings import Key

_VERSION = 1
_NONCE_BYTES = 12


class SealBroken(Exception):
    """A value does not open: a key is missing from the ring, or it is not this row's value."""


class Sealer:
    """Seals with the first key of the ring and opens with whichever the value names."""

    def __init__(
        self, keys: Sequence[Key], random_bytes: Callable[[int], bytes] = os.urandom
    ) -> None:
        if not keys:
            raise ValueError("the key ring is empty")
        self._ciphers = {key.name: AESGCM(key.secret) for key in keys}
        name = keys[0].name.encode()
        self._current = self._ciphers[keys[0].name]
        self._header = bytes([_VERSION, len(name)]) + name
        self._random_bytes = random_bytes
        self.seals_with = keys[0].name
        self.fingerprints = {key.name: _fingerprint(key) for key in keys}

    @property
    def header(self) -> bytes:
        """How every envelope of the current key begins, and no other's."""
        return self._header

    def seal(self, plain: str, *, table: str, column: str, row: str) -> bytes:
        """The envelope of `plain`, to be stored in that column of that row and nowhere else."""
        nonce = self._random_bytes(_NONCE_BYTES)
        place = _place(table, column, row)
        return self._header + nonce + self._current.encrypt(nonce, plain.encode(), place)

    def open(self, envelope: bytes, *, table: str, column: str, row: str) -> str:
        """What was sealed. Raises `SealBroken`."""
        try:
            start = 2 + envelope[1]
            cipher = self._ciphers[envelope[2:start].decode()]
            nonce, sealed = envelope[start : start + _NONCE_BYTES], envelope[start + _NONCE_BYTES :]
            if envelope[0] != _VERSION:
                raise SealBroken("an envelope of a version that this release does not know")
            return cipher.decrypt(nonce, sealed, _place(table, column, row)).decode()
        except KeyError as missing:
            raise SealBroken(f"the key ring lacks the key {missing}") from None
        except (InvalidTag, IndexError, ValueError):
            raise SealBroken(f"{table}.{column} of {row} does not open") from None


class KeyedHashes:
    """Hashes that only the holder of the hash key can compute, one domain for each use."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def phone(self, e164: str) -> bytes:
        """For finding a phone's rows without storing the phone."""
        return self._hash(b"phone", e164)

    def body(self, body: str) -> bytes:
        """For telling whether an event id came again with another body."""
        return self._hash(b"body", body)

    def throttle(self, bucket: str) -> bytes:
        """For counting failed logins without storing addresses."""
        return self._hash(b"throttle", bucket)

    def device(self, device: str) -> bytes:
        """For knowing a device again that somebody logged in from."""
        return self._hash(b"device", device)

    def code(self, code: str) -> bytes:
        """For telling whether a code is the one that was sent, without storing it."""
        return self._hash(b"code", code)

    def form(self, session: str) -> bytes:
        """For telling the forms that a session's own pages made from others'."""
        return self._hash(b"form", session)

    def _hash(self, domain: bytes, value: str) -> bytes:
        return hmac.digest(self._key, domain + b"\0" + value.encode(), hashlib.sha256)


def _fingerprint(key: Key) -> bytes:
    """Tells two keys of one name apart, and tells nothing else: keys are 256 random bits."""
    return hmac.digest(key.secret, b"fingerprint\0" + key.name.encode(), hashlib.sha256)[:8]


def _place(table: str, column: str, row: str) -> bytes:
    return "\0".join((table, column, row)).encode()

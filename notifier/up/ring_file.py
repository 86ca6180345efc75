"""The encryption ring in an environment file: a key at its end, a key to its front, a key out."""

from collections.abc import Callable, Sequence
from pathlib import Path

from config import readers
from notifier.up import env_file
from notifier.up.secrets import fresh_key

_NAME = "BAOTIN_ENCRYPTION_KEYS"

Pairs = list[tuple[str, str]]


def add(file: Path, name: str) -> bool:
    """Put a fresh key of that name at the end; whether it was not there. Raises `ValueError`."""

    def changed(ring: Pairs) -> Pairs:
        return ring if name in _names(ring) else [*ring, (name, fresh_key())]

    return _change(file, changed)


def use(file: Path, name: str) -> bool:
    """Put the key to the front; whether it was not there. Raises `ValueError`."""

    def changed(ring: Pairs) -> Pairs:
        if name not in _names(ring):
            raise ValueError(f"has no key {name}: add it first")
        return sorted(ring, key=lambda pair: pair[0] != name)

    return _change(file, changed)


def drop(file: Path, name: str) -> bool:
    """Take the key out; whether it was there. Raises `ValueError`."""

    def changed(ring: Pairs) -> Pairs:
        if _names(ring)[:1] == [name]:
            raise ValueError(f"seals with {name}: let another key do so first")
        return [pair for pair in ring if pair[0] != name]

    return _change(file, changed)


def _change(file: Path, changed: Callable[[Pairs], Pairs]) -> bool:
    text = env_file.read(file).get(_NAME, "")
    readers.keys(text)
    ring: Pairs = [_pair(part) for part in filter(None, text.split(","))]
    made = changed(ring)
    written = ",".join(f"{name}:{key}" for name, key in made)
    readers.keys(written)
    if made == ring:
        return False
    env_file.put(file, {_NAME: written})
    return True


def _pair(part: str) -> tuple[str, str]:
    name, _, key = part.strip().partition(":")
    return name, key


def _names(ring: Sequence[tuple[str, str]]) -> list[str]:
    return [name for name, _ in ring]

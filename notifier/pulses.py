"""Every process says once a second, in Redis, that it lives, and a few words about itself.

RQ's own registry counts a killed worker as alive for minutes; a pulse is gone after five seconds.
What it says holds nothing secret: names of keys, never keys.
"""

import contextlib
import json
import os
import socket
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from importlib.metadata import version
from typing import Any

from redis import Redis, RedisError

from config.gateways_file import Fingerprints
from config.settings import Settings
from notifier.domain.clock import Clock
from notifier.domain.timing import CLOCK_JUMP

_KEY = "baotin:pulse:"
_EVERY_S = 1.0
_EXPIRES_S = 5
_JUMP_TOLD_FOR_S = 3600.0


class Role(StrEnum):
    """What a process does; the workers' are the names of their queues."""

    API = "api"
    SEND = "send"
    UPKEEP = "upkeep"
    SCHEDULER = "scheduler"


@dataclass(frozen=True, slots=True)
class About:
    """What a process says of itself. A release may know more fields than another."""

    host: str
    pid: int
    release: str
    encryption_keys: tuple[str, ...]  # names, the one that seals first
    jumped_by_s: float = 0.0  # the last jump of its wall clock within an hour
    gateways: Fingerprints = field(default_factory=Fingerprints)  # of the file as it read it

    @classmethod
    def this_process(cls, settings: Settings) -> "About":
        names = tuple(key.name for key in settings.encryption_keys)
        me = cls(socket.gethostname(), os.getpid(), version("baotin"), names)
        return replace(me, gateways=settings.described.fingerprints) if settings.described else me


@dataclass(frozen=True, slots=True)
class Living:
    """A process that lives."""

    role: Role
    id: str
    about: About | None  # none if it said nothing that this release can read


class Pulse:
    """Beats from a thread of its own: a job may take longer than a beat."""

    def __init__(self, redis: Redis, role: Role, process_id: str, about: About, clock: Clock):
        self._redis = redis
        self._key = f"{_KEY}{role}:{process_id}"
        self._about = about
        self._clock = clock
        self._jumped_at = float("-inf")
        self._last = (clock.now(), clock.monotonic())

    def start(self, stopping: threading.Event) -> None:
        """Beat on a thread until told to stop."""
        threading.Thread(target=self.beat, args=(stopping,), daemon=True).start()

    def beat(self, stopping: threading.Event) -> None:
        """Beat until told to stop, whatever Redis does."""
        while not stopping.is_set():
            said = json.dumps(asdict(self._watched()))
            with contextlib.suppress(RedisError):
                self._redis.set(self._key, said, ex=_EXPIRES_S)
            stopping.wait(_EVERY_S)
        with contextlib.suppress(RedisError):
            self._redis.delete(self._key)

    def _watched(self) -> About:
        """What is said now, with a jump of the wall clock since the last beat in it."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        jump = (now - self._last[0]) - timedelta(seconds=monotonic - self._last[1])
        self._last = (now, monotonic)
        if abs(jump) > CLOCK_JUMP:
            self._jumped_at = monotonic
            self._about = replace(self._about, jumped_by_s=round(jump.total_seconds(), 1))
        elif monotonic - self._jumped_at > _JUMP_TOLD_FOR_S:
            self._about = replace(self._about, jumped_by_s=0.0)
        return self._about


def living(redis: Redis) -> list[Living]:
    """Every process that lives, by role and id. Raises `RedisError`."""
    keys = sorted(key.decode() for key in redis.scan_iter(match=f"{_KEY}*", count=1000))
    said = redis.mget(keys) if keys else []
    found = []
    for key, words in zip(keys, said, strict=True):
        role, _, process_id = key.removeprefix(_KEY).partition(":")
        if words is not None and role in set(Role):
            found.append(Living(Role(role), process_id, _read(words)))
    return found


def count(redis: Redis, roles: Sequence[str]) -> dict[str, int]:
    """How many processes of these roles live. Raises `RedisError`."""
    counts = dict.fromkeys(roles, 0)
    for key in redis.scan_iter(match=f"{_KEY}*", count=1000):
        role = key.decode().removeprefix(_KEY).partition(":")[0]
        if role in counts:
            counts[role] += 1
    return counts


def _read(words: bytes | str) -> About | None:
    try:
        said = json.loads(words)
        return About(
            host=str(said["host"]),
            pid=int(said["pid"]),
            release=str(said["release"]),
            encryption_keys=tuple(map(str, said["encryption_keys"])),
            jumped_by_s=float(said["jumped_by_s"]),
            gateways=_fingerprints(said.get("gateways", {})),
        )
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _fingerprints(said: Mapping[str, Any]) -> Fingerprints:
    gateways = {str(name): str(one) for name, one in said.get("gateways", {}).items()}
    return Fingerprints(str(said.get("route", "")), gateways)

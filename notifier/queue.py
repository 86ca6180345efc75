"""The only place that rings RQ. A ring is a wake-up and carries no work: losing one costs
two seconds, because the sweep finds what is due and rings again.
"""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeout
from redis.retry import Retry
from rq import Queue as RqQueue
from rq.serializers import JSONSerializer

from config.settings import SettingsError
from notifier import pulses
from notifier.domain.timing import RING_EXPIRES

log = structlog.get_logger(__name__)

_RING_KEY = "baotin:ring:send"
_TIMEOUT_S = 2.0
RING_TIMEOUT_S = 0.25
_AWAY_FOR_S = 2.0  # after a lost ring none is tried; the sweep finds as soon what is due
_RESULTS_KEPT_S = 0
_FAILURES_KEPT_S = 3600


class QueueName(StrEnum):
    SEND = "send"
    UPKEEP = "upkeep"


SEND_DUE = "workers.jobs.send_due"


class Queue(Protocol):
    """What services ring through. Never raises: a lost ring is found by the sweep."""

    def ring_send(self) -> None:
        """Wake a send worker, unless one was just woken."""
        ...

    def ring_send_again(self) -> None:
        """Wake a send worker whatever was rung before, while there are fewer jobs than workers."""
        ...

    def silence(self) -> None:
        """Forget the pending ring; the send job says so before its first claim."""
        ...


def connect(url: str, *, timeout_s: float = _TIMEOUT_S) -> Redis:
    """A connection that fails within two seconds, or as said, rather than hang."""
    return Redis.from_url(
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
    )


class RqRings:
    """Rings through RQ. Whoever posts an event waits for its ring: a Redis that hangs is let be.

    `redis`: a client that fails within `RING_TIMEOUT_S`. `monotonic`: seconds of this process.
    """

    def __init__(self, redis: Redis, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._redis = redis
        self._send = RqQueue(QueueName.SEND, connection=redis, serializer=JSONSerializer)
        self._monotonic = monotonic
        self._away_until = float("-inf")

    def ring_send(self) -> None:
        if self._monotonic() < self._away_until:
            return
        try:
            if self._redis.set(_RING_KEY, "1", nx=True, ex=RING_EXPIRES):
                self._enqueue()
        except RedisError as problem:
            self._away_until = self._monotonic() + _AWAY_FOR_S
            log.warning("ring_lost", error=type(problem).__name__)

    def ring_send_again(self) -> None:
        try:
            workers = live_workers(self._redis)[QueueName.SEND]
            if self._send.count < max(1, workers):
                self._redis.set(_RING_KEY, "1", ex=RING_EXPIRES)
                self._enqueue()
        except RedisError as problem:
            log.warning("ring_lost", error=type(problem).__name__)

    def silence(self) -> None:
        try:
            self._redis.delete(_RING_KEY)
        except RedisError as problem:
            log.warning("ring_not_silenced", error=type(problem).__name__)

    def _enqueue(self) -> None:
        self._send.enqueue(
            SEND_DUE,
            job_timeout=-1,  # the job keeps its own slice; RQ's alarm would cut a transaction
            result_ttl=_RESULTS_KEPT_S,
            failure_ttl=_FAILURES_KEPT_S,
        )


def told(problem: Exception) -> str:
    """What is wrong with the Redis that raised this, in words; they go on after its name."""
    match problem:
        case AuthenticationError() | NoPermissionError():
            return "refuses the user and password of REDIS_URL"
        case ResponseError():
            return "refuses REDIS_URL: is the number of its database right?"
        case RedisTimeout():
            return "does not answer in time: is it running, and is TLS (rediss://) as it has it?"
        case RedisConnectionError():
            return "does not answer: is it running there?"
        case _:
            return f"does not answer ({type(problem).__name__})"


def policy_problem(redis: Redis) -> str | None:
    """Why this Redis must not be used, in one line; nothing if it may.

    A policy other than noeviction makes Redis drop jobs without a word when memory is short
    (12,000 enqueues were seen to lose 8,436).
    """
    policy = redis.info("memory").get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        return None
    return f"Redis at REDIS_URL has maxmemory-policy {policy}; set it to noeviction"


def refuse_lossy(redis: Redis) -> None:
    """Raise `SettingsError` if this Redis would drop jobs, `RedisError` if it is away."""
    if problem := policy_problem(redis):
        raise SettingsError(problem)


def live_workers(redis: Redis) -> dict[str, int]:
    """How many workers listen on each queue, by their pulse. Raises `RedisError`."""
    return pulses.count(redis, [name.value for name in QueueName])

"""How much a source may post: a bucket that holds a minute's events and refills all the time.

A request is let in while the bucket holds an event, and then takes all of its own, even below
zero: a batch larger than what is left is never torn, and what it overdrew is waited for later.
"""

from dataclasses import dataclass

_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is left, and when that was so, in seconds of whatever clock is asked."""

    left: float
    at: float


def full(per_minute: int, at: float) -> Bucket:
    return Bucket(float(per_minute), at)


def refilled(bucket: Bucket, per_minute: int, now: float) -> Bucket:
    """The bucket at `now`. A clock that went back refills nothing."""
    passed = max(0.0, now - bucket.at)
    return Bucket(min(float(per_minute), bucket.left + passed * per_minute / _SECONDS), now)


def taken(bucket: Bucket, events: float) -> Bucket:
    return Bucket(bucket.left - events, bucket.at)


def wait_s(bucket: Bucket, per_minute: int) -> float:
    """Seconds until the bucket holds an event; 0 if it does now."""
    return max(0.0, 1 - bucket.left) * _SECONDS / per_minute

"""How long a provider asks to be let be: one reading of all the headers that say it.

`Retry-After` is RFC 9110 §10.2.3: seconds, or a date. `RateLimit` and `RateLimit-Reset` are
draft-ietf-httpapi-ratelimit-headers (drafts 7 to 10, and before): seconds. The `X-` ones are
nobody's standard: seconds from now with some providers, an instant in Unix seconds, Unix
milliseconds or as a date with others; which of them it is shows by the size.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

LONGEST_S = 86_400.0  # a provider that names years is asked again tomorrow
UNSAID_S = 1.0  # "not now" and no word of how long, or of none at all
_HEADERS = (
    "retry-after",  # comes first: it is about this very call
    "ratelimit-reset",
    "x-ratelimit-reset",
    "x-rate-limit-reset",
)
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_INSTANT_FROM = 1e9  # more is no number of seconds from now: an instant, after 2001
_MILLISECONDS_FROM = 1e12
_LEFT = re.compile(r"(?:^|[;,\s])(?:r|remaining)=([0-9]+)")
_RESET = re.compile(r"(?:^|[;,\s])(?:t|reset)=([0-9]{1,20})")


def asked_wait_s(headers: Mapping[str, str], *, now: datetime, first: str = "") -> float | None:
    """Seconds to wait as these headers of an answer say, at most a day; none if they do not.

    `first`: the header that a provider is known to say it in, before all others.
    """
    told = {name.lower(): value for name, value in headers.items()}
    # An instant is one of the provider's clock, which may be slow: ours would call too soon.
    now = _instant(told.get("date", "")) or now
    for name in (first.lower(), *_HEADERS):
        if (wait_s := wait_of(told.get(name), now=now)) is not None:
            return wait_s
    return _of_policies(told.get("ratelimit", ""))


def wait_of(value: str | None, *, now: datetime) -> float | None:
    """The seconds that one header's value means; none if it cannot be read."""
    text = (value or "").strip()
    if _NUMBER.fullmatch(text):
        number = float(text)
        if number >= _MILLISECONDS_FROM:
            return _at_most(number / 1000 - now.timestamp())
        return _at_most(number - now.timestamp() if number >= _INSTANT_FROM else number)
    instant = _instant(text)
    return None if instant is None else _at_most((instant - now).total_seconds())


def _instant(text: str) -> datetime | None:
    """A date of HTTP or of ISO 8601; one without an offset is no instant."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            instant = read(text)
        except (TypeError, ValueError, OverflowError):
            continue
        return instant if instant.tzinfo else None
    return None


def _of_policies(value: str) -> float | None:
    """Of `RateLimit`: until the last of those policies is reset of which nothing is left."""
    whole = [value] if "reset=" in value else value.split(",")  # one policy, in the older drafts
    resets = [
        (left is not None and int(left[1]) == 0, float(reset[1]))
        for one in whole
        if (reset := _RESET.search(one)) is not None
        for left in [_LEFT.search(one)]
    ]
    used_up = [wait_s for is_used_up, wait_s in resets if is_used_up]
    waits = used_up or [wait_s for _, wait_s in resets]
    return _at_most(max(waits)) if waits else None


def _at_most(seconds: float) -> float:
    return min(max(0.0, seconds), LONGEST_S)

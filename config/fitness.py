"""What no process starts with: settings that are missing, and in production those unfit for it.

Each problem is one line that names the setting and says what to do. A **rehearsal** is
production before there is a gateway account: it may talk to a simulator on this machine and to
nothing else, so that a real installation can neither be left in it nor slip into it.
"""

import ipaddress
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from config.gateways import variable
from config.settings import Settings, SettingsError

# What `baotin up` makes for the demo begins so; production refuses it wherever it is found.
DEMO_KEY_MARK = b"baotin-demo:"
DEMO_WORD_MARK = "demo-"

_SHORTEST_WORD = 20  # characters
_FEWEST_DISTINCT_BYTES = 16  # of 32 random ones: fewer come once in some billions of keys
_FEWEST_DISTINCT_CHARACTERS = 8
_HTTPS = "https://"


def refuse(settings: Settings) -> None:
    """Raise `SettingsError` with the first problem."""
    for problem in problems(settings):
        raise SettingsError(problem)


def problems(settings: Settings) -> Iterator[str]:
    """Every problem, what is missing first."""
    yield from _missing(settings)
    if settings.keep_rows_days < settings.keep_personal_days:
        yield "BAOTIN_KEEP_ROWS_DAYS is less than BAOTIN_KEEP_PERSONAL_DAYS: raise it"
    if settings.is_demo:
        if settings.rehearsal:
            yield "BAOTIN_REHEARSAL is for production; the demo reaches no phone anyway: unset it"
        if settings.gateways_file:
            yield "BAOTIN_GATEWAYS_FILE is for production; the demo sends to its simulator alone"
        return
    yield from _drills(settings)
    yield from _gateways(settings)
    yield from _public_url(settings)
    yield from _secrets(settings)


def _missing(settings: Settings) -> Iterator[str]:
    for given, name in (
        (settings.redis_url, "REDIS_URL"),
        (settings.encryption_keys, "BAOTIN_ENCRYPTION_KEYS"),
        (settings.hash_key, "BAOTIN_HASH_KEY"),
        (settings.webhook_secret, "BAOTIN_WEBHOOK_SECRET"),
    ):
        if not given:
            yield f"{name} is not set (`baotin up` sets it for the demo by itself)"


def _drills(settings: Settings) -> Iterator[str]:
    if settings.probe:
        yield "BAOTIN_PROBE is for drills: it cannot be set in production"


def _gateways(settings: Settings) -> Iterator[str]:
    for name in settings.gateways:
        if settings.adapter_of(name) == "simulator":
            where = settings.place_of(name, variable(name, "adapter"))
            named = where if settings.described else "BAOTIN_GATEWAY"
            yield f"{named} names the simulator, which reaches no phone: name a real gateway"
            continue
        prefix = variable(name, "")
        options = settings.adapter_options
        provider_here = options.get(variable(name, "on_this_machine")) == "yes"
        local = False
        for option, value in options.items():
            is_address = option.startswith(prefix) and option.endswith("_URL")
            if is_address and is_loopback(value) and not provider_here:
                local = True
                if not settings.rehearsal:
                    yield (
                        f"{settings.place_of(name, option)} points at this machine, where only a"
                        " simulator can be: unset it, or set BAOTIN_REHEARSAL=yes to rehearse"
                        f" without any SMS; for a provider's own software that runs here, set"
                        f" {settings.place_of(name, variable(name, 'on_this_machine'))} to yes"
                    )
        if settings.rehearsal and not local:
            yield (
                f"BAOTIN_REHEARSAL is yes, but the {name} gateway would send real SMS: point"
                f" {settings.place_of(name, f'{prefix}BASE_URL')} at a simulator on this machine,"
                " or unset BAOTIN_REHEARSAL"
            )


def _public_url(settings: Settings) -> Iterator[str]:
    if not settings.public_url:
        yield (
            "BAOTIN_PUBLIC_URL is not set: providers need the https address at which they reach us"
        )
    elif not settings.public_url.startswith(_HTTPS) or not urlsplit(settings.public_url).hostname:
        yield (
            "BAOTIN_PUBLIC_URL must be an https address with a host:"
            " what providers send holds phones and a secret"
        )


def _secrets(settings: Settings) -> Iterator[str]:
    ring = [
        (f"BAOTIN_ENCRYPTION_KEYS ({key.name})", key.secret) for key in settings.encryption_keys
    ]
    for name, secret in [*ring, ("BAOTIN_HASH_KEY", settings.hash_key)]:
        if secret.startswith(DEMO_KEY_MARK):
            yield f"{name} is a development key of the demo: make one with `baotin secrets new`"
        elif secret and len(set(secret)) < _FEWEST_DISTINCT_BYTES:
            yield f"{name} is not random: make one with `baotin secrets new`"
    if settings.hash_key and settings.hash_key in {key.secret for key in settings.encryption_keys}:
        yield "BAOTIN_HASH_KEY is also in BAOTIN_ENCRYPTION_KEYS: it needs a key of its own"
    words = {
        "BAOTIN_WEBHOOK_SECRET": settings.webhook_secret,
        "BAOTIN_WEBHOOK_SECRET_OLD": settings.old_webhook_secret,
    } | {
        name: value
        for name, value in settings.adapter_options.items()
        if name.endswith(("_WEBHOOK_SECRET", "_WEBHOOK_SECRET_OLD"))
    }
    places = {
        variable(gateway, "webhook_secret"): settings.place_of(
            gateway, variable(gateway, "webhook_secret")
        )
        for gateway in settings.gateways
    }
    for named, word in words.items():
        name = places.get(named, named)
        if word.startswith(DEMO_WORD_MARK):
            yield f"{name} is the demo's: make one with `baotin secrets new`"
        elif word and not _is_strong(word):
            yield (
                f"{name} is too weak: it takes at least {_SHORTEST_WORD} letters, digits, - or _"
                " at random (`baotin secrets new` makes one)"
            )


def _is_strong(word: str) -> bool:
    return (
        re.fullmatch(r"[A-Za-z0-9_-]+", word) is not None
        and len(word) >= _SHORTEST_WORD
        and len(set(word)) >= _FEWEST_DISTINCT_CHARACTERS
    )


def is_loopback(url: str) -> bool:
    """Whether an address leads to this machine, in any way of writing it. Asks no DNS."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        try:
            address = ipaddress.ip_address(socket.inet_aton(host))  # 127.1, 2130706433, 0x7f.1
        except OSError:
            return False
    mapped = getattr(address, "ipv4_mapped", None)
    return any(one.is_loopback or one.is_unspecified for one in (address, mapped) if one)

"""Settings of the gateways in use."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from config.gateways_file import GatewaysFile

MOST_PER_SECOND = 10_000  # units a second, or đồng a segment


class OnUnknown(StrEnum):
    """What happens to a message whose outcome nobody could find out."""

    WAIT = "wait"  # for a receipt, then for a person
    OTHER_GATEWAY = "other_gateway"  # sent elsewhere, flagged as a possible double


class RateUnit(StrEnum):
    """What an account's rate counts."""

    MESSAGES = "messages"
    SEGMENTS = "segments"


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a gateway: what reads, checks and documents it goes by this."""

    name: str  # lower case; its variable is BAOTIN_<GATEWAY>_<NAME>
    help: str  # a phrase
    default: str = ""
    required: bool = False
    secret: bool = False  # from the environment or a file of its own, never shown


COMMON_OPTIONS = (
    Option("base_url", "the provider's address; the adapter's own where it has one"),
    Option("deadline_s", "seconds that a whole call may take, connecting included; at most 8", "8"),
    Option("settle_s", 'seconds after an attempt until "absent" in a look-up is believed', "60"),
    Option(
        "on_unknown",
        "what happens to a message whose outcome nobody could find out: wait for a receipt "
        "and then for a person, or other_gateway, flagged as a possible double",
        "wait",
    ),
    Option(
        "per_second",
        "what the account may send each second, kept to by all workers together; unset: what the "
        "adapter knows of its provider, 0: no limit",
    ),
    Option("segment_price", "what a segment costs, in đồng, for routes that take the cheapest"),
    Option("rate_unit", "what per_second counts: messages or segments", "messages"),
    Option(
        "on_this_machine",
        "yes: what answers at an address of this machine is the provider (a Kannel or Jasmin of "
        "the office's own); else only a simulator can be there, which production refuses",
        "no",
    ),
    Option(
        "webhook_secret",
        "the secret part of the addresses that this provider calls; BAOTIN_WEBHOOK_SECRET if unset",
        secret=True,
    ),
    Option(
        "webhook_secret_old",
        "the secret before, still taken; BAOTIN_WEBHOOK_SECRET_OLD if unset",
        secret=True,
    ),
)


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """One gateway account.

    `options` holds what only its adapter knows (credentials, sender), by the lower-case name
    that the adapter declares. It never shows in a repr.
    """

    name: str
    base_url: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    call_deadline_s: float = 8.0  # the whole call, connecting included; at most 8
    settle_s: float = 60.0  # how long after an attempt "absent" in a look-up is believed
    on_unknown: OnUnknown = OnUnknown.WAIT
    per_second: float | None = None  # none: what the adapter knows of its provider; 0: no limit
    rate_unit: RateUnit = RateUnit.MESSAGES
    segment_price: float | None = None  # in đồng; none: nobody said
    webhook_secret: str = field(default="", repr=False)  # the secret path of its receipts
    adapter: str = ""  # the gateway's name unless the gateways file says another
    place: str = ""  # file and table where it is described; empty for variables
    in_clear: frozenset[str] = frozenset()  # options whose values stand in that file itself
    old_webhook_secret: str = field(default="", repr=False)  # the one before, still taken

    def where(self, option: str) -> str:
        """The name under which a person sets an option."""
        return f"{self.place} {option}" if self.place else variable(self.name, option)

    @property
    def made_by(self) -> str:
        """The name of its adapter."""
        return self.adapter or self.name


def gateway_settings(
    names: tuple[str, ...], options: Mapping[str, str], file: GatewaysFile | None = None
) -> list[GatewaySettings]:
    """The settings of the named gateways, from `BAOTIN_<GATEWAY>_<OPTION>` variables.

    What the gateways file describes brings its adapter and its place; its options are among
    the variables already. Raises `ValueError`, whose text names the variable or the place, when
    one cannot be read.
    """
    tables = file.gateways if file else {}
    made = []
    for name in names:
        table = tables.get(name)
        empty = GatewaySettings(name)
        if table is not None:
            empty = GatewaySettings(
                name, adapter=table.adapter, place=table.place, in_clear=table.in_clear
            )
        made.append(_read(empty, options_of(name, options)))
    return made


def variable(name: str, option: str) -> str:
    """The variable of a gateway's option."""
    return f"BAOTIN_{name}_{option}".upper()


def options_of(name: str, env: Mapping[str, str]) -> dict[str, str]:
    """What the variables say of one gateway, by option."""
    prefix = variable(name, "")
    return {
        given.removeprefix(prefix).lower(): value
        for given, value in env.items()
        if given.startswith(prefix)
    }


def _read(empty: GatewaySettings, options: dict[str, str]) -> GatewaySettings:
    on_unknown = options.pop("on_unknown", OnUnknown.WAIT.value)
    if on_unknown not in set(OnUnknown):
        raise ValueError(f"{empty.where('on_unknown')} takes wait or other_gateway")
    rate_unit = options.pop("rate_unit", RateUnit.MESSAGES.value)
    if rate_unit not in set(RateUnit):
        raise ValueError(f"{empty.where('rate_unit')} takes messages or segments")
    if options.pop("on_this_machine", "no") not in {"yes", "no"}:  # asked for by config.fitness
        raise ValueError(f"{empty.where('on_this_machine')} takes yes or no")
    return replace(
        empty,
        base_url=options.pop("base_url", "").rstrip("/"),
        call_deadline_s=_seconds(empty, "deadline_s", options.pop("deadline_s", "8"), 8),
        settle_s=_seconds(empty, "settle_s", options.pop("settle_s", "60"), 3600),
        on_unknown=OnUnknown(on_unknown),
        per_second=_rate(empty, "per_second", options.pop("per_second", "")),
        rate_unit=RateUnit(rate_unit),
        segment_price=_rate(empty, "segment_price", options.pop("segment_price", "")),
        webhook_secret=options.pop("webhook_secret", ""),
        old_webhook_secret=options.pop("webhook_secret_old", ""),
        options=MappingProxyType(options),
    )


def _rate(empty: GatewaySettings, option: str, text: str) -> float | None:
    if not text:
        return None
    try:
        rate = float(text)
    except ValueError:
        rate = -1.0
    if not 0 <= rate <= MOST_PER_SECOND:
        raise ValueError(f"{empty.where(option)} takes a number from 0 to {MOST_PER_SECOND}")
    return rate


def _seconds(empty: GatewaySettings, option: str, text: str, most: float) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= most:
        told = empty.where(option)
        raise ValueError(f"{told} takes seconds, more than 0 and at most {most:g}")
    return seconds

"""Every setting of every process, read from the environment into one typed object.

A wrong or missing setting raises `SettingsError`, whose text is the one line an operator
needs: the name, what is wrong with it, and what it takes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any

from config import gateways_file, readers
from config.gateways import variable
from config.gateways_file import GatewaysFile
from config.readers import Address, Key

__all__ = ["Address", "Environment", "Key", "Settings", "SettingsError", "setting"]


class SettingsError(Exception):
    """A setting is missing or unusable; the text names it and says what to give."""


class Environment(StrEnum):
    DEMO = "demo"  # seed data, the simulator, development keys; no quiet hours, caps or limits
    PRODUCTION = "production"


def setting(
    env: str,
    parse: Callable[[str], Any],
    help: str,
    default: str | None = None,
    *,
    secret: bool = False,
) -> Any:
    """A field of `Settings`: its variable, its reader, its help, its default as one types it.

    A secret, or what may hold one, shows in no repr.
    """
    metadata = {"env": env, "parse": parse, "help": help, "default": default}
    return field(metadata=metadata, repr=not secret)


def _environment(text: str) -> Environment:
    if text not in set(Environment):
        raise ValueError("takes demo or production")
    return Environment(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the processes are told from outside."""

    environment: Environment = setting(
        "BAOTIN_ENV",
        _environment,
        "demo, which `baotin up` is unless told, or production",
        "production",
    )
    rehearsal: bool = setting(
        "BAOTIN_REHEARSAL",
        readers.flag,
        "production before its gateway account: only a simulator on this machine is called,"
        " and there are no quiet hours",
        "no",
    )
    data_folder: Path = setting(
        "BAOTIN_DATA", Path, "data folder of the embedded default", "./data"
    )
    listen: Address = setting(
        "BAOTIN_LISTEN", readers.address, "where the API listens", "127.0.0.1:8080"
    )
    simulator_listen: Address = setting(
        "BAOTIN_SIMULATOR_LISTEN", readers.address, "where the simulator listens", "127.0.0.1:8081"
    )
    public_url: str = setting(
        "BAOTIN_PUBLIC_URL",
        readers.url("http", "https"),
        "the address at which providers reach us; the listening address if unset",
        "",
    )
    database_url: str = setting(
        "DATABASE_URL",
        readers.url("postgresql", "postgres", "sqlite"),
        "PostgreSQL 14 or later; a SQLite file in the data folder if unset",
        "",
        secret=True,
    )
    redis_url: str = setting(
        "REDIS_URL",
        readers.url("redis", "rediss", "unix"),
        "Redis 6.2 or later, or Valkey; `baotin up` runs an embedded Valkey if unset",
        "",
        secret=True,
    )
    gateways: tuple[str, ...] = setting(
        "BAOTIN_GATEWAY",
        readers.names,
        "the gateways in use, by adapter, in the order in which they are tried",
        "simulator",
    )
    gateways_file: str = setting(
        "BAOTIN_GATEWAYS_FILE",
        str,
        "the gateways in one TOML file, several accounts of an adapter under names of their own;"
        " its `route` is the order unless BAOTIN_GATEWAY is set. Not for the demo",
        "",
    )
    encryption_keys: tuple[Key, ...] = setting(
        "BAOTIN_ENCRYPTION_KEYS",
        readers.keys,
        "keys for personal columns, name:key pairs, the current one first",
        "",
    )
    hash_key: bytes = setting(
        "BAOTIN_HASH_KEY",
        readers.key,
        "key for look-ups by phone, for body hashes and for fingerprints; never rotated",
        "",
        secret=True,
    )
    webhook_secret: str = setting(
        "BAOTIN_WEBHOOK_SECRET",
        str,
        "the secret part of the addresses given to providers",
        "",
        secret=True,
    )
    old_webhook_secret: str = setting(
        "BAOTIN_WEBHOOK_SECRET_OLD",
        str,
        "the secret before, still taken in addresses that were given out while it was the secret",
        "",
        secret=True,
    )
    intake_per_minute: int = setting(
        "BAOTIN_INTAKE_PER_MINUTE",
        readers.integer(0, 1_000_000),
        "events that a source may post a minute, unless it has a limit of its own; 0 for no limit;"
        " the demo has none",
        "6000",
    )
    phone_cap: int = setting(
        "BAOTIN_PHONE_CAP",
        readers.integer(0, 1000),
        "messages that a phone may get in an hour, beyond which they are held; 0 for no cap; the"
        " demo has none",
        "5",
    )
    source_daily_cap: int = setting(
        "BAOTIN_SOURCE_DAILY_CAP",
        readers.integer(0, 10_000_000),
        "messages that a source may make in a day, beyond which they are held, unless it has a cap"
        " of its own; 0 for no cap; the demo has none",
        "20000",
    )
    callback_hosts: tuple[str, ...] = setting(
        "BAOTIN_CALLBACK_HOSTS",
        readers.hosts,
        "hosts of case systems, with commas between, that callbacks reach without https or at an"
        " address that is not public; all others only by https at public addresses",
        "",
    )
    trusted_proxies: int = setting(
        "BAOTIN_TRUSTED_PROXIES",
        readers.integer(0, 10),
        "how many reverse proxies stand in front",
        "0",
    )
    api_threads: int = setting(
        "BAOTIN_API_THREADS",
        readers.integer(1, 256),
        "requests that one API process serves at once",
        "32",
    )
    api_processes: int = setting(
        "BAOTIN_API_PROCESSES",
        readers.integer(1, 64),
        "API processes; 1 on SQLite, which has one writer",
        "1",
    )
    pool_size: int = setting(
        "BAOTIN_POOL_SIZE",
        readers.integer(1, 2000),
        "calls to gateways in flight in one worker",
        "256",
    )
    segment_cost: int = setting(
        "BAOTIN_SEGMENT_COST",
        readers.integer(0, 100_000),
        "what one SMS segment costs, in whole đồng, as previews of templates tell it; an estimate",
        "500",
    )
    keep_personal_days: int = setting(
        "BAOTIN_KEEP_PERSONAL_DAYS",
        readers.integer(30, 3650),
        "days until a night empties texts, phones and the bodies of events; for what comes in from"
        " now on",
        "90",
    )
    keep_rows_days: int = setting(
        "BAOTIN_KEEP_ROWS_DAYS",
        readers.integer(30, 36500),
        "days until a night removes cases, events and messages; their daily counts stay. At least"
        " BAOTIN_KEEP_PERSONAL_DAYS",
        "730",
    )
    log_level: str = setting(
        "BAOTIN_LOG_LEVEL",
        readers.choice("debug", "info", "warning", "error"),
        "how much is logged",
        "info",
    )
    probe: str = setting(
        "BAOTIN_PROBE", str, "a drill's module:function, called at named points; demo only", ""
    )
    adapter_options: Mapping[str, str] = field(default_factory=dict, repr=False)
    described: GatewaysFile | None = field(default=None, repr=False)  # what the gateways file says

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read the settings. Raises `SettingsError` at the first that is unusable."""
        values: dict[str, Any] = {}
        for spec in fields(cls):
            if "env" not in spec.metadata:
                continue
            name, text = spec.metadata["env"], spec.metadata["default"]
            given = env.get(name)
            try:
                values[spec.name] = spec.metadata["parse"](text if given in {None, ""} else given)
            except ValueError as problem:
                raise SettingsError(f"{name} {problem}") from None
        ours = {spec.metadata["env"] for spec in fields(cls) if "env" in spec.metadata}
        values["adapter_options"] = {
            name: value
            for name, value in env.items()
            if value and _is_adapter_option(name) and name not in ours
        }
        if values["gateways_file"]:
            values |= _described(values, env)
        return cls(**values)

    def adapter_of(self, gateway: str) -> str:
        """Which adapter makes a gateway."""
        table = self.described.gateways.get(gateway) if self.described else None
        return table.adapter if table else gateway

    def place_of(self, gateway: str, name: str) -> str:
        """Where a person sets a gateway's option: its variable `name`, or its place in the file."""
        table = self.described.gateways.get(gateway) if self.described else None
        prefix = variable(gateway, "")
        return f"{table.place} {name.removeprefix(prefix).lower()}" if table else name

    @property
    def is_demo(self) -> bool:
        return self.environment is Environment.DEMO

    @property
    def reaches_citizens(self) -> bool:
        """Whether an SMS may ring a citizen's phone, so that hours and going live count."""
        return not (self.is_demo or self.rehearsal)

    @property
    def embedded_database(self) -> bool:
        """Whether the database is a SQLite file, with its one writer."""
        return not self.database_url or self.database_url.startswith("sqlite")

    @property
    def provider_facing_url(self) -> str:
        """The address of the API as providers are given it, without a slash at the end."""
        return self.public_url or self.listen.url


def _described(values: Mapping[str, Any], env: Mapping[str, str]) -> dict[str, Any]:
    """What the gateways file changes. A variable goes before what the file says."""
    try:
        file = gateways_file.read(Path(values["gateways_file"]), env, values["hash_key"])
    except ValueError as problem:
        raise SettingsError(str(problem)) from None
    options = {
        variable(name, option): value
        for name, table in file.gateways.items()
        for option, value in table.options.items()
    }
    route = values["gateways"] if env.get("BAOTIN_GATEWAY") else file.route
    return {
        "described": file,
        "gateways": route,
        "adapter_options": {**options, **values["adapter_options"]},
    }


def _is_adapter_option(name: str) -> bool:
    """Adapters' own options are `BAOTIN_<ADAPTER>_<OPTION>`, such as BAOTIN_TWILIO_ACCOUNT_SID."""
    return re.fullmatch(r"BAOTIN_[A-Z0-9]+_[A-Z0-9_]+", name) is not None

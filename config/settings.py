"""Every setting of every process, read from the environment into one typed object.

A wrong or missing setting raises `SettingsError`, whose text is the one line an operator
needs: the name, what is wrong with it, and what it takes.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

KEY_BYTES = 32
_LAST_PORT = 65535
_EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - read here, bound by nobody


class SettingsError(Exception):
    """A setting is missing or unusable; the text names it and says what to give."""


class Environment(StrEnum):
    DEMO = "demo"  # seed data, the simulator, development keys; no quiet hours, caps or limits
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address as a client on this machine reaches it."""
        host = "127.0.0.1" if self.host in _EVERY_ADDRESS else self.host
        return f"http://{Address(host, self.port)}"


@dataclass(frozen=True, slots=True)
class Key:
    """A 256-bit key with the name that stored values call it by."""

    name: str
    secret: bytes = field(repr=False)


def setting(env: str, parse: Callable[[str], Any], help: str, default: str | None = None) -> Any:
    """A field of `Settings`: its variable, its reader, its help, its default as one types it."""
    return field(metadata={"env": env, "parse": parse, "help": help, "default": default})


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > _LAST_PORT:
        raise ValueError("takes host:port, for example 127.0.0.1:8080")
    return Address(host.strip("[]"), int(port))


def _url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text and urlsplit(text).scheme not in schemes:
            raise ValueError(
                f"takes an address that begins with {' or '.join(s + '://' for s in schemes)}"
            )
        return text.rstrip("/")

    return parse


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"takes a whole number from {low} to {high}")
        return int(text)

    return parse


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise ValueError("takes one name, or several with commas between")
    return names


def _environment(text: str) -> Environment:
    if text not in set(Environment):
        raise ValueError("takes demo or production")
    return Environment(text)


def _key(text: str) -> bytes:
    try:
        secret = base64.b64decode(text, validate=True)
    except binascii.Error:
        secret = b""
    if text and len(secret) != KEY_BYTES:
        raise ValueError("takes 32 bytes in base64 (make one with: baotin secrets new)")
    return secret


def _keys(text: str) -> tuple[Key, ...]:
    keys = []
    for part in filter(None, text.split(",")):
        name, colon, secret = part.strip().partition(":")
        if not colon or not name.isalnum() or not secret:
            raise ValueError("takes name:key pairs with commas between, the current key first")
        keys.append(Key(name, _key(secret)))
    if len({key.name for key in keys}) != len(keys):
        raise ValueError("names a key twice")
    return tuple(keys)


def _choice(*values: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in values:
            raise ValueError(f"takes {' or '.join(values)}")
        return text

    return parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the processes are told from outside."""

    environment: Environment = setting(
        "BAOTIN_ENV", _environment, "demo, or production", "production"
    )
    data_folder: Path = setting(
        "BAOTIN_DATA", Path, "data folder of the embedded default", "./data"
    )
    listen: Address = setting("BAOTIN_LISTEN", _address, "where the API listens", "127.0.0.1:8080")
    simulator_listen: Address = setting(
        "BAOTIN_SIMULATOR_LISTEN", _address, "where the simulator listens", "127.0.0.1:8081"
    )
    public_url: str = setting(
        "BAOTIN_PUBLIC_URL",
        _url("http", "https"),
        "the address at which providers reach us; the listening address if unset",
        "",
    )
    database_url: str = setting(
        "DATABASE_URL",
        _url("postgresql", "postgres", "sqlite"),
        "PostgreSQL 14 or later; a SQLite file in the data folder if unset",
        "",
    )
    redis_url: str = setting(
        "REDIS_URL",
        _url("redis", "rediss", "unix"),
        "Redis 6.2 or later, or Valkey; `baotin up` runs an embedded Valkey if unset",
        "",
    )
    gateways: tuple[str, ...] = setting(
        "BAOTIN_GATEWAY",
        _names,
        "the gateways in use, by adapter, in the order in which they are tried",
        "simulator",
    )
    encryption_keys: tuple[Key, ...] = setting(
        "BAOTIN_ENCRYPTION_KEYS",
        _keys,
        "keys for personal columns, name:key pairs, the current one first",
        "",
    )
    hash_key: bytes = setting(
        "BAOTIN_HASH_KEY", _key, "key for look-ups by phone and for body hashes; never rotated", ""
    )
    webhook_secret: str = setting(
        "BAOTIN_WEBHOOK_SECRET", str, "the secret part of the addresses given to providers", ""
    )
    trusted_proxies: int = setting(
        "BAOTIN_TRUSTED_PROXIES", _integer(0, 10), "reverse proxies in front of the API", "0"
    )
    api_threads: int = setting(
        "BAOTIN_API_THREADS", _integer(1, 256), "requests that one API process serves at once", "32"
    )
    api_processes: int = setting(
        "BAOTIN_API_PROCESSES",
        _integer(1, 64),
        "API processes; 1 on SQLite, which has one writer",
        "1",
    )
    pool_size: int = setting(
        "BAOTIN_POOL_SIZE", _integer(1, 2000), "calls to gateways in flight in one worker", "256"
    )
    log_level: str = setting(
        "BAOTIN_LOG_LEVEL",
        _choice("debug", "info", "warning", "error"),
        "how much is logged",
        "info",
    )
    probe: str = setting(
        "BAOTIN_PROBE", str, "a drill's module:function, called at named points; demo only", ""
    )
    adapter_options: Mapping[str, str] = field(default_factory=dict, repr=False)

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
        values["adapter_options"] = {
            name: value for name, value in env.items() if _is_adapter_option(name) and value
        }
        return cls(**values)

    @property
    def is_demo(self) -> bool:
        return self.environment is Environment.DEMO

    @property
    def embedded_database(self) -> bool:
        """Whether the database is a SQLite file, with its one writer."""
        return not self.database_url or self.database_url.startswith("sqlite")

    @property
    def provider_facing_url(self) -> str:
        """The address of the API as providers are given it, without a slash at the end."""
        return self.public_url or self.listen.url


def _is_adapter_option(name: str) -> bool:
    """Adapters' own options are `BAOTIN_<ADAPTER>_<OPTION>`, such as BAOTIN_TWILIO_ACCOUNT_SID."""
    return re.fullmatch(r"BAOTIN_[A-Z0-9]+_[A-Z0-9_]+", name) is not None

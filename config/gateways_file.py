"""The gateways in one TOML file: their order, and the settings of each account.

    route = ["vnpt", "esms-reserve"]

    [gateways.vnpt]
    agent_id = "123"
    password = { env = "VNPT_PASSWORD" }

    [gateways.esms-reserve]
    adapter = "esms"
    api_key = { file = "/run/credentials/esms-api-key" }

A value that is a secret is only named here: the environment or a file of its own holds it.
"""

import hashlib
import hmac
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_KEY = re.compile(r"[a-z][a-z0-9_]*")
_MOST_BYTES = 1_000_000
_MOST_SECRET_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class GatewayTable:
    """One gateway as the file describes it."""

    adapter: str
    place: str  # file and table, for errors
    options: Mapping[str, str] = field(repr=False)
    in_clear: frozenset[str]  # the options whose values stand in the file itself


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """What a process read: these change with the file's words, and with the files it refers to.

    They stand in Redis: whoever has not the installation's key cannot try secrets against them.
    Variables are not in them: of another process's nobody knows what they are now.

    Empty, all of it, where there is no file, or none that can be read.
    """

    route: str = ""
    gateways: Mapping[str, str] = field(default_factory=dict)

    def differing(self, other: "Fingerprints") -> tuple[str, ...]:
        """The gateways that one has and the other has not, or not so."""
        names = sorted({*self.gateways, *other.gateways})
        return tuple(n for n in names if self.gateways.get(n) != other.gateways.get(n))


@dataclass(frozen=True, slots=True)
class GatewaysFile:
    """A file of gateways."""

    route: tuple[str, ...]
    gateways: Mapping[str, GatewayTable]
    fingerprints: Fingerprints


def read(path: Path, env: Mapping[str, str], hash_key: bytes) -> GatewaysFile:
    """The file with what it refers to. Raises `ValueError`: one line with file, table and key.

    `hash_key`: the installation's, for the fingerprints.
    """
    content = _bytes(path)
    try:
        told = tomllib.loads(content.decode())
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8") from None
    except tomllib.TOMLDecodeError as problem:
        raise ValueError(f"{path} is not TOML: {problem}") from None
    for key in told:
        if key not in {"route", "gateways"}:
            raise ValueError(f"{path}: there is no {key}; it takes route and [gateways.NAME]")
    tables = told.get("gateways", {})
    if not isinstance(tables, dict) or not tables:
        raise ValueError(f"{path} describes no gateway: it takes [gateways.NAME]")
    strange = [name for name, table in tables.items() if not isinstance(table, dict)]
    if strange:
        raise ValueError(f"{path}: gateways.{strange[0]} is no table: write [gateways.NAME]")
    # Before the values: what changes in between asks for a restart too many, never one too few.
    prints = _fingerprints(path, told, hash_key)
    gateways = {name: _table(path, name, table, env) for name, table in tables.items()}
    route = _route(path, told.get("route", [*gateways]), gateways)
    return GatewaysFile(route, gateways, prints)


def fingerprints(path: Path, hash_key: bytes) -> Fingerprints:
    """Those of the file as it is now. Never raises: one that cannot be read has none."""
    try:
        return _fingerprints(path, tomllib.loads(_bytes(path).decode()), hash_key)
    except ValueError:
        return Fingerprints()


def _fingerprints(path: Path, told: Mapping[str, Any], hash_key: bytes) -> Fingerprints:
    tables = told.get("gateways", {})
    if not isinstance(tables, dict):
        return Fingerprints()
    return Fingerprints(
        _digest(told.get("route", [*tables]), hash_key),
        {name: _digest(_with_files(path, table), hash_key) for name, table in tables.items()},
    )


def _with_files(path: Path, table: Any) -> Any:
    """The table, and what the files hold that it refers to."""
    if not isinstance(table, dict):
        return table
    held: dict[str, str | None] = {}
    for key, value in table.items():
        match value:
            case {"file": str(named)}:
                try:
                    held[key] = _held(path.parent / named)
                except (OSError, ValueError):
                    held[key] = None
    return [table, held]


def _digest(value: Any, hash_key: bytes) -> str:
    words = json.dumps(value, sort_keys=True, default=str).encode(errors="surrogatepass")
    return hmac.digest(hash_key, b"gateways\0" + words, hashlib.sha256).hex()[:12]


def _bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as problem:
        raise ValueError(f"{path} cannot be read: {problem.strerror}") from None
    if len(content) > _MOST_BYTES:
        raise ValueError(f"{path} is larger than a megabyte")
    return content


def _route(path: Path, told: Any, gateways: Mapping[str, GatewayTable]) -> tuple[str, ...]:
    if not isinstance(told, list) or not told or not all(isinstance(one, str) for one in told):
        raise ValueError(f'{path}: route takes names of gateways, such as ["vnpt", "esms"]')
    for name in told:
        if name not in gateways:
            raise ValueError(f"{path}: route names {name}, and there is no [gateways.{name}]")
    if len(set(told)) != len(told):
        raise ValueError(f"{path}: route names a gateway twice")
    return tuple(told)


def _table(path: Path, name: str, table: Mapping[str, Any], env: Mapping[str, str]) -> GatewayTable:
    place = f"{path}: [gateways.{name}]"
    if not _NAME.fullmatch(name):
        raise ValueError(f"{place} is no name: it takes a to z, digits and -")
    options: dict[str, str] = {}
    in_clear: set[str] = set()
    for key, value in table.items():
        if not _KEY.fullmatch(key):
            raise ValueError(f"{place} {key} is no option")
        if isinstance(value, dict):
            options[key] = _referred(path, f"{place} {key}", value, env)
        else:
            options[key] = _plain(f"{place} {key}", value)
            in_clear.add(key)
    adapter = options.pop("adapter", name)
    return GatewayTable(adapter, place, options, frozenset(in_clear - {"adapter"}))


def _plain(where: str, value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str() | int() | float():
            return str(value)
        case _:
            raise ValueError(f"{where} takes a text, a number, true or false")


def _held(file: Path) -> str:
    """What stands in a file of a value of its own. Raises `OSError` or `UnicodeDecodeError`."""
    return file.read_bytes()[:_MOST_SECRET_BYTES].decode().strip()


def _referred(path: Path, where: str, value: Mapping[str, Any], env: Mapping[str, str]) -> str:
    """What a reference refers to; the value itself is in no error."""
    match value:
        case {"env": str(variable), **rest} if not rest:
            if not env.get(variable):
                raise ValueError(f"{where} refers to the variable {variable}, which is not set")
            return env[variable]
        case {"file": str(named), **rest} if not rest:
            file = path.parent / named
            try:
                content = _held(file)
            except UnicodeDecodeError:
                raise ValueError(f"{where} refers to {file}, which is not UTF-8") from None
            except OSError as problem:
                raise ValueError(
                    f"{where} refers to {file}, which cannot be read: {problem.strerror}"
                ) from None
            if not content:
                raise ValueError(f"{where} refers to {file}, which is empty")
            return content
        case _:
            raise ValueError(f'{where} takes {{ env = "VARIABLE" }} or {{ file = "PATH" }}')

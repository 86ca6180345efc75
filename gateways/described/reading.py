"""A description as it is read: every key is asked for, and one that nobody asked for is told.

Whatever is wrong is a `GatewayConfigError` that names the file, the key and what it takes.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from gateways.adapter import GatewayConfigError

_T = TypeVar("_T")


def read_file(path: str, where: str) -> "Table":
    """The whole file. `where` is what a person set to name it."""
    try:
        return Table(tomllib.loads(Path(path).read_text(encoding="utf-8")), f"{path}:", "")
    except OSError as problem:
        told = problem.strerror or type(problem).__name__
        raise GatewayConfigError(f"{where}: {path} cannot be read: {told}") from None
    except ValueError as problem:  # no TOML, no UTF-8
        raise GatewayConfigError(f"{path}: {problem}") from None


class Table:
    """One table of the file."""

    def __init__(self, values: Mapping[str, Any], file: str, name: str) -> None:
        self._values = dict(values)
        self._file = file
        self._name = name

    def fail(self, key: str, takes: str) -> NoReturn:
        """Say that a key is wrong, and what it takes."""
        raise GatewayConfigError(f"{self._file} {self._at(key)} {takes}")

    def text(self, key: str, default: str | None = None) -> str:
        """Words; needed unless there is a default."""
        value = self._values.pop(key, default)
        if value is None:
            self.fail(key, "is missing")
        if not isinstance(value, str):
            self.fail(key, "takes text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of words; empty without one."""
        value = self._values.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.fail(key, "takes a list of texts")
        return tuple(value)

    def flag(self, key: str) -> bool:
        """Yes or no; no without one."""
        value = self._values.pop(key, False)
        if not isinstance(value, bool):
            self.fail(key, "takes true or false")
        return value

    def number(self, key: str, default: float | None) -> float | None:
        """More than nothing."""
        if key not in self._values:
            return default
        value = self._values.pop(key)
        if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
            self.fail(key, "takes a number above 0")
        return float(value)

    def choice(self, key: str, among: Mapping[str, _T], default: str | None = None) -> _T:
        """What one of a few words stands for."""
        value = self.text(key, default)
        if value not in among:
            self.fail(key, f"takes {', '.join(among)}")
        return among[value]

    def statuses(self, key: str) -> frozenset[int]:
        """HTTP statuses; none without a list."""
        value = self._values.pop(key, [])
        if not isinstance(value, list) or not all(type(one) is int for one in value):
            self.fail(key, "takes a list of HTTP statuses")
        return frozenset(value)

    def table(self, key: str) -> "Table":
        """A table; empty where there is none."""
        value = self._values.pop(key, {})
        if not isinstance(value, dict):
            self.fail(key, "takes a table")
        return Table(value, self._file, self._at(key))

    def maybe(self, key: str) -> "Table | None":
        """A table, if there is one."""
        return self.table(key) if key in self._values else None

    def tables(self, key: str) -> list["Table"]:
        """A list of tables, in order; empty without one."""
        value = self._values.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.fail(key, f"takes a list of tables: [[{self._at(key)}]]")
        return [Table(one, self._file, f"{self._at(key)}[{n}]") for n, one in enumerate(value)]

    def free(self) -> dict[str, Any]:
        """All that is left, under names that the file itself chose."""
        taken, self._values = self._values, {}
        return taken

    def end(self) -> None:
        """Nobody asks for more: what is left is a mistake."""
        for key in self._values:
            self.fail(key, "is nothing that this table takes")

    def _at(self, key: str) -> str:
        return f"{self._name}.{key}" if self._name else key

"""What the doctor says of one part: how it is, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    OK = "ok"
    WARN = "warn"  # works, and a person should look
    FAIL = "fail"  # does not work, or must not be left so


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor. `do` is empty where nothing is to be done."""

    part: str
    health: Health
    said: str
    do: str = ""


def ok(part: str, said: str) -> Finding:
    return Finding(part, Health.OK, said)


def warn(part: str, said: str, do: str) -> Finding:
    return Finding(part, Health.WARN, said, do)


def fail(part: str, said: str, do: str) -> Finding:
    return Finding(part, Health.FAIL, said, do)

"""JSON as we take it: what is ambiguous or dangerous is refused, not guessed at.

Python's own reader lets NaN, a repeated key, half a surrogate pair and control characters pass,
and answers 100,000 brackets with a RecursionError.
"""

import json
import math
import re
from typing import Any, NoReturn

from notifier.api.problems import Problem
from notifier.services.views import FieldProblem

DEEPEST = 32
_MOST_DIGITS = 18

# Control characters (Unicode category Cc) and halves of surrogate pairs.
_SUSPECT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def loads(body: bytes) -> Any:
    """The value in `body`. Raises `Problem` with a 400 code that says what is wrong."""
    if body.startswith(b"\xef\xbb\xbf"):
        raise Problem("byte_order_mark")
    try:
        text = body.decode()
    except UnicodeDecodeError as problem:
        raise Problem("bad_utf8", f"Byte {problem.start} does not belong there.") from None
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise Problem("too_deep") from None
    except json.JSONDecodeError as problem:
        raise Problem("bad_json", f"{problem.msg} at character {problem.pos}.") from None
    _inspect(value)
    return value


def _constant(name: str) -> NoReturn:
    raise Problem("not_a_number", f"{name} is not JSON.")


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise Problem("number_out_of_range")
    return number


def _int(digits: str) -> int:
    if len(digits) > _MOST_DIGITS + 1:
        raise Problem("number_out_of_range")
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                named = FieldProblem(_shown(key), "duplicate_key", "This key is there twice.")
                raise Problem("duplicate_key", errors=[named])
            seen.add(key)
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_float,
    parse_int=_int,
    parse_constant=_constant,
)


def _inspect(value: Any) -> None:
    """Refuse what parses but must not pass: depth, control characters, half surrogate pairs."""
    level, depth = [value], 0
    while level:
        depth += 1
        below: list[Any] = []
        for one in level:
            if isinstance(one, str):
                _inspect_text(one)
            elif isinstance(one, dict):
                if depth > DEEPEST:
                    raise Problem("too_deep")
                for key in one:
                    _inspect_text(key)
                below.extend(one.values())
            elif isinstance(one, list):
                if depth > DEEPEST:
                    raise Problem("too_deep")
                below.extend(one)
        level = below


def _inspect_text(text: str) -> None:
    if (text.isascii() and text.isprintable()) or not (found := _SUSPECT.search(text)):
        return
    code = "lone_surrogate" if "\ud800" <= found[0] <= "\udfff" else "control_character"
    raise Problem(code, f"U+{ord(found[0]):04X} stands in a text.")


def _shown(key: str) -> str:
    """A key as an answer may carry it."""
    return _SUSPECT.sub("?", key)[:64]

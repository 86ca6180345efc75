"""Strict JSON: either the value that everybody would read, or a problem; never anything else."""

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifier.api import strict_json
from notifier.api.problems import PROBLEMS, Problem

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18) + 1, 10**18 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner), max_leaves=20
)


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_what_is_sound_is_read_as_python_itself_reads_it(
    value: Any, ascii_only: bool, indent: int | None
) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert strict_json.loads(body) == value


@given(st.binary(max_size=200))
@example(b"\xff\xfe{\0}\0")
@example(b"nul")
@example(b'"\\ud83d\\ude00"')
def test_no_bytes_at_all_do_more_than_be_refused(body: bytes) -> None:
    _answered(body)


@given(VALUES, st.data())
def test_sound_json_with_bytes_changed_is_read_soundly_or_refused(
    value: Any, data: st.DataObject
) -> None:
    body = bytearray(json.dumps(value).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    _answered(bytes(body))


def _answered(body: bytes) -> None:
    """Refused with a code of ours and status 400, or read as Python's own reader reads it."""
    try:
        value = strict_json.loads(body)
    except Problem as problem:
        assert PROBLEMS[problem.code][0] == 400
        return
    assert value == json.loads(body.decode())
    _is_sound(value)


def _is_sound(value: Any) -> None:
    match value:
        case str():
            value.encode()
            assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in value)
        case float():
            assert math.isfinite(value)
        case list():
            for one in value:
                _is_sound(one)
        case dict():
            for name, one in value.items():
                _is_sound(name)
                _is_sound(one)
        case _:
            assert value is None or isinstance(value, bool | int)


@pytest.mark.parametrize("depth", [31, 32, 33])
@pytest.mark.parametrize("brackets", ["[]", "{}"])
def test_depth_is_counted_to_32(depth: int, brackets: str) -> None:
    opening = "[" if brackets == "[]" else '{"a":'
    body = (opening * depth + ("" if brackets == "[]" else "1") + brackets[1] * depth).encode()
    if depth <= strict_json.DEEPEST:
        strict_json.loads(body)
    else:
        with pytest.raises(Problem, match="too_deep"):
            strict_json.loads(body)


@given(TEXTS, SCALARS, SCALARS)
def test_a_key_named_twice_is_refused_wherever_it_stands(key: str, one: Any, two: Any) -> None:
    name = json.dumps(key)
    body = f'[{{"x": {{{name}: {json.dumps(one)}, {name}: {json.dumps(two)}}}}}]'
    with pytest.raises(Problem) as refused:
        strict_json.loads(body.encode())
    assert refused.value.code == "duplicate_key"

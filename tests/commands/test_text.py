"""`baotin text` and `baotin phone`, the two that scripts pipe through."""

import json
import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

# Vietnamese standard input, whatever the terminal says its encoding is.
PLAIN = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}


def test_a_text_is_counted_as_it_is_and_toneless(started_baotin: Run) -> None:
    done = started_baotin("text", "--json", "Hồ sơ đã có kết quả")
    assert json.loads(done.stdout) == {
        "text": "Hồ sơ đã có kết quả",
        "encoding": "ucs2",
        "units": 19,
        "segments": 1,
        "forcing": ["ồ", "ơ", "đ", "ã", "ó", "ế", "ả"],
        "toneless": {
            "text": "Ho so da co ket qua",
            "encoding": "gsm7",
            "units": 19,
            "segments": 1,
            "forcing": [],
        },
    }


LINES: list[tuple[str, list[str], str, list[Any]]] = [
    ("text", ["a", "Đ", "x\ny", ""], "units", [1, 1, 3, 0]),
    ("text", ["\u00e0", "a\u0300"], "text", ["à", "à"]),
    ("phone", ["0912345678", "0274 3755555", "01201234567"], "e164",
     ["+84912345678", "+842743755555", "+84701234567"]),
    ("phone", ["0912345678", "0274 3755555", ""], "usable", [True, False, False]),
]  # fmt: skip


@pytest.mark.parametrize(("command", "given", "field", "told"), LINES)
def test_each_line_of_input_is_one_json_string_and_one_object_of_output(
    started_baotin: Run, command: str, given: list[str], field: str, told: list[Any]
) -> None:
    sent = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in given)
    done = started_baotin(command, "--json", "--lines", "-", given=sent, env=PLAIN)
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)[field] for line in done.stdout.splitlines()] == told


def test_a_minus_reads_all_of_standard_input(started_baotin: Run) -> None:
    done = started_baotin("text", "--json", "-", given="hai\ndòng", env=PLAIN)
    assert json.loads(done.stdout)["text"] == "hai\ndòng"


def test_a_person_gets_words(started_baotin: Run) -> None:
    assert started_baotin("phone", "0912-345-678 (Nam)").stdout == (
        "e164: +84912345678\ntype: mobile\nusable: yes\nreason: none\nconverted_from: none\n"
    )


REFUSED = [
    (("text",), None, 2, "baotin text: Missing argument 'TEXT'; see baotin text --help"),
    (("text", "--lines", "x"), None, 2, "baotin text: --lines reads standard input: give - with"),
    (("text", "--fast", "x"), None, 2, "baotin text: No such option"),
    (("text", "--lines", "-"), '"a"\nx\n', 1, "baotin: line 2 is not a JSON string"),
    (("phone", "--lines", "-"), "84\n", 1, "baotin: line 1 is not a JSON string"),
    (("text", "--lines", "-"), '"\\ud800"\n', 1, "baotin: the text has half a surrogate pair"),
    (("text", "--lines", "-"), "[" * 100_000, 1, "baotin: line 1 is not a JSON string"),
    (("text", "-"), b"\xff\xfe".decode("latin-1"), 1, "baotin: standard input is not UTF-8"),
]


@pytest.mark.parametrize(("arguments", "given", "code", "said"), REFUSED)
def test_what_cannot_be_read_is_one_line_of_complaint(
    arguments: tuple[str, ...], given: str | None, code: int, said: str, started_baotin: Run
) -> None:
    done = subprocess.run(
        [*_command(started_baotin), *arguments],
        input=(given or "").encode("latin-1"),
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        check=False,
    )
    assert done.returncode == code
    told = done.stderr.decode()
    assert told.startswith(said)
    assert told.count("\n") == 1


def _command(started_baotin: Run) -> list[str]:
    done: list[str] = list(started_baotin("--version").args)[:-1]
    return done

"""`baotin templates` as people type it."""

import json
import subprocess
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
GOOD = {"name": "A", "vi": "{don_vi}: hồ sơ {ma_ho_so} xong.", "en": "{don_vi}: {ma_ho_so} done."}


@pytest.mark.parametrize("name", ["templates", "answers"])
def test_the_shipped_words_pass(baotin: Run, name: str) -> None:
    shipped = resources.files("config.seed").joinpath(f"{name}.json")
    told = baotin("templates", "check", str(shipped), "--json")
    checked = json.loads(told.stdout)
    assert (told.returncode, checked["ok"]) == (0, True)
    assert {text["segments"] for text in checked["texts"]} == {1}


def test_a_good_text_is_measured_with_its_longest_values(baotin: Run) -> None:
    told = baotin("templates", "check", "-", given=json.dumps(GOOD))
    assert (told.returncode, told.stdout.splitlines()) == (
        0,
        ["A vi: ok, 64 characters, 1 SMS, 1 accented", "A en: ok, 58 characters, 1 SMS"],
    )


def test_every_problem_is_a_line_and_the_exit_code_says_so(baotin: Run, tmp_path: Path) -> None:
    path = tmp_path / "words.json"
    bad = {"name": "B", "vi": "{don_vi} xem http://a.vn 50%", "en": "{don_vi} {ma_ho_so} {"}
    path.write_text(json.dumps([GOOD, bad]), encoding="utf-8")
    told = baotin("templates", "check", str(path))
    assert (told.returncode, told.stderr) == (1, "baotin: 2 of 4 texts have problems\n")
    assert told.stdout.splitlines()[2:] == [
        "B vi: refused: operators refuse %",
        "B vi: link: links lead only where the office lets them: http://a.vn",
        "B vi: missing: {ma_ho_so} is missing",
        "B en: syntax: a lone { at character 21",
    ]
    checked = json.loads(baotin("templates", "check", str(path), "--json").stdout)
    assert checked["ok"] is False
    assert [[one["code"] for one in text["problems"]] for text in checked["texts"]] == [
        [], [], ["refused", "link", "missing"], ["syntax"],
    ]  # fmt: skip
    assert checked["texts"][3]["segments"] is None


def test_a_link_to_a_host_that_is_given_passes(baotin: Run) -> None:
    text = {"name": "A", "vi": "{don_vi}: {ma_ho_so} xem https://a.gov.vn/x"}
    for host, code in (("a.gov.vn", 0), ("b.gov.vn", 1)):
        told = baotin("templates", "check", "-", "--link", host, given=json.dumps(text))
        assert told.returncode == code
    assert "no host" in baotin("templates", "check", "-", "--link", "x", given="{}").stderr


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("{", "it is not JSON in UTF-8"),
        ([], "it holds no texts"),
        (["x"], "text 1 is no object"),
        ([GOOD, {"name": "x"}], "text 2 has no words in vi or en"),
        ({"vi": 5}, "text 1: every field takes text"),
        ({"vi": "x", "fr": "y"}, "text 1: no field fr"),
        ({"vi": "x", "about": "me"}, "text 1: about takes case or office"),
    ],
)
def test_a_file_without_texts_is_one_line_of_complaint(
    baotin: Run, given: Any, complaint: str
) -> None:
    content = given if isinstance(given, str) else json.dumps(given)
    told = baotin("templates", "check", "-", given=content)
    assert (told.returncode, told.stderr.count("\n")) == (1, 1)
    assert complaint in told.stderr


def test_half_a_surrogate_pair_is_a_problem_of_its_text(baotin: Run) -> None:
    told = baotin("templates", "check", "-", given='{"vi": "{don_vi} {ma_ho_so} \\ud800"}')
    assert told.returncode == 1
    assert told.stdout.startswith("text 1 vi: syntax: the text has half a surrogate pair")

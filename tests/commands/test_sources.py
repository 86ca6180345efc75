"""`baotin sources`: what a script sees. Doing it twice is harmless."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

CREATE = ("create", "motcua", "--office", "lai-thieu")
CHANGE = ("change", "motcua")


@pytest.fixture
def sources(
    baotin: Run, installation: dict[str, str], tmp_path: Path
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs `baotin sources ARGUMENTS…` over an installation with two offices."""
    file = tmp_path / "offices.csv"
    file.write_text(
        "id,name,phone\nlai-thieu,UBND P.Lái Thiêu,1022\nthuan-an,UBND P.Thuận An,1022\n",
        encoding="utf-8",
    )
    assert baotin("offices", "import", str(file), env=installation).returncode == 0
    return lambda *arguments: baotin("sources", *arguments, env=installation)


def json_of(done: subprocess.CompletedProcess[str]) -> Any:
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_a_source_is_made_with_all_that_is_said_of_it_and_listed(sources: Run) -> None:
    said = ("--office", "thuan-an", "--name", "Một cửa", "--limit", "0", "--daily-cap", "900")
    made = json_of(sources(*CREATE, *said, "--json"))
    created_at = made["source"].pop("created_at")
    held = {
        "id": "motcua",
        "name": "Một cửa",
        "offices": ["lai-thieu", "thuan-an"],
        "intake_per_minute": 0,
        "daily_cap": 900,
    }
    assert made == {"source": held, "created": True, "changed": []}
    listed = json_of(sources("list", "--json"))
    assert listed == {"sources": [{**held, "created_at": created_at}]}
    assert sources("list").stdout == "motcua: Một cửa, for lai-thieu, thuan-an\n"


def test_a_source_made_twice_is_left_alone_and_otherwise_is_changed_only_by_saying_so(
    sources: Run,
) -> None:
    assert sources(*CREATE).stdout == "motcua: created; for lai-thieu\n"
    assert sources(*CREATE).stdout == "motcua: unchanged; for lai-thieu\n"
    again = json_of(sources(*CREATE, "--json"))
    assert (again["created"], again["source"]["name"]) == (False, "motcua")
    for other in (
        ("--office", "thuan-an"),
        ("--name", "x"),
        ("--limit", "7"),
        ("--daily-cap", "9"),
    ):
        refused = sources(*CREATE, *other)
        assert (refused.returncode, refused.stdout) == (1, ""), other
        assert refused.stderr.startswith("baotin: source motcua is there with other offices")
        assert refused.stderr.endswith("`baotin sources change` changes it\n")
    assert json_of(sources("list", "--json"))["sources"] == [again["source"]]


def test_a_change_touches_what_is_given_and_minus_one_goes_back_to_the_setting(
    sources: Run,
) -> None:
    sources(*CREATE, "--limit", "600")
    moved = (*CHANGE, "--office", "thuan-an", "--without", "lai-thieu")
    assert sources(*moved).stdout == "motcua: changed offices; for thuan-an\n"
    assert sources(*moved).stdout == "motcua: unchanged; for thuan-an\n"
    for option, given, field, held in (
        ("--name", "Một cửa", "name", "Một cửa"),
        ("--limit", "0", "intake_per_minute", 0),
        ("--limit", "-1", "intake_per_minute", None),
        ("--daily-cap", "900", "daily_cap", 900),
        ("--daily-cap", "-1", "daily_cap", None),
    ):
        changed = json_of(sources(*CHANGE, option, given, "--json"))
        assert (changed["changed"], changed["source"][field]) == ([field], held), option
    none = sources(*CHANGE, "--without", "thuan-an")
    assert none.stdout == "motcua: changed offices; for no office\n"
    assert sources("list").stdout == "motcua: Một cửa, for no office\n"


def test_a_source_is_called_back_where_it_says_and_its_secret_is_shown_once(sources: Run) -> None:
    sources(*CREATE)
    callback = ("callback", "motcua")
    called = json_of(sources(*callback, "--url", "https://203.162.4.190/bao-tin", "--json"))
    assert called["secret"].startswith("whsec_")
    shown = json_of(sources(*callback, "--json"))
    assert (shown["url"], shown["secret"]) == ("https://203.162.4.190/bao-tin", None)
    renewed = json_of(sources(*callback, "--new-secret", "--json"))["secret"]
    assert renewed not in {None, called["secret"]}
    assert sources(*callback).stdout == "motcua: https://203.162.4.190/bao-tin\n"
    assert sources(*callback, "--none").stdout == "motcua: no callback\n"
    assert "give --url" in sources(*callback, "--new-secret").stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("create", "motcua", "--office", "nowhere"), 1, "there is no office nowhere"),
        (("create", "một cửa", "--office", "lai-thieu"), 1, "SOURCE takes 1 to 64 letters"),
        (("create", "bao-tin", "--office", "lai-thieu"), 1, "SOURCE cannot be bao-tin"),
        (("create", "motcua"), 2, "--office"),
        (("create", "motcua", "--office", "lai-thieu", "--limit", "-1"), 2, "--limit"),
        (("change", "nobody", "--limit", "1"), 1, "there is no source nobody"),
        (("change", "bao-tin", "--limit", "1"), 1, "SOURCE cannot be bao-tin"),
        (("change", "motcua", "--daily-cap", "-2"), 2, "--daily-cap"),
        (("callback", "nobody"), 1, "nobody"),
        (("callback", "motcua", "--none", "--new-secret"), 2, "--none goes with no other option"),
    ],
)
def test_what_cannot_be_done_says_why_on_standard_error(
    baotin: Run, installation: dict[str, str], arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = baotin("sources", *arguments, env=installation)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr

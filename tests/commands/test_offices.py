"""`baotin offices`: what a script sees."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_import_and_list_print_json_and_a_bad_file_is_told_line_by_line(
    baotin: Run, installation: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "offices.csv"
    file.write_text("id,name,phone\nlai-thieu,UBND P.Lái Thiêu,0274 3755555\n", encoding="utf-8")
    first = baotin("offices", "import", str(file), "--json", env=installation)
    assert json.loads(first.stdout) == {"created": ["lai-thieu"], "changed": [], "unchanged": 0}
    again = baotin("offices", "import", str(file), env=installation)
    assert again.stdout == "0 created, 0 changed, 1 unchanged\n"
    listed = json.loads(baotin("offices", "list", "--json", env=installation).stdout)
    assert [office["name"] for office in listed["offices"]] == ["UBND P.Lái Thiêu"]
    file.write_text("id,name,sender\nlai-thieu,,UBNDLAITHIEU\n", encoding="utf-8")
    bad = baotin("offices", "import", str(file), env=installation)
    assert bad.returncode == 1
    assert bad.stdout == ""
    assert bad.stderr.splitlines()[0].endswith("was not taken, nothing was changed:")
    assert [line.partition(": takes")[0] for line in bad.stderr.splitlines()[1:]] == [
        "line 2: name",
        "line 2: sender",
    ]


def test_test_numbers_and_going_live_print_what_holds_now_without_the_phone(
    baotin: Run, seeded: dict[str, str]
) -> None:
    add = ("offices", "test-numbers", "add", "lai-thieu", "0912345678", "--json")
    added = json.loads(baotin(*add, env=seeded).stdout)
    assert added["changed"]
    assert [one["phone"] for one in added["office"]["test_numbers"]] == ["+84912***678"]
    for option, live, said_by in (
        ("--undo", False, "lai-thieu"),
        (None, True, "lai-thieu"),
        ("--inherit", True, "thuan-an"),
    ):
        line = ["offices", "go-live", "lai-thieu", "--json", *([option] if option else [])]
        office = json.loads(baotin(*line, env=seeded).stdout)["office"]
        assert (office["live"], office["said_by"]) == (live, said_by), option
    told = baotin("offices", "test-numbers", "list", "lai-thieu", env=seeded).stdout.splitlines()
    assert told[:2] == ["lai-thieu: live, as thuan-an says", "  test number +84912***678"]
    wrong = baotin("offices", "test-numbers", "add", "lai-thieu", "113", env=seeded)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr.startswith("baotin: nothing was added: This is not a Vietnamese mobile")


def test_a_duty_phone_is_printed_masked_and_those_below_have_it_too(
    baotin: Run, seeded: dict[str, str]
) -> None:
    phone = ("offices", "duty-phone")
    given = json.loads(baotin(*phone, "thuan-an", "0912345678", "--json", env=seeded).stdout)
    assert (given["phone"], given["said_by"]) == ("+84912***678", "thuan-an")
    told = baotin(*phone, "lai-thieu", env=seeded).stdout
    assert told == "lai-thieu: +84912***678, of thuan-an\n"
    assert baotin(*phone, "thuan-an", "--none", env=seeded).stdout == "thuan-an: no duty phone\n"
    for wrong in (("thuan-an", "113"), ("nowhere", "0912345678"), ("thuan-an", "113", "--none")):
        assert baotin(*phone, *wrong, env=seeded).returncode > 0

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

"""`baotin routes`: what a script sees."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_import_shows_the_difference_and_names_what_is_wrong(
    baotin: Run, seeded: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "routing.toml"
    file.write_text("limits.simulator = { per_second = 5 }\n", encoding="utf-8")
    dry = baotin("routes", "import", str(file), "--dry-run", env=seeded)
    assert dry.stdout.splitlines() == [
        "limits.simulator:",
        "- nothing",
        '+ {"per_second": 5.0, "rate_unit": "messages"}',
        "1 would be changed, 0 unchanged",
    ]
    done = json.loads(baotin("routes", "import", str(file), "--json", env=seeded).stdout)
    assert (len(done["changed"]), done["unchanged"], done["dry_run"]) == (1, 0, False)
    shown = baotin("limits", "show", env=seeded).stdout
    assert shown == "simulator: 5 messages/s, said by a person\n"
    for words, told in (
        ("limits.simulator = 5", "limits.simulator: "),
        ("budgets.nowhere = false", "budgets.nowhere: No such office"),
        ("a = ", "it is no TOML"),
    ):
        file.write_text(words, encoding="utf-8")
        bad = baotin("routes", "import", str(file), env=seeded)
        assert (bad.returncode, bad.stdout) == (1, "")
        assert told in bad.stderr


def test_a_route_is_taken_as_it_is_shown_and_refused_with_what_nobody_reads(
    baotin: Run, seeded: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "route.json"
    file.write_text(baotin("routes", "show", "lai-thieu", "--json", env=seeded).stdout)
    taken = baotin("routes", "set", "lai-thieu", str(file), env=seeded)
    assert (taken.returncode, taken.stdout) == (0, "lai-thieu: route of lai-thieu\n1. simulator\n")
    for words, told in (
        ('{"steps": [{"gateways": {"simulator": 1}}], "cheapest_frist": true}', "cheapest_frist: "),
        ('{"steps": [{"gateways": {"simulator": 1, "simulator": 5}}]}', "twice"),
        ('{"steps": [{"gateways": {"simulator": 0}}]}', "steps.0.gateways.simulator: "),
        ("{", "Expecting"),
    ):
        file.write_text(words)
        bad = baotin("routes", "set", "lai-thieu", str(file), env=seeded)
        assert (bad.returncode, bad.stdout) == (1, "")
        assert told in bad.stderr

"""`baotin messages`: what a script sees."""

import json
import subprocess
from collections.abc import Callable

from notifier.services.wiring import Wiring

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_what_is_held_is_listed_counted_released_and_cancelled(
    baotin: Run, seeded: dict[str, str], wiring: Wiring
) -> None:
    assert baotin("messages", "held", env=seeded).stdout == "nothing is held\n"
    for verb in ("release", "cancel"):
        line = ("messages", verb, "lai-thieu", "phone_cap", "--json")
        assert json.loads(baotin(*line, env=seeded).stdout) == {
            "office": "lai-thieu",
            "reason": "phone_cap",
            "dry_run": False,
            "found": 0,
            "moved": 0,
        }
    wrong = baotin("messages", "release", "lai-thieu", "phone", env=seeded)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr.startswith(
        "baotin: REASON takes one of budget, characters, content_refused,"
    )
    unknown = baotin("messages", "cancel", "nowhere", "phone", env=seeded)
    assert unknown.stderr.startswith("baotin: there is no office nowhere")

"""`baotin messages`: what a script sees."""

import json
import subprocess
from collections.abc import Callable

import pytest

from notifier.commands import messages
from notifier.services import keys
from notifier.services.composing import read_body
from notifier.services.intake import Submitted
from notifier.services.releasing import Batch
from notifier.services.seed import DEMO_SOURCE
from notifier.services.wiring import Wiring

Run = Callable[..., subprocess.CompletedProcess[str]]
NO_FEE = {
    "id": "e1",
    "type": "fee_due",
    "occurred_at": "2026-11-24T09:00:00+07:00",
    "case": {"code": "R-1", "office": "lai-thieu", "channel": "counter"},
    "recipient": {"phone": "0912345678"},
    "data": {"le_phi": "x"},
}


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


def test_what_would_be_held_again_is_told_with_what_comes_first(
    baotin: Run, seeded: dict[str, str], wiring: Wiring
) -> None:
    body = json.dumps(NO_FEE)
    key = keys.create(DEMO_SOURCE, keys.SCOPES, wiring=wiring)
    caller = keys.authenticate(key.token, wiring=wiring)
    wiring.intake.accept(caller, [Submitted(read_body(body), body)])
    said = baotin("messages", "release", "thuan-an", "missing_value", env=seeded).stdout
    assert said == (
        "0 released of 1 held for missing_value\n"
        "the others would be held again: see each in /admin/attention\n"
    )


@pytest.mark.parametrize(
    ("found", "moved", "said"),
    [
        (3, 3, ""),
        (3, 2, "the others would be held again: first `baotin offices go-live thuan-an`\n"),
        (10_001, 10_000, "run it again for the rest\n"),
    ],
)
def test_what_is_left_is_told(
    capsys: pytest.CaptureFixture[str], found: int, moved: int, said: str
) -> None:
    messages._print(Batch("thuan-an", "not_live", False, found, moved), "released", as_json=False)
    assert capsys.readouterr().out.partition("\n")[2] == said

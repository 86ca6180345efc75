"""`baotin calendar` as people type it."""

import json
from collections.abc import Callable
from typing import Any

Run = Callable[..., Any]


def test_hours_and_days_are_set_shown_and_cleared(baotin: Run, seeded: dict[str, str]) -> None:
    def calendar(*arguments: str) -> Any:
        return baotin("calendar", *arguments, env=seeded)

    told = calendar("set", "thuan-an", "--sending", "8:00-20:00", "--holidays-close").stdout
    assert "sending hours: 08:00-20:00 (thuan-an)\n" in told
    told = calendar("day", "lai-thieu", "2027-02-13", "working", "--name", "Làm bù").stdout
    assert "2027-02-13 Sat  working   Làm bù (lai-thieu)\n" in told
    shown = json.loads(calendar("show", "lai-thieu", "--year", "2027", "--json").stdout)
    assert shown["sending_hours"] == {"value": "08:00-20:00", "said_by": "thuan-an"}
    assert shown["holidays_close_sending"] == {"value": True, "said_by": "thuan-an"}
    assert {day["day"][:4] for day in shown["days"]} == {"2027"}
    assert {"day": "2027-02-13", "kind": "working", "name": "Làm bù", "said_by": "lai-thieu"} in (
        shown["days"]
    )
    assert "2027-02-13" not in calendar("clear", "lai-thieu", "2027-02-13").stdout
    assert "sending hours: 07:00-21:00 (default)\n" in calendar("clear", "thuan-an").stdout


def test_a_deadline_is_counted_in_working_days(baotin: Run, seeded: dict[str, str]) -> None:
    def deadline(*arguments: str) -> Any:
        return baotin("calendar", "deadline", "lai-thieu", *arguments, env=seeded)

    assert deadline("2026-12-04T16:00:00+07:00", "1").stdout == (
        "due 2026-12-07 16:00; remind on 2026-12-04\n"
    )
    told = json.loads(deadline("2026-12-04T09:00:00Z", "2", "--json").stdout)
    assert told == {
        "office": "lai-thieu",
        "due_at": "2026-12-08T16:00:00+07:00",
        "remind_on": "2026-12-07",
    }


def test_what_makes_no_sense_is_one_line_of_complaint(baotin: Run, seeded: dict[str, str]) -> None:
    for arguments, complaint in (
        (("show", "nowhere"), "there is no office nowhere"),
        (("set", "lai-thieu"), "there is nothing to set"),
        (("set", "lai-thieu", "--sending", "21-7"), "21-7: takes hours such as 07:00-21:00"),
        (("deadline", "lai-thieu", "tomorrow", "1"), "tomorrow: not an RFC 3339 time"),
        (("deadline", "lai-thieu", "2026-12-04T09:00:00Z", "0"), "at least one working day"),
    ):
        told = baotin("calendar", *arguments, env=seeded)
        assert (told.returncode, told.stderr.count("\n")) == (1, 1)
        assert complaint in told.stderr

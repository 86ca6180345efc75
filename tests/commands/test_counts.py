"""`baotin counts` as people type it."""

import json
import subprocess
from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from notifier.services.wiring import Wiring
from notifier.store.tables import DailyCount

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_kept_counts_are_printed_by_day_and_office(
    baotin: Run, seeded: dict[str, str], wiring: Wiring
) -> None:
    row = {"event_type": "received", "state": "delivered", "gateway": "twilio"}
    with wiring.sessions.begin() as session:
        for day, office, n in ((5, "lai-thieu", 2), (6, "thuan-an", 3), (7, "lai-thieu", 4)):
            values = {**row, "day": date(2020, 1, day), "office_id": office}
            session.execute(insert(DailyCount).values(**values, messages=n, segments=n + 1))
    told = baotin("counts", "2020-01-05", "2020-01-06", env=seeded)
    assert told.stdout.splitlines() == [
        "2020-01-05 lai-thieu received delivered via twilio: 2 messages, 3 segments",
        "2020-01-06 thuan-an received delivered via twilio: 3 messages, 4 segments",
    ]
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date().isoformat()
    told = baotin("counts", "2020-01-01", today, "--office", "lai-thieu", "--json", env=seeded)
    assert [one["messages"] for one in json.loads(told.stdout)["counts"]] == [2, 4]
    told = baotin("counts", "2020-01-01", today, "--office", "nowhere", env=seeded)
    assert (told.returncode, told.stderr) == (1, "baotin: there is no office nowhere\n")

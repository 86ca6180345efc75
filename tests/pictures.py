"""Takes the README's picture: runs the product, sends what a morning brings, photographs a phone.

    make pictures

Needs a Chromium. Overwrites docs/pictures/phones.png.
"""

import os
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import urllib3
from playwright.sync_api import ViewportSize

from tests.browsing import NoChromium, chromium
from tests.up.driving import Up, running

_PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "phones.png"
_SIZE = ViewportSize(width=1180, height=850)
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_CITIZEN = "0912345678"
_SETTLED_MS = 3_000  # the page has asked again, and what came in has come to rest


def main() -> None:
    """Takes the picture and says where it lies."""
    try:
        with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data", {}) as up:
            up.wait_ready()
            _live_a_morning(up)
            _photograph(up)
    except NoChromium as problem:
        sys.exit(str(problem))
    print(f"{_PICTURE}: {_PICTURE.stat().st_size:,} bytes")  # noqa: T201 — the command's output


def _live_a_morning(up: Up) -> None:
    neighbours: list[tuple[str, str, dict[str, Any]]] = [
        ("0987654321", "fee_due", {"le_phi": 15_000}),
        ("0336612907", "supplement_required", {"ly_do": "thiếu bản sao hộ tịch"}),
        ("0905118226", "received", {}),
        ("0778450163", "result_posted", {"ma_buu_gui": "EB123456789VN"}),
    ]
    channels = {"received": "online", "result_posted": "post"}
    for number, (phone, kind, data) in enumerate(neighbours, start=2):
        _tell(up, number, phone, kind, data, channel=channels.get(kind, "counter"))
    _tell(up, 1, _CITIZEN, "extended", {"ly_do": "chờ xác minh", "ngay_hen_moi": _day(7)})
    _write_with_accents(up)
    _tell(up, 1, _CITIZEN, "result_ready", {"noi_nhan": "Quầy 3"})


def _tell(
    up: Up, number: int, phone: str, kind: str, data: dict[str, Any], channel: str = "counter"
) -> None:
    answer = up.post(
        f"{kind}-{number}",
        type=kind,
        occurred_at=datetime.now(_ZONE).isoformat(),
        case={
            "code": f"000.00.16.H29-{datetime.now(_ZONE):%y%m%d}-{number:04}",
            "office": "lai-thieu",
            "channel": channel,
            "due_at": f"{_day(2)}T17:00:00+07:00",
        },
        recipient={"name": "Nguyễn Văn Đạt", "phone": phone},
        data=data,
    )
    up.comes_to("delivered", answer)


def _day(ahead: int) -> str:
    return (datetime.now(_ZONE) + timedelta(days=ahead)).date().isoformat()


def _write_with_accents(up: Up) -> None:
    """The office changes from the toneless form to the accented one."""
    file = up.folder.parent / "offices.csv"
    file.write_text("id,form\nlai-thieu,accented\n", encoding="utf-8")
    command = [sys.executable, "-m", "notifier.cli", "offices", "import", str(file)]
    subprocess.run(command, check=True, env={**os.environ, **up.env}, stdout=subprocess.DEVNULL)


def _photograph(up: Up) -> None:
    _PICTURE.parent.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        page = browser.new_page(locale="vi-VN", viewport=_SIZE)
        page.goto(f"{up.told['simulator']}/#%2B84{_CITIZEN[1:]}")
        reply = {"from": _CITIZEN, "text": "Dạ, cảm ơn ạ. Chiều nay tôi ghé."}
        urllib3.request("POST", f"{up.told['simulator']}/sim/reply", json=reply)
        page.wait_for_timeout(_SETTLED_MS)
        page.screenshot(path=_PICTURE)


if __name__ == "__main__":
    main()

"""Takes the README's pictures: runs the product, sends what a morning brings, photographs it.

    make pictures

Needs a Chromium. Overwrites docs/pictures: a citizen's phone, and the main staff pages.
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
from playwright.sync_api import FloatRect, ViewportSize

from tests.browsing import NoChromium, chromium
from tests.up.driving import Up, running

_FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
_SIZE = ViewportSize(width=1180, height=850)
_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_CITIZEN = "0912345678"
_PAGES = {
    "editor": "templates/lai-thieu/result_ready/counter/vi",
    "attention": "attention",
}
_NEW_WORDS = (
    "{don_vi} kính báo Ông/Bà: hồ sơ {ma_ho_so} đã xong, đang chờ ở {noi_nhan}. LH {so_dien_thoai}."
)
_SETTLED_MS = 3_000  # the page has asked again, and what came in has come to rest


def main() -> None:
    """Takes the pictures and says where they lie."""
    try:
        with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data", {}) as up:
            up.wait_ready()
            _live_a_morning(up)
            _photograph(up)
    except NoChromium as problem:
        sys.exit(str(problem))
    for picture in sorted(_FOLDER.glob("*.png")):
        print(f"{picture}: {picture.stat().st_size:,} bytes")  # noqa: T201 — the command's output


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
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        page = browser.new_page(locale="vi-VN", viewport=_SIZE)
        page.goto(f"{up.told['simulator']}/#%2B84{_CITIZEN[1:]}")
        reply = {"from": _CITIZEN, "text": "Dạ, cảm ơn ạ. Chiều nay tôi ghé."}
        urllib3.request("POST", f"{up.told['simulator']}/sim/reply", json=reply)
        page.wait_for_timeout(_SETTLED_MS)
        page.screenshot(path=_FOLDER / "phones.png")
        _hold_some(up)
        pages = browser.new_page(locale="vi-VN", viewport=_SIZE)
        staff = up.told["staff"]["administrator"]
        pages.goto(f"{up.told['admin']}login")
        pages.fill("#email", staff["email"])
        pages.fill("#password", staff["password"])
        with pages.expect_navigation():
            pages.keyboard.press("Enter")
        for name, path in _PAGES.items():
            pages.goto(f"{up.told['admin']}{path}")
            if name == "editor":
                pages.fill("#text", _NEW_WORDS)
                pages.get_by_text("dễ hiểu nhầm").wait_for()
            bottom = pages.evaluate("document.querySelector('main').getBoundingClientRect().bottom")
            height = min(_SIZE["height"], bottom)
            clip = FloatRect(x=0, y=0, width=_SIZE["width"], height=height)
            pages.screenshot(path=_FOLDER / f"{name}.png", clip=clip)


def _hold_some(up: Up) -> None:
    """What a person must look at."""
    for number, (kind, phone) in enumerate(
        (("fee_due", "0987654321"), ("received", "02743755555"))
    ):
        up.post(
            f"held-{number}",
            type=kind,
            occurred_at=datetime.now(_ZONE).isoformat(),
            case={
                "code": f"000.00.16.H29-{datetime.now(_ZONE):%y%m%d}-{number + 20:04}",
                "office": "lai-thieu",
                "channel": "online",
                "due_at": f"{_day(2)}T17:00:00+07:00",
            },
            recipient={"phone": phone},
            data={},
        )


if __name__ == "__main__":
    main()

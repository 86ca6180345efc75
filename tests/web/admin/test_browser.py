"""The pages in a real Chromium: by keyboard alone, and to the SMS."""

import threading
from collections.abc import Callable
from typing import Any

import urllib3
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from gateways.simulator.settings import Bound
from notifier.domain.events import Language
from notifier.services import logins, own_phones
from notifier.services.wiring import Wiring
from tests.browsing import AXE
from workers.worker import build_context

ONE = "/admin/templates/lai-thieu/result_ready/counter/vi"
WORDS = "{don_vi}: ho so {ma_ho_so} da xong. Moi den {noi_nhan}. LH {so_dien_thoai}."
MOST_TABS = 120
FOCUSED = """one => {
  const here = document.activeElement, at = here.getBoundingClientRect();
  const seen = getComputedStyle(here).outlineStyle !== "none" && at.bottom > 0
    && at.top < innerHeight;
  return [here.matches(one), seen || here === document.body, here.outerHTML.slice(0, 80)];
}"""


def tab_to(page: Page, selector: str) -> None:
    """Walks there by the Tab key alone; what has the focus must be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        is_it, is_seen, what = page.evaluate(FOCUSED, selector)
        assert is_seen, what
        if is_it:
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_new_words_reach_the_citizen_by_keyboard_alone(
    page: Page,
    served: str,
    hire: Callable[..., Any],
    wiring: Wiring,
    post: Callable[..., Any],
    event: dict[str, Any],
    simulator: Bound,
) -> None:
    for role, steps in (("editor", _writes), ("approver", _approves)):
        person = hire(wiring, role)
        page.goto(f"{served}/admin/")
        tab_to(page, "#email")
        page.keyboard.type(person.email)
        page.keyboard.press("Tab")
        page.keyboard.type(person.password)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.goto(f"{served}/admin/templates")
        press(page, f'a[href="{ONE}"]')
        steps(page)
        press(page, "[action$=logout] button")
    control = f"http://{simulator.control[0]}:{simulator.control[1]}"
    urllib3.request("DELETE", f"{control}/sim/messages")
    assert post(event).get_json()["events"][0]["outcome"] == "accepted"
    context = build_context(wiring, stopping=threading.Event())
    context.sender.run(slice_s=30, stopping=lambda: False)
    ledger = urllib3.request("GET", f"{control}/sim/messages").json()["messages"]
    assert [one["text"] for one in ledger] == [
        "UBND P.Lai Thieu: ho so H29-1 da xong. Moi den Quay 3. LH 0274 3755555."
    ]


def _writes(page: Page) -> None:
    tab_to(page, "#text")
    page.keyboard.press("Control+A")
    page.keyboard.type(WORDS)
    page.locator("#preview").get_by_text("da xong", exact=False).first.wait_for()
    tab_to(page, "#reason")
    page.keyboard.type("gọn hơn")
    press(page, 'button[value="submit"]')
    page.get_by_text("Đã gửi duyệt").wait_for()


def _approves(page: Page) -> None:
    press(page, 'button[value="publish"]')
    page.get_by_text("Đã áp dụng").wait_for()


def test_the_preview_follows_what_is_typed_and_one_click_mends(
    page: Page, served: str, log_in: Callable[..., Any]
) -> None:
    log_in("editor")
    page.goto(f"{served}{ONE}")
    page.fill("#text", "{don_vi} {ma_ho_so} ")
    page.get_by_role("button", name="nơi nhận kết quả").click()
    assert page.input_value("#text") == "{don_vi} {ma_ho_so} {noi_nhan}"
    page.locator(".bubble").get_by_text("Quay 3").wait_for()
    page.fill("#text", "{don_vi} {ma_ho_so} “chào”… 😀")
    page.get_by_role("button", name="Thay 4 ký tự lạ").click()
    page.wait_for_load_state()
    assert page.input_value("#text") == '{don_vi} {ma_ho_so} "chào"...'


def test_words_go_to_ones_own_phone_by_keyboard_and_stay_in_the_editor(
    page: Page, served: str, log_in: Callable[..., Any], wiring: Wiring, simulator: Bound
) -> None:
    staff = log_in("editor").staff
    own_phones.give(staff, "0987654321", Language.VI, wiring=wiring)
    control = f"http://{simulator.control[0]}:{simulator.control[1]}"
    phone = f"{control}/sim/messages?to=0987654321"
    code = urllib3.request("GET", phone).json()["messages"][-1]["text"].partition(" la ")[2][:6]
    page.goto(f"{served}/admin/account")
    tab_to(page, "#sms-code")
    page.keyboard.type(code)
    press(page, "[action$=verify] button")
    page.goto(f"{served}{ONE}")
    tab_to(page, "#text")
    page.keyboard.press("Control+A")
    page.keyboard.type(WORDS)
    press(page, ".trial button")
    page.get_by_text("Đã gửi 1 SMS đến +84987***321").wait_for()
    assert page.input_value("#text") == WORDS
    tried = urllib3.request("GET", phone).json()["messages"][-1]["text"]
    assert tried.startswith("TIN THU. UBND P.Lai Thieu: ho so")


def test_what_stood_in_the_editor_when_the_session_ended_is_there_after_the_login(
    page: Page, served: str, log_in: Callable[..., Any], wiring: Wiring
) -> None:
    person = log_in("editor")
    page.goto(f"{served}{ONE}")
    page.fill("#text", WORDS)
    page.fill("#reason", "gọn hơn")
    logins.log_out(person.token, wiring=wiring)
    page.type("#text", "!")
    page.get_by_text("Phiên làm việc đã hết nên").wait_for()
    page.fill("#text", WORDS)
    page.click('button[value="draft"]')
    page.get_by_text("Lời đang soạn còn nguyên").wait_for()
    assert Axe().run(page, options=AXE).response["violations"] == []
    page.fill("#email", person.email)
    page.fill("#password", person.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/try")
    assert (page.input_value("#text"), page.input_value("#reason")) == (WORDS, "gọn hơn")
    page.click('button[value="draft"]')
    page.get_by_text("Đã lưu nháp").wait_for()

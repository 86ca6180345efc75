"""The pages in a real Chromium: by keyboard, for everybody, at every width, and to the SMS."""

import threading
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
import urllib3
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import text

from gateways.simulator.settings import Bound
from notifier.domain.events import Language
from notifier.services import logins, own_phones, pauses
from notifier.services.wiring import Wiring
from workers.worker import build_context

ONE = "/admin/templates/lai-thieu/result_ready/counter/vi"
WORDS = "{don_vi}: ho so {ma_ho_so} da xong. Moi den {noi_nhan}. LH {so_dien_thoai}."
AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    },
    "resultTypes": ["violations"],  # the rest is not gathered: quicker
}
WIDTHS = (320, 768, 1280)
MOST_TABS = 120


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Requests are not printed among the tests."""


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The address of the running pages."""
    with make_server("127.0.0.1", 0, app, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def log_in(page: Page, served: str, wiring: Wiring, hire: Callable[..., Any]) -> Callable[..., Any]:
    """Puts a person of that role into the browser."""

    def do(role: str, office: str | None = "lai-thieu") -> Any:
        person = hire(wiring, role, office)
        page.context.clear_cookies()
        page.context.add_cookies(
            [
                {
                    "name": "baotin_session",
                    "value": person.token,
                    "domain": "127.0.0.1",
                    "path": "/admin",
                }
            ]
        )
        return person

    return do


def tab_to(page: Page, selector: str) -> None:
    """Walks there by the Tab key alone; what has the focus must be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("one => document.activeElement.matches(one)", selector):
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


def test_no_page_bars_anybody_in_any_state_language_or_width(
    page: Page,
    served: str,
    log_in: Callable[..., Any],
    wiring: Wiring,
    post: Callable[..., Any],
    event: dict[str, Any],
) -> None:
    wrong: list[str] = []

    def look(name: str) -> None:
        """The page as it stands: by axe, and whether it is wider than the window."""
        found = Axe().run(page, options=AXE)
        wrong.extend(f"{name}: {one['id']}" for one in found.response["violations"])
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                wrong.append(f"{name}: {wide} px wide in {width}")

    def see(*paths: str) -> None:
        for path in paths:
            page.goto(f"{served}{path}")
            look(path)

    def send(path: str, form: str, **fields: str) -> None:
        """The page that answers this form as it is filled in."""
        page.goto(f"{served}{path}")
        for name, value in fields.items():
            page.fill(f"{form} [name={name}]", value)
        page.evaluate("form => { document.querySelector(form).noValidate = true }", form)
        page.locator(f"{form} button[type=submit]").first.click()
        page.wait_for_load_state()
        look(f"{path} {form}")

    for language in ("vi", "en"):
        page.context.clear_cookies()
        page.goto(f"{served}/admin/login?lang={language}")
        look("login")
        send("/admin/login", "main form", email="a@office.example", password="x")
        staff = log_in("administrator", None).staff
        page.goto(f"{served}/admin/account?lang={language}")
        assert page.get_attribute("html", "lang") == language
        empty = language == "vi"
        if empty:
            see("/admin/attention", "/admin/messages", f"{ONE}", "/admin/templates?show=missing")
            made = _live(wiring, post, event)
        see(
            *("/admin/attention", "/admin/messages", "/admin/templates", ONE, "/admin/users"),
            *("/admin/offices", "/admin/offices/lai-thieu"),
            *("/admin/audit", "/admin/audit?action=x", "/admin/account", "/admin/password"),
            *("/admin/nowhere", "/admin/messages?case=none", f"/admin/messages/{made['held']}"),
            *(f"/admin/messages/{made['sent']}", "/admin/cases?office=lai-thieu&code=H29-1"),
            *(f"{ONE.removesuffix('vi')}en",),
        )
        send("/admin/messages", "main form", phone="x")
        send("/admin/users", "main form", name="A", email="x")
        send("/admin/offices/lai-thieu", "[action$=links]", host="x")
        send("/admin/password", "main form", old="x", new="y")
        send(ONE, "#editor", text="{don_vi} {x}", reason="")
        send(ONE, "#editor", text="{don_vi} {ma_ho_so} {le_phi} “a”", reason="a")
        send(f"/admin/messages/{made['held']}", ".deed", value_le_phi="x")
        send(f"/admin/messages/{made['lost']}", ".deed", phone="x")
        send("/admin/account", "main form")
        send("/admin/account", "[action$=phone]", phone="x")
        own_phones.give(staff, "0987654321", Language(language), wiring=wiring)
        send("/admin/account", "[action$=verify]", code="1")
    assert wrong == []


def _live(wiring: Wiring, post: Callable[..., Any], event: dict[str, Any]) -> dict[str, str]:
    """A held message, a sent one, and a gateway out of use."""
    held = post({**event, "id": "h", "type": "fee_due", "data": {}})
    sent = post(event)
    build_context(wiring, stopping=threading.Event()).sender.run(slice_s=30, stopping=lambda: False)
    lost = post({**event, "id": "l"}).get_json()["events"][0]["messages"][0]["id"]
    with wiring.sessions.begin() as session:
        session.execute(
            text("UPDATE messages SET state = 'undelivered' WHERE id = :id"), {"id": lost}
        )
    pauses.pause("simulator", by=None, wiring=wiring)
    ids = [one.get_json()["events"][0]["messages"][0]["id"] for one in (held, sent)]
    return {"held": ids[0], "sent": ids[1], "lost": lost}

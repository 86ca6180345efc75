"""The page of phones in a real Chromium."""

import json
import re
import subprocess
import unicodedata
from collections.abc import Callable
from dataclasses import replace

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_httpserver import HTTPServer

from gateways.simulator.embedded import running
from gateways.simulator.page import rendered
from gateways.simulator.page.words import WORDS
from gateways.simulator.settings import SimulatorConfig

_PHONE, _HASH = "+84912345678", "#%2B84912345678"
_ACCENTED = (
    "UBND phường Lái Thiêu kính báo Ông/Bà: hồ sơ 000.00.16.H29-261123-0001 đã có kết quả."
    " Kính mời mang giấy hẹn đến Quầy 3 nhận. LH 0274 3755555."
)
_TONELESS = (
    "UBND phuong Lai Thieu kinh bao Ong/Ba: ho so 000.00.16.H29-261123-0001 da co ket qua."
    " Kinh moi mang giay hen den Quay 3 nhan. LH 0274 3755555."
)
_WIDTHS = (360, 768, 1280)
_NO_BREAK = "x" * 700
_VI = WORDS["vi"]
Send = Callable[..., None]

expect.set_options(timeout=30_000)


@pytest.fixture
def send(plain: str) -> Send:
    """Hands one message to the simulator's own dialect."""
    session = requests.Session()
    count = 0

    def send(text: str = _ACCENTED, to: str = _PHONE, sender: str = "UBND LThieu") -> None:
        nonlocal count
        count += 1
        body = {"reference": f"att_{count}", "to": to, "from": sender, "text": text}
        headers = {"Authorization": "Bearer b-token"}
        assert session.post(plain, json=body, headers=headers, timeout=5).status_code == 201

    return send


def _size(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})


def _assert_nothing_sticks_out(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0


def test_an_empty_simulator_shows_how_to_send_the_first_message(page: Page, control: str) -> None:
    for width in _WIDTHS:
        _size(page, width)
        page.goto(control)
        expect(page.get_by_role("heading", name=_VI["empty"])).to_be_visible()
        expect(page.locator("#list")).to_be_hidden()
        expect(page.locator("#phone")).to_be_hidden()
        _assert_nothing_sticks_out(page)
    page.get_by_role("button", name=_VI["copy"]).click()
    expect(page.get_by_role("button", name=_VI["copied"])).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#example").inner_text()


def test_the_example_is_a_command_that_a_shell_understands() -> None:
    page = rendered("vi", "http://127.0.0.1:8123")
    example = re.search(r'<code id="example">(.*?)</code>', page, re.DOTALL)
    assert example is not None
    told = subprocess.run(
        ["bash", "-c", f"curl() {{ printf '%s\\0' \"$@\"; }}; {example[1]}"],
        capture_output=True,
        check=True,
        text=True,
        env={"BAOTIN_API_KEY": "a-key", "PATH": "/usr/bin:/bin"},
    )
    url, _, key, _, _, _, body, _ = told.stdout.split("\0")
    assert (url, key) == ("http://127.0.0.1:8123/v1/events", "Authorization: Bearer a-key")
    event = json.loads(body)
    assert event["recipient"] == {"name": "Nguyễn Văn Đạt", "phone": "0912345678"}
    assert re.fullmatch(r"thu-\d+", event["id"])


def test_a_message_appears_by_itself_word_for_word(page: Page, control: str, send: Send) -> None:
    page.goto(control)
    expect(page.locator("#welcome")).to_be_visible()
    send(_ACCENTED)
    page.get_by_role("button", name="+84 91 234 5678").click()
    send(_TONELESS)
    odd = "<b>không đậm</b>\n  hai khoảng & trắng " + unicodedata.normalize("NFD", "tiếng Việt")
    send(odd)
    bubbles = page.locator(".bubble")
    expect(bubbles).to_have_count(3)
    assert bubbles.evaluate_all("all => all.map(one => one.textContent)") == [
        _ACCENTED,
        _TONELESS,
        odd,
    ]
    counts = page.locator(".packing summary")
    expect(counts).to_have_text(["UCS-2 3 đoạn", "GSM-7 1 đoạn", "UCS-2 1 đoạn"])
    expect(page.locator("#sender")).to_have_text("UBND LThieu")
    for message in page.locator("li.message").all():
        expect(message.locator(".meta .done")).to_have_text(_VI["status_delivered"])


def test_what_became_of_a_message_is_told(page: Page, control: str, send: Send) -> None:
    send(to="+84900000002")
    page.goto(f"{control}/#%2B84900000002")
    expect(page.locator(".meta .bad")).to_have_text(_VI["status_undelivered"])


def test_a_message_opens_to_how_it_went_on_the_air(page: Page, control: str, send: Send) -> None:
    send(_ACCENTED)
    page.goto(f"{control}/{_HASH}")
    page.locator(".packing summary").click()
    parts = page.locator(".parts li")
    expect(parts).to_have_count(3)
    texts = parts.locator("span:first-child").all_text_contents()
    assert "".join(texts) == _ACCENTED
    expect(parts.locator(".room")).to_have_text(["67/67", "67/67", "8/67"])
    packing = page.locator(".packing")
    expect(packing).to_contain_text("Chữ cần UCS-2: ư ờ á ê")
    expect(packing).to_contain_text("Nếu bỏ dấu: GSM-7, 1 đoạn.")
    expect(packing.locator(".plain")).to_have_text(_TONELESS)
    # It stays open while the page goes on asking.
    send(_TONELESS)
    expect(page.locator(".bubble")).to_have_count(2)
    expect(parts.first).to_be_visible()


def test_a_citizen_replies_and_the_reply_stands_in_the_thread(
    page: Page, control: str, send: Send, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/in").respond_with_data("")
    url = httpserver.url_for("/in")
    requests.put(f"{control}/sim/inbound/simulator", json={"url": url}, timeout=5)
    send()
    page.goto(f"{control}/{_HASH}")
    box = page.get_by_label(_VI["reply_label"])
    box.press_sequentially("HS 0001")
    box.press("Shift+Enter")
    box.press_sequentially("xin cảm ơn")
    box.press("Enter")
    expect(page.locator("#outcome")).to_have_text(_VI["reply_sent"])
    expect(box).to_have_value("")
    expect(page.locator("li.reply .bubble")).to_have_text("HS 0001\nxin cảm ơn")
    body = json.loads(httpserver.log[0][0].data)
    assert (body["from"], body["to"]) == (_PHONE, "UBND LThieu")
    assert body["text"] == "HS 0001\nxin cảm ơn"


@pytest.mark.parametrize(
    ("status", "told"), [(None, "error_unreachable"), (500, "error_not_delivered")]
)
def test_a_reply_that_nobody_took_is_told_and_its_words_are_kept(
    page: Page, control: str, send: Send, httpserver: HTTPServer, status: int | None, told: str
) -> None:
    url = "http://127.0.0.1:9/in"
    if status:
        httpserver.expect_request("/in").respond_with_data("", status=status)
        url = httpserver.url_for("/in")
    requests.put(f"{control}/sim/inbound/simulator", json={"url": url}, timeout=5)
    send()
    page.goto(f"{control}/{_HASH}")
    box = page.get_by_label(_VI["reply_label"])
    box.fill("DG 5")
    page.get_by_role("button", name=_VI["reply_send"]).click()
    expect(page.locator("#outcome.bad")).to_contain_text(_VI[told])
    expect(box).to_have_value("DG 5")
    expect(page.locator("li.reply .bad")).to_have_text(_VI["reply_refused"])


def test_a_simulator_that_is_away_is_told_and_comes_back_by_itself(
    page: Page, config: SimulatorConfig
) -> None:
    with running(config) as bound:
        page.goto(f"http://127.0.0.1:{bound.control[1]}")
        expect(page.locator("#welcome")).to_be_visible()
        expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.get_by_role("alert")).to_have_text(_VI["offline"])
    with running(replace(config, listen=bound.control)):
        expect(page.get_by_role("alert")).to_be_hidden()


def test_faults_are_announced_on_the_page(page: Page, control: str) -> None:
    page.goto(control)
    url = f"{control}/sim/behaviour/twilio"
    requests.put(url, json={"faults": [{"kind": "reset", "share": 0.25}]}, timeout=5)
    notice = page.locator(".notice:not(#offline)")
    expect(notice).to_have_text("Cổng twilio đang mô phỏng sự cố: reset 25%")
    requests.put(url, json={"faults": [{"kind": "http_500", "share": 0.3}]}, timeout=5)
    expect(notice).to_contain_text("http_500 30%")
    requests.put(url, json={}, timeout=5)
    expect(notice).to_have_count(0)


def test_unread_messages_are_marked_and_counted_in_the_title(
    page: Page, control: str, send: Send
) -> None:
    send(to="+84987654321")
    page.goto(control)
    expect(page.locator("#phones button")).to_have_count(1)
    expect(page.locator("#phones .unread")).to_have_count(0)  # it was there before the page
    send()
    unread = page.locator("#phones .unread")
    expect(unread).to_contain_text("+84 91 234 5678")
    expect(unread).to_contain_text(_VI["unread"])
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    unread.click()
    expect(unread).to_have_count(0)
    expect(page).to_have_title(re.compile("^Điện thoại"))


def test_fifty_phones_are_found_by_typing_and_walked_by_keys(
    page: Page, control: str, send: Send
) -> None:
    for number in range(50):
        send(_TONELESS, to=f"+849300000{number:02}")
    page.goto(control)
    buttons = page.locator("#phones button")
    expect(buttons).to_have_count(50)
    page.get_by_label(_VI["find"]).fill("0930 0000 07")
    expect(buttons).to_have_count(1)
    page.get_by_label(_VI["find"]).fill("999")
    expect(page.locator("#phones-note")).to_have_text(_VI["found_none"])
    page.get_by_label(_VI["find"]).fill("")
    expect(buttons).to_have_count(50)
    # One stop for Tab, whichever of the fifty; arrows inside.
    page.get_by_label(_VI["find"]).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    title = page.locator("#phone-title")
    expect(title).to_have_text("+84 93 000 0047")
    expect(page.locator('#phones [aria-current="true"]')).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(title).to_have_text("+84 93 000 0000")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(title).to_have_text("+84 93 000 0049")
    page.keyboard.press("Tab")  # the magic numbers
    page.keyboard.press("Tab")
    expect(page.locator("#thread")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#phone")).to_be_hidden()
    expect(page.locator('[data-phone="+84930000049"]')).to_be_focused()


def test_five_hundred_messages_show_the_newest_and_stay_where_one_reads(
    page: Page, control: str, send: Send
) -> None:
    for number in range(500):
        send(f"tin {number}")
    page.goto(f"{control}/{_HASH}")
    bubbles = page.locator(".bubble")
    expect(bubbles).to_have_count(200)
    expect(page.locator("#older")).to_have_text("Chỉ hiện 200 tin mới nhất.")
    expect(bubbles.last).to_be_in_viewport()
    send("tin 500")
    expect(bubbles.last).to_have_text("tin 500")
    expect(bubbles.last).to_be_in_viewport()
    page.locator("#thread").evaluate("list => { list.scrollTop = 2000; }")
    send("tin 501")
    newer = page.get_by_role("button", name=_VI["newer"])
    expect(newer).to_be_visible()
    expect(bubbles.last).not_to_be_in_viewport()
    newer.click()
    expect(bubbles.last).to_be_in_viewport()
    expect(newer).to_be_hidden()
    expect(bubbles).to_have_count(200)


def test_on_a_narrow_screen_list_and_phone_take_turns(page: Page, control: str, send: Send) -> None:
    send(_NO_BREAK)
    _size(page, 360)
    page.goto(control)
    page.get_by_role("button", name="+84 91 234 5678").click()
    expect(page.locator("#list")).to_be_hidden()
    expect(page.locator("#phone-title")).to_be_focused()
    expect(page.locator(".bubble")).to_be_visible()
    _assert_nothing_sticks_out(page)
    page.get_by_role("button", name=_VI["back"]).click()
    expect(page.locator("#phone")).to_be_hidden()
    expect(page.locator(f'[data-phone="{_PHONE}"]')).to_be_focused()
    _assert_nothing_sticks_out(page)


def test_the_other_language_shows_the_same_phone(page: Page, control: str, send: Send) -> None:
    send()
    page.goto(f"{control}/{_HASH}")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name=WORDS["en"]["title"])).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#phone-title")).to_have_text("+84 91 234 5678")
    expect(page.locator(".packing summary")).to_have_text("UCS-2 segments: 3")


@pytest.mark.parametrize("address", ["#%2B84987654321", "#%", "#<img src=x onerror=alert(1)>"])
def test_an_address_of_no_known_phone_breaks_nothing(
    page: Page, control: str, send: Send, address: str
) -> None:
    page.goto(f"{control}/{address}")
    send()
    expect(page.locator("#phones button")).to_have_count(1)
    if address == "#%2B84987654321":
        expect(page.locator("#silent")).to_have_text(_VI["silent"])
        send("bây giờ thì có", to="+84987654321")
        expect(page.locator(".bubble")).to_have_text("bây giờ thì có")


def test_the_ledger_is_emptied_by_pressing_twice(page: Page, control: str, send: Send) -> None:
    send()
    page.goto(f"{control}/{_HASH}")
    page.get_by_role("button", name=_VI["clear"]).click()
    expect(page.locator(".bubble")).to_have_count(1)
    page.get_by_role("button", name=_VI["clear_ask"]).click()
    expect(page.locator("#welcome")).to_be_visible()
    assert requests.get(f"{control}/sim/messages", timeout=5).json() == {"messages": []}


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("width", _WIDTHS)
def test_a_machine_finds_no_barrier_on_the_page(
    page: Page, control: str, send: Send, width: int, language: str
) -> None:
    _size(page, width)
    barriers: list[tuple[str, str]] = []

    def look() -> None:
        found = Axe().run(page)
        barriers.extend(
            (one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]
        )
        _assert_nothing_sticks_out(page)

    page.goto(f"{control}/?lang={language}")
    expect(page.locator("#welcome")).to_be_visible()
    page.locator("#welcome .magic summary").click()
    look()
    for number in range(12):
        send(to=f"+849300000{number:02}")
    send(to="+84900000002")
    requests.put(f"{control}/sim/behaviour/twilio", json={"faults": [{"kind": "drip"}]}, timeout=5)
    expect(page.locator("#phones .unread")).to_have_count(13)
    page.locator("#list .magic summary").click()
    look()
    page.locator("#phones button").first.click()
    expect(page.locator(".meta .bad")).to_be_visible()
    page.locator(".packing summary").click()
    expect(page.locator(".parts").first).to_be_visible()
    page.get_by_label(WORDS[language]["reply_label"]).fill("HS 0001")
    page.get_by_role("button", name=WORDS[language]["reply_send"]).click()
    expect(page.locator("#outcome.bad")).to_be_visible()
    look()
    assert barriers == []

"""One's own phone, and words on trial that go there: what the pages say of each end."""

import re
from collections.abc import Callable

import urllib3

from gateways.simulator.settings import Bound
from notifier.domain.budgets import Budget
from notifier.services import budgets, pauses
from notifier.services.wiring import Wiring
from tests.web.admin.conftest import Visitor

ACCOUNT = "/admin/account"
ONE = "/admin/templates/lai-thieu/result_ready/counter/vi"
WORDS = "{don_vi}: hồ sơ {ma_ho_so} đã xong, xin mời nhận."

Enter = Callable[..., Visitor]


def newest(simulator: Bound) -> str:
    host, port = simulator.control
    ledger = urllib3.request("GET", f"http://{host}:{port}/sim/messages?to=0987654321").json()
    text: str = ledger["messages"][-1]["text"]
    return text


def verify(visitor: Visitor, simulator: Bound) -> None:
    sent = visitor.post(f"{ACCOUNT}/phone", phone="0987 654 321")
    assert sent.location == f"{ACCOUNT}?done=code_sent"
    code = re.search(r"\b\d{6}\b", newest(simulator))
    assert code
    answer = visitor.post(f"{ACCOUNT}/phone/verify", code=code[0])
    assert answer.location == f"{ACCOUNT}?done=phone_verified"


def test_ones_own_phone_is_given_verified_changed_and_forgotten(
    enter: Enter, simulator: Bound
) -> None:
    editor = enter("editor")
    assert "Số được mã hóa" in editor.text(ACCOUNT)
    landline = editor.post(f"{ACCOUNT}/phone", phone="02743755555")
    assert landline.status_code == 422
    assert 'value="02743755555"' in landline.get_data(as_text=True)
    editor.post(f"{ACCOUNT}/phone", phone="0987654321")
    assert "Mã sáu số đã gửi đến +84987***321" in editor.text(ACCOUNT)
    wrong = editor.post(f"{ACCOUNT}/phone/verify", code="x")
    assert "Mã chưa đúng" in wrong.get_data(as_text=True)
    verify(editor, simulator)
    page = editor.text(ACCOUNT)
    assert "+84987***321, đã xác nhận" in page
    assert "654321" not in page
    assert editor.post(f"{ACCOUNT}/phone/take-back").location.endswith("phone_gone")
    assert "Số được mã hóa" in editor.text(ACCOUNT)


def test_what_stands_in_the_editor_goes_to_ones_own_phone_and_stays_there(
    enter: Enter, simulator: Bound
) -> None:
    editor = enter("editor")
    assert "trước hết xin ghi số di động" in editor.text(ONE)
    form = {"form_of": ONE, "text": WORDS, "reason": "gọn", "after": "0"}
    none = editor.post(f"{ONE}/send-test", **form)
    assert none.status_code == 422
    assert "Chưa gửi. Xin ghi và xác nhận" in none.get_data(as_text=True)
    verify(editor, simulator)
    assert "Gửi thử đến +84987***321" in editor.text(ONE)
    page = editor.post(f"{ONE}/send-test", **form).get_data(as_text=True)
    assert "Đã gửi 1 SMS đến +84987***321" in page
    assert f"{WORDS}</textarea>" in page
    assert 'value="gọn"' in page
    assert newest(simulator).startswith("TIN THU. UBND P.Lai Thieu: ho so")
    assert "Bản nháp" not in editor.text(ONE)
    bad = editor.post(f"{ONE}/send-test", **{**form, "text": "{don_vi} {xx}"})
    assert bad.status_code == 422
    assert "{don_vi} {xx}</textarea>" in bad.get_data(as_text=True)


def test_the_number_is_given_and_verified_where_the_words_stand(
    enter: Enter, simulator: Bound
) -> None:
    editor = enter("editor")
    form = {"form_of": ONE, "text": WORDS, "reason": "gọn", "after": "0"}
    wrong = editor.post(f"{ONE}/own-phone", **form, phone="02743755555")
    assert wrong.status_code == 422
    assert 'value="02743755555"' in wrong.get_data(as_text=True)
    given = editor.post(f"{ONE}/own-phone", **form, phone="0987654321").get_data(as_text=True)
    assert "Mã sáu số đã gửi đến +84987***321" in given
    code = re.search(r"\b\d{6}\b", newest(simulator))
    assert code
    assert editor.post(f"{ONE}/own-phone/verify", **form, code="x").status_code == 422
    page = editor.post(f"{ONE}/own-phone/verify", **form, code=code[0]).get_data(as_text=True)
    assert "Gửi thử đến +84987***321" in page
    assert f"{WORDS}</textarea>" in page
    assert 'value="gọn"' in page


def test_whoever_approves_tries_the_version_and_a_viewer_is_offered_nothing(
    enter: Enter, simulator: Bound
) -> None:
    editor, approver, viewer = enter("editor"), enter("approver"), enter("viewer")
    save = {"text": WORDS, "reason": "gọn", "after": "0", "then": "submit"}
    editor.post(f"{ONE}/save", form_of=ONE, **save)
    version = f"{ONE}/versions/1"
    verify(approver, simulator)
    assert f'action="{version}/send-test#trial"' in approver.text(ONE)
    page = approver.post(f"{version}/send-test", form_of=version).get_data(as_text=True)
    assert "Đã gửi 1 SMS" in page
    assert "Gửi thử" not in viewer.text(ONE)
    assert viewer.post(f"{version}/send-test", form_of=ONE).status_code == 403


def test_too_many_and_no_gateway_are_said_in_words(
    enter: Enter, simulator: Bound, wiring: Wiring
) -> None:
    editor = enter("editor")
    verify(editor, simulator)
    budgets.give("lai-thieu", Budget(daily_segments=1), by=None, wiring=wiring)
    answer = editor.post(f"{ONE}/send-test", form_of=ONE, text=WORDS, after="0")
    assert "đã dùng hết ngân sách tin nhắn" in answer.get_data(as_text=True)
    budgets.give("lai-thieu", Budget(), by=None, wiring=wiring)
    pauses.pause("simulator", by=None, wiring=wiring)
    form = {"form_of": ONE, "text": WORDS, "after": "0"}
    for _ in range(9):
        page = editor.post(f"{ONE}/send-test", **form)
        assert "lúc này không cổng nào nhận" in page.get_data(as_text=True)
    bounded = editor.post(f"{ONE}/send-test", **form)
    assert bounded.status_code == 429
    assert "Xin thử lại sau 60 phút" in bounded.get_data(as_text=True)

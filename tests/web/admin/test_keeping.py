"""Words in the editor outlive the session: they come back after the login, and only so."""

import html
import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from sqlalchemy import text

from notifier.services import second_factor
from notifier.services.wiring import Wiring
from tests.web.admin.conftest import Visitor

ONE = "/admin/templates/lai-thieu/result_ready/counter/vi"
WORDS = '{don_vi}: hồ sơ {ma_ho_so} <b>đã xong</b> & "chờ".'
LOGIN = "/admin/login"

Enter = Callable[..., Visitor]
OURS = {"Sec-Fetch-Site": "same-origin"}


def form(page: str) -> dict[str, str]:
    """What the page's main form would send."""
    inside = page.partition("<main")[2]
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', inside))
    fields |= dict(re.findall(r'<textarea name="(\w+)" hidden>\n(.*?)</textarea>', inside, re.S))
    return {name: html.unescape(value) for name, value in fields.items()}


def end(wiring: Wiring) -> None:
    with wiring.sessions.begin() as session:
        session.execute(text("UPDATE staff_sessions SET ended_at = created_at"))


def changes(wiring: Wiring) -> int:
    """How many changes the audit log tells of, beside logins."""
    told = "SELECT count(*) FROM audit WHERE action NOT LIKE 'session.%'"
    with wiring.sessions.read() as session:
        return int(session.execute(text(told)).scalar_one())


@pytest.fixture
def lost(enter: Enter, wiring: Wiring) -> Any:
    """An editor whose session ends between the page and its form: they, and what is answered."""

    def do(path: str = "save") -> tuple[Visitor, Any]:
        editor = enter("editor")
        typed = {**form(editor.text(ONE)), "text": WORDS, "reason": "gọn", "after": "0"}
        end(wiring)
        return editor, editor.client.post(f"{ONE}/{path}", data=typed)

    return do


@pytest.mark.parametrize("path", ["save", "try", "send-test"])
def test_what_was_written_comes_back_after_the_login(path: str, lost: Any) -> None:
    editor, answer = lost(path)
    assert answer.status_code == 401
    door = answer.get_data(as_text=True)
    assert "Lời đang soạn còn nguyên" in door
    wrong = editor.client.post(LOGIN, data={**form(door), "email": "a@b.vn", "password": "x"})
    assert wrong.status_code == 401
    person = {"email": editor.staff.email, "password": editor.staff.password}
    entered = editor.client.post(LOGIN, data={**form(wrong.get_data(as_text=True)), **person})
    assert entered.status_code == 200
    page = entered.get_data(as_text=True)
    assert f'action="{ONE}/try"' in page
    again = editor.client.post(f"{ONE}/try", data=form(page))
    assert again.status_code == 200
    editing = again.get_data(as_text=True)
    assert f"{html.escape(WORDS, quote=False)}</textarea>" in editing.replace("&#34;", '"')
    assert 'value="gọn"' in editing
    assert "Lời còn nguyên, chưa được lưu" in editing
    saved = {**form(editing), "text": WORDS, "reason": "gọn"}
    assert editor.client.post(f"{ONE}/save", data=saved).status_code == 303


def test_the_preview_says_that_the_session_is_over(lost: Any) -> None:
    _, answer = lost("preview")
    assert answer.status_code == 401
    assert answer.get_data(as_text=True).strip().startswith('<p class="notice mind"')


def test_a_second_factor_is_no_way_to_lose_it(
    lost: Any, wiring: Wiring, hire: Callable[..., Any]
) -> None:
    editor, answer = lost()
    code = pyotp.parse_uri(second_factor.begin(editor.staff.staff, wiring=wiring))
    assert isinstance(code, pyotp.TOTP)
    now = wiring.clock.now()
    second_factor.confirm(editor.staff.staff, code.at(int(now.timestamp()) - 30), wiring=wiring)
    person = {"email": editor.staff.email, "password": editor.staff.password}
    asked = editor.client.post(LOGIN, data={**form(answer.get_data(as_text=True)), **person})
    fields = {**form(asked.get_data(as_text=True)), "code": code.at(now)}
    entered = editor.client.post(f"{LOGIN}/code", data=fields)
    assert form(entered.get_data(as_text=True))["text"] == WORDS


def test_a_login_in_another_tab_loses_nothing_and_saves_nothing_by_itself(
    enter: Enter, hire: Callable[..., Any], wiring: Wiring
) -> None:
    editor = enter("editor")
    typed = {**form(editor.text(ONE)), "text": WORDS, "reason": "gọn", "after": "0"}
    editor.client.set_cookie("baotin_session", hire(wiring, "editor").token, path="/admin")
    answer = editor.client.post(f"{ONE}/save", data=typed, headers=OURS)
    assert answer.status_code == 403
    assert form(answer.get_data(as_text=True))["text"] == WORDS
    assert "Bản nháp" not in editor.text(ONE)


def test_a_browser_that_dropped_the_cookie_keeps_the_words_too(enter: Enter) -> None:
    editor = enter("editor")
    typed = {**form(editor.text(ONE)), "text": WORDS, "reason": "gọn", "after": "0"}
    editor.client.delete_cookie("baotin_session", path="/admin")
    answer = editor.client.post(f"{ONE}/save", data=typed, headers=OURS)
    assert answer.status_code == 401
    assert form(answer.get_data(as_text=True))["kept_text"] == WORDS


# Who types what into which form of which page, and what of it comes back.
FORMS: list[tuple[str, str, str, dict[str, str], str]] = [
    ("approver", ONE, f"{ONE}/switch", {"sends": "no", "reason": "nghỉ <lễ>"}, "Tắt, không gửi"),
    ("approver", ONE, f"{ONE}/inherit", {"reason": "nghỉ <lễ>"}, "Vì sao"),
    ("approver", ONE, f"{ONE}/versions/1/send-back", {"remark": "ngắn hơn"}, "Cần sửa gì"),
    ("administrator", "/admin/users", "/admin/users",
     {"name": "Trần Thị An", "email": "an@ward.example", "role": "viewer", "office": "lai-thieu"},
     "Trần Thị An</dd>"),
    ("administrator", "/admin/offices/lai-thieu", "/admin/offices/lai-thieu/links",
     {"host": "dichvucong.gov.vn"}, "Tên trang"),
]  # fmt: skip


@pytest.mark.parametrize(("role", "page", "path", "typed", "said"), FORMS)
def test_what_was_filled_in_elsewhere_comes_back_too_and_is_sent_by_hand_alone(
    role: str, page: str, path: str, typed: dict[str, str], said: str, enter: Enter, wiring: Wiring
) -> None:
    visitor = enter(role)
    token, before = form(visitor.text(page))["form"], changes(wiring)
    end(wiring)
    answer = visitor.client.post(path, data={"form": token, **typed})
    door = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert "Điều ông/bà vừa điền còn nguyên" in door
    assert html.escape(max(typed.values(), key=len)) not in door
    person = {"email": visitor.staff.email, "password": visitor.staff.password}
    entered = visitor.client.post(LOGIN, data={**form(door), **person})
    shown = entered.get_data(as_text=True)
    assert entered.status_code == 200
    assert f'action="{path}"' in shown
    assert said in shown
    assert {name: form(shown)[name] for name in typed} == typed
    assert changes(wiring) == before


def test_a_value_is_filled_in_after_the_login_and_a_phone_travels_nowhere(
    enter: Enter, wiring: Wiring, post: Any, event: dict[str, Any]
) -> None:
    event.update(type="fee_due", data={})
    message = post(event).get_json()["events"][0]["messages"][0]["id"]
    at, operator = f"/admin/messages/{message}", enter("operator")
    typed = {"form": form(operator.text(at))["form"], "value_le_phi": "15.000đ"}
    operator.post("/admin/logout")
    answer = operator.client.post(
        f"{at}/correct", data={**typed, "phone": "0912345678"}, headers=OURS
    )
    assert answer.status_code == 401
    person = {"email": operator.staff.email, "password": operator.staff.password}
    entered = operator.client.post(LOGIN, data={**form(answer.get_data(as_text=True)), **person})
    page = entered.get_data(as_text=True)
    assert "Phí, lệ phí</dt><dd>15.000đ" in page
    assert "0912345678" not in page
    sent = operator.client.post(f"{at}/correct", data=form(page))
    assert sent.location == f"{at}?done=corrected"


def test_what_cannot_be_kept_is_said_to_be_lost(enter: Enter, wiring: Wiring) -> None:
    editor = enter("editor")
    token = form(editor.text("/admin/account"))["form"]
    end(wiring)
    answer = editor.client.post("/admin/account/phone", data={"form": token, "phone": "0912345678"})
    assert answer.location == f"{LOGIN}?done=lost"
    assert "điều vừa gửi chưa được nhận" in editor.text(answer.location)


@pytest.mark.parametrize("sealed", ["", "AAAA", "not base64!", "é"])
def test_nothing_is_carried_that_was_not_sealed_here(
    sealed: str, stranger: Visitor, hire: Callable[..., Any], wiring: Wiring
) -> None:
    person = hire(wiring, "editor")
    fields = {"email": person.email, "password": person.password, "kept_form": sealed}
    assert stranger.post(LOGIN, form_of=LOGIN, **fields).location == "/admin/"


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_puts_no_words_into_a_login(
    headers: dict[str, str], stranger: Visitor
) -> None:
    answer = stranger.client.post(f"{ONE}/save", data={"text": WORDS}, headers=headers)
    assert answer.status_code == 403
    assert "đã xong" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("href", ["https://evil.example", "/docs", "/admin/templates//x", "/admin"])
def test_words_lead_into_an_editor_of_ours_alone(
    href: str, stranger: Visitor, hire: Callable[..., Any], wiring: Wiring
) -> None:
    person = hire(wiring, "editor")
    carried = {"kept_href": href, "kept_text": WORDS}
    fields = {"email": person.email, "password": person.password, **carried}
    assert stranger.post(LOGIN, form_of=LOGIN, **fields).location == "/admin/"


def test_a_database_that_is_away_takes_nothing_that_was_written(
    enter: Enter, wiring: Wiring
) -> None:
    editor = enter("editor")
    typed = {**form(editor.text(ONE)), "text": WORDS, "reason": "gọn", "after": "0"}
    with wiring.sessions.begin() as session:
        session.execute(text("ALTER TABLE template_steps RENAME TO away"))
    answer = editor.client.post(f"{ONE}/save", data=typed)
    assert answer.status_code == 503
    page = answer.get_data(as_text=True)
    assert "Lời đang soạn còn nguyên" in page
    assert " data-go" not in page  # it would ask again and again
    with wiring.sessions.begin() as session:
        session.execute(text("ALTER TABLE away RENAME TO template_steps"))
    again = editor.client.post(f"{ONE}/try", data=form(page))
    assert form(again.get_data(as_text=True))["after"] == "0"
    assert f"{html.escape(WORDS, quote=False)}</textarea>" in (
        again.get_data(as_text=True).replace("&#34;", '"')
    )

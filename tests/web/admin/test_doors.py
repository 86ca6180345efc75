"""The door: who gets in, with which cookie, and by no form but the page's own."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyotp
import pytest
from flask import Flask

from notifier.app import create_app
from notifier.services import people, second_factor
from notifier.services.wiring import Wiring
from tests.web.admin.conftest import Visitor

LOGIN = "/admin/login"
SESSION = "baotin_session"


def log_in(visitor: Visitor, person: Any, **form: str) -> Any:
    given = {"email": person.email, "password": person.password, **form}
    return visitor.post(LOGIN, form_of=LOGIN, **given)


def session_of(visitor: Visitor) -> str | None:
    cookie = visitor.client.get_cookie(SESSION, path="/admin")
    return cookie.value if cookie else None


def test_the_right_password_opens_the_page_that_was_asked_for(
    stranger: Visitor, hire: Callable[..., Any], wiring: Wiring
) -> None:
    person = hire(wiring, "editor")
    asked = stranger.get("/admin/templates?office=lai-thieu")
    assert asked.status_code == 303
    assert asked.location == "/admin/login?to=/admin/templates?office%3Dlai-thieu"
    opened = log_in(stranger, person, to="/admin/templates?office=lai-thieu")
    assert (opened.status_code, opened.location) == (303, "/admin/templates?office=lai-thieu")
    assert "Mẫu tin" in stranger.text(opened.location)


def test_the_session_cookie_is_for_these_pages_and_no_script(
    stranger: Visitor, hire: Callable[..., Any], wiring: Wiring
) -> None:
    answer = log_in(stranger, hire(wiring, "editor"))
    cookie = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith(SESSION))
    for part in ("HttpOnly", "SameSite=Lax", "Path=/admin"):
        assert part in cookie
    assert "Secure" not in cookie  # the demo, over plain HTTP


def test_in_production_the_session_cookie_is_secure(
    wiring: Wiring, production_settings: Any, hire: Callable[..., Any], quick_passwords: Any
) -> None:
    person = hire(wiring, "editor")
    there = replace(wiring, settings=production_settings, passwords=quick_passwords)
    visitor = Visitor(create_app(production_settings, there).test_client())
    page = visitor.client.get(LOGIN, base_url="https://sms.example.vn")
    token = page.get_data(as_text=True).split('name="form" value="')[1].split('"')[0]
    answer = visitor.client.post(
        LOGIN,
        base_url="https://sms.example.vn",
        data={"form": token, "email": person.email, "password": person.password},
    )
    assert answer.status_code == 303
    assert all("Secure" in one for one in answer.headers.getlist("Set-Cookie") if "Max" in one)


def test_a_wrong_password_says_no_more_than_an_unknown_account(
    stranger: Visitor, hire: Callable[..., Any], wiring: Wiring
) -> None:
    person = hire(wiring, "editor")
    wrong = stranger.post(LOGIN, form_of=LOGIN, email=person.email, password="x")
    unknown = stranger.post(LOGIN, form_of=LOGIN, email="no@office.example", password="x")
    assert wrong.status_code == unknown.status_code == 401
    assert "Địa chỉ hoặc mật khẩu chưa đúng." in wrong.get_data(as_text=True)
    pages = [one.get_data(as_text=True).replace(person.email, "") for one in (wrong, unknown)]
    assert pages[0] == pages[1].replace("no@office.example", "")
    assert f'value="{person.email}"' in wrong.get_data(as_text=True)  # what was typed stays
    assert session_of(stranger) is None


def test_what_was_left_empty_at_the_door_is_said_beside_it_and_counts_as_no_try(
    stranger: Visitor,
) -> None:
    for _ in range(9):
        answer = stranger.post(LOGIN, form_of=LOGIN, email="a@office.example", password="")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert '<p class="wrong" id="password-problem">Xin điền chỗ này.</p>' in page
    assert 'id="email-problem"' not in page
    assert " novalidate>" in page  # the browser's own words are not ours, nor in our language


@pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"])
def test_a_nul_in_a_form_is_refused_before_and_after_the_login(
    stranger: Visitor, enter: Callable[..., Visitor]
) -> None:
    before = stranger.post(LOGIN, form_of=LOGIN, email="a\0@office.example", password="x")
    assert before.status_code == 422
    assert 'lang="vi"' in before.get_data(as_text=True)
    administrator, editor = enter("administrator"), enter("editor")
    for path, form in {
        "/admin/users": {"email": "a\0@office.example", "name": "A", "role": "editor"},
        "/admin/offices/lai-thieu/links/take-back": {"host": "a\0.vn"},
        "/admin/logout": {"x\0": ""},
    }.items():
        assert administrator.post(path, **form).status_code == 422
    words = {"text": "{don_vi}: ho so\0 {ma_ho_so}", "reason": "pasted", "after": "0"}
    path = "/admin/templates/lai-thieu/result_ready/counter/vi/save"
    assert editor.post(path, **words).status_code == 422


def test_too_many_tries_say_how_long_to_wait(stranger: Visitor) -> None:
    for _ in range(8):
        answer = stranger.post(LOGIN, form_of=LOGIN, email="a@office.example", password="x")
    assert answer.status_code == 429
    assert "giây" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/admin/password", {"old": "a guess", "new": "một câu dễ nhớ của tôi"}),
        ("/admin/account/second-factor/confirm", {"code": "000000"}),
        ("/admin/account/second-factor/turn-off", {"password": "a guess"}),
    ],
)
def test_whoever_is_in_and_guesses_is_told_to_wait(
    path: str, form: dict[str, str], enter: Callable[..., Visitor]
) -> None:
    visitor = enter("editor")
    for _ in range(6):
        answer = visitor.post(path, **form)
    assert answer.status_code == 429
    assert "Sai nhiều lần. Xin đợi một phút" in answer.get_data(as_text=True)


def test_a_session_planted_before_the_login_is_worth_nothing_after_it(
    stranger: Visitor, app: Flask, hire: Callable[..., Any], wiring: Wiring
) -> None:
    planted = hire(wiring, "viewer")
    stranger.client.set_cookie(SESSION, planted.token, path="/admin")
    person = hire(wiring, "editor")
    assert log_in(stranger, person).status_code == 303
    assert session_of(stranger) not in {None, planted.token}
    attacker = Visitor(app.test_client())
    attacker.client.set_cookie(SESSION, planted.token, path="/admin")
    assert attacker.get("/admin/templates").status_code == 303  # it is over


def test_after_logging_out_the_session_is_over_for_a_copy_too(
    enter: Callable[..., Visitor], app: Flask
) -> None:
    visitor = enter("editor")
    copy = Visitor(app.test_client())
    copy.client.set_cookie(SESSION, visitor.staff.token, path="/admin")
    assert copy.get("/admin/templates").status_code == 200
    assert visitor.post("/admin/logout").location == "/admin/login?done=out"
    assert copy.get("/admin/templates").status_code == 303


def test_an_account_with_a_second_factor_needs_its_code(
    stranger: Visitor, hire: Callable[..., Any], wiring: Wiring
) -> None:
    person = hire(wiring, "editor")
    code = pyotp.parse_uri(second_factor.begin(person.staff, wiring=wiring))
    assert isinstance(code, pyotp.TOTP)
    now = wiring.clock.now()
    second_factor.confirm(person.staff, code.at(int(now.timestamp()) - 30), wiring=wiring)
    page = log_in(stranger, person)
    assert page.status_code == 200
    assert session_of(stranger) is None
    ticket = page.get_data(as_text=True).split('name="ticket" value="')[1].split('"')[0]
    form = {"form_of": LOGIN, "ticket": ticket, "to": "/admin/templates"}
    empty = stranger.post("/admin/login/code", **form, code="")
    assert empty.status_code == 422
    assert "Xin điền chỗ này" in empty.get_data(as_text=True)
    wrong = stranger.post("/admin/login/code", **form, code="000000")
    assert wrong.status_code == 401
    assert "Mã chưa đúng hoặc đã hết hạn" in wrong.get_data(as_text=True)
    opened = stranger.post("/admin/login/code", **form, code=code.at(now))
    assert (opened.status_code, opened.location) == (303, "/admin/templates")
    assert session_of(stranger)


def test_a_temporary_password_opens_its_own_change_only(
    stranger: Visitor, wiring: Wiring, hire: Callable[..., Any], quick_passwords: Any
) -> None:
    person = hire(wiring, "editor")
    quick = replace(wiring, passwords=quick_passwords)
    given = people.reset_password(person.staff.id, by=None, wiring=quick).password
    person = replace(person, password=given)
    assert log_in(stranger, person).location == "/admin/password"
    assert stranger.get("/admin/templates").location == "/admin/password"
    before = session_of(stranger)
    form = {"form_of": "/admin/password", "old": given}
    refused = stranger.post("/admin/password", **form, new="short")
    assert refused.status_code == 422
    assert "Quá ngắn" in refused.get_data(as_text=True)
    kept = stranger.post("/admin/password", **form, new="một câu dễ nhớ của tôi")
    assert kept.location == "/admin/account?done=password"
    assert session_of(stranger) != before
    assert stranger.get("/admin/templates").status_code == 200


FOREIGN: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ("no token", {}, {}),
    ("a token of nobody", {"form": "0" * 64}, {}),
    ("from another site", {"form": "own"}, {"Sec-Fetch-Site": "cross-site"}),
    ("from another host of the site", {"form": "own"}, {"Sec-Fetch-Site": "same-site"}),
]


@pytest.mark.parametrize(("name", "form", "headers"), FOREIGN, ids=[one[0] for one in FOREIGN])
def test_a_form_of_another_site_does_nothing(
    name: str,
    form: dict[str, str],
    headers: dict[str, str],
    enter: Callable[..., Visitor],
    wiring: Wiring,
) -> None:
    visitor = enter("editor")
    if form.get("form") == "own":
        form = {"form": wiring.hashes.form(visitor.staff.token).hex()}
    answer = visitor.client.post("/admin/logout", data=form, headers=headers)
    assert answer.status_code == 403
    assert "Biểu mẫu đã cũ" in answer.get_data(as_text=True)
    assert visitor.get("/admin/templates").status_code == 200


def test_another_persons_form_does_nothing(enter: Callable[..., Visitor], wiring: Wiring) -> None:
    visitor, other = enter("editor"), enter("editor")
    stolen = wiring.hashes.form(other.staff.token).hex()
    assert visitor.client.post("/admin/logout", data={"form": stolen}).status_code == 403


@pytest.mark.parametrize(
    "to", ["https://evil.example", "//evil.example", "/admin/\\evil", "/docs", "/admin//evil", "x"]
)
def test_a_login_leads_nowhere_else(
    to: str, stranger: Visitor, hire: Callable[..., Any], wiring: Wiring
) -> None:
    assert log_in(stranger, hire(wiring, "editor"), to=to).location == "/admin/"


def test_every_answer_has_the_strict_policy_and_no_script_of_its_own(
    enter: Callable[..., Visitor], stranger: Visitor
) -> None:
    visitor = enter("editor")
    editor = "/admin/templates/lai-thieu/result_ready/counter/vi"
    answers = [stranger.get(LOGIN), visitor.get("/admin/x"), visitor.get(editor)]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        page = answer.get_data(as_text=True)
        assert "<style" not in page
        assert " style=" not in page
        assert "<script>" not in page
        assert " onclick" not in page


def test_the_pages_speak_vietnamese_first_and_keep_english_for_the_session(
    stranger: Visitor,
) -> None:
    assert '<html lang="vi">' in stranger.text(LOGIN)
    assert '<html lang="en">' in stranger.text(f"{LOGIN}?lang=en")
    assert '<html lang="en">' in stranger.text(LOGIN)
    cookie = stranger.client.get_cookie("baotin_lang", path="/admin")
    assert cookie is not None
    assert cookie.expires is None  # ends with the browser's session
    assert '<html lang="vi">' in stranger.text(f"{LOGIN}?lang=vi")
    assert '<html lang="vi">' in stranger.text(f"{LOGIN}?lang=fr")


def test_what_is_not_there_is_a_page_and_what_breaks_too(
    enter: Callable[..., Visitor], stranger: Visitor
) -> None:
    visitor = enter("viewer")
    for path in ("/admin/nowhere", "/admin/assets/x", "/admin/templates/lai-thieu/x/counter/vi"):
        answer = visitor.get(path)
        assert answer.status_code == 404
        assert "Không có trang này" in answer.get_data(as_text=True)
    assert stranger.get("/admin/nowhere").status_code == 303
    long = visitor.post("/admin/logout", more="x" * 300_000)
    assert long.status_code == 413


def test_files_are_shipped_and_kept_for_ever_under_the_name_of_their_content(
    stranger: Visitor,
) -> None:
    page = stranger.get(LOGIN)
    assert page.headers["Cache-Control"] == "no-store"
    named = set(re.findall(r"/admin/assets/[\w.]+", page.get_data(as_text=True)))
    assert len(named) == 4
    for path in named:
        answer = stranger.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        stem, digest, ending = path.split(".")
        assert hashlib.sha256(answer.data).hexdigest().startswith(digest)
        other = stranger.get(f"{stem}.{'0' * len(digest)}.{ending}")  # of another release
        assert (other.data, other.headers["Cache-Control"]) == (answer.data, "no-store")
    assert stranger.get("/admin").status_code in {303, 308}

"""No page bars anybody: axe, and the width of every page in every state, in both languages.

The pages are found by themselves: a template or a route that nothing here shows fails the test.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask, request, template_rendered
from playwright.sync_api import Page
from sqlalchemy import text

from notifier.domain.alerts import ABOUT_HELD, AlertKind
from notifier.domain.events import Channel, EventType, Language
from notifier.domain.versions import TemplateKey
from notifier.services import drafting, logins, own_phones, pauses, publishing, second_factor
from notifier.services.questions import Question
from notifier.services.wiring import Wiring
from notifier.store.alerts import raise_alert
from tests.browsing import AXE
from tests.permissions import routes
from workers.worker import build_context

ONE = "/admin/templates/lai-thieu/result_ready/counter/vi"
MESSAGES, ATTENTION, ACCOUNT = "/admin/messages", "/admin/attention", "/admin/account"
OFFICE, LOGIN = "/admin/offices/lai-thieu", "/admin/login"
WORDS = "{don_vi}: ho so {ma_ho_so} da xong. Moi den {noi_nhan}. LH {so_dien_thoai}."
WIDTHS = (320, 768, 1280)
SURE = frozenset(Question)
PIECES = {"frame.html", "pieces.html"}  # of every page


@dataclass
class Shown:
    """The templates and routes that somebody was shown."""

    templates: set[str] = field(default_factory=set)
    routes: set[tuple[str, str]] = field(default_factory=set)


@pytest.fixture
def shown(app: Flask) -> Iterator[Shown]:
    kept = Shown()

    def keep(_: Flask, template: Any, **__: Any) -> None:
        kept.templates.add(template.name.removeprefix("admin/"))
        if request.url_rule is not None:
            kept.routes.add((request.method, request.url_rule.rule))

    with template_rendered.connected_to(keep, app):
        yield kept


@dataclass
class Walk:
    """Goes through the pages, and keeps what is wrong with them."""

    page: Page
    served: str
    wrong: list[str] = field(default_factory=list)

    def look(self, name: str) -> None:
        """The page as it stands: by axe, and whether it is wider than the window."""
        found = Axe().run(self.page, options=AXE)
        self.wrong += [f"{name}: {one['id']}" for one in found.response["violations"]]
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 800})
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                self.wrong.append(f"{name}: {wide} px wide in {width}")

    def go(self, path: str) -> None:
        self.page.goto(f"{self.served}{path}")

    def see(self, *paths: str) -> None:
        for path in paths:
            self.go(path)
            self.look(path)

    def send(self, path: str | None, form: str, **fields: str) -> None:
        """What answers this form as it is filled in; without a path, that of the page at hand."""
        if path is not None:
            self.go(path)
        self.page.evaluate(
            "form => { document.querySelector(form).noValidate = true;"
            " document.querySelectorAll('details').forEach(one => { one.open = true }) }",
            form,
        )
        for name, value in fields.items():
            where = self.page.locator(f"{form} [name={name}]").first
            if where.evaluate("one => one.tagName") == "SELECT":
                where.select_option(value)
            elif where.get_attribute("type") == "checkbox":
                where.check()
            else:
                where.fill(value)
        with self.page.expect_navigation():
            self.page.locator(f"{form} button[type=submit]").first.click()
        self.look(f"{path} {form}")


@pytest.fixture
def walk(page: Page, served: str) -> Walk:
    return Walk(page, served)


@pytest.fixture
def live(wiring: Wiring, post: Callable[..., Any], event: dict[str, Any]) -> Callable[[], Any]:
    """What a morning brings: held, sent and lost messages, a gateway out of use."""

    def do() -> dict[str, str]:
        made = {
            "held": post({**event, "id": "h", "type": "fee_due", "data": {}}),
            "sent": post(event),
        }
        context = build_context(wiring, stopping=threading.Event())
        context.sender.run(slice_s=30, stopping=lambda: False)
        made["lost"] = post({**event, "id": "l"})
        ids = {
            name: answer.get_json()["events"][0]["messages"][0]["id"]
            for name, answer in made.items()
        }
        with wiring.sessions.begin() as session:
            session.execute(
                text("UPDATE messages SET state = 'undelivered' WHERE id = :id"),
                {"id": ids["lost"]},
            )
        pauses.pause("simulator", by=None, wiring=wiring)
        with wiring.sessions.begin() as session:
            for kind in AlertKind:
                raise_alert(
                    session,
                    wiring.ids.new("alt"),
                    kind=kind,
                    subject="lai-thieu" if kind in ABOUT_HELD else "demo",
                    detail="",
                    now=wiring.sessions.now(session),
                )
        return ids

    return do


@pytest.mark.parametrize("language", list(Language))
def test_no_page_bars_anybody_in_any_state_or_width(
    language: Language,
    walk: Walk,
    shown: Shown,
    app: Flask,
    wiring: Wiring,
    live: Callable[[], dict[str, str]],
    hire: Callable[..., Any],
    log_in: Callable[..., Any],
) -> None:
    walk.go(f"{LOGIN}?lang={language}")
    assert walk.page.get_attribute("html", "lang") == language
    at_the_door(walk, hire(wiring, "viewer"), wiring)
    administrator = log_in("administrator", None)
    walk.go(f"{ACCOUNT}?lang={language}")
    walk.see("/admin/templates")  # of several offices one is chosen
    walk.see(ATTENTION, MESSAGES, ONE, "/admin/templates?office=lai-thieu&show=missing")  # empty
    made = live()
    with_messages(walk, made)
    with_people(walk, hire(wiring, "editor").staff.id)
    with_offices(walk)
    with_ones_own(walk, administrator.staff, language, wiring)
    with_words(walk, hire(wiring, "editor").staff, hire(wiring, "approver").staff, wiring)
    over(walk, administrator, wiring)
    assert walk.wrong == []
    folder = resources.files("notifier.web.admin").joinpath("templates/admin")
    assert {one.name for one in folder.iterdir()} - PIECES - shown.templates == set()
    there = {one for one in routes(app) if one[0] == "GET" and one[1].startswith("/admin")}
    assert there - shown.routes == {("GET", "/admin/"), ("GET", "/admin/assets/<name>")}


def at_the_door(walk: Walk, person: Any, wiring: Wiring) -> None:
    walk.look("login")
    walk.send(None, "main form", email="a@office.example", password="x")
    code = pyotp.parse_uri(second_factor.begin(person.staff, wiring=wiring))
    assert isinstance(code, pyotp.TOTP)
    second_factor.confirm(person.staff, code.at(wiring.clock.now()), wiring=wiring)
    walk.send(LOGIN, "main form", email=person.email, password=person.password)
    walk.send(None, "main form", code="000000")


def with_messages(walk: Walk, made: dict[str, str]) -> None:
    walk.see(ATTENTION, MESSAGES, f"{MESSAGES}?case=none", f"{MESSAGES}/{made['held']}")
    walk.see(f"{MESSAGES}/{made['sent']}", "/admin/cases?office=lai-thieu&code=H29-1")
    walk.send(MESSAGES, "main form", phone="x")
    walk.send(f"{MESSAGES}/{made['held']}", ".deed", value_le_phi="x")
    walk.send(f"{MESSAGES}/{made['lost']}", ".deed", phone="x")
    walk.send(f"{MESSAGES}/{made['sent']}", "[action$=reveal]")
    walk.send(ATTENTION, "[action$=bulk]")
    walk.send(ATTENTION, "[action$=bulk]", message="", what="resend")
    walk.send(ATTENTION, "[action$=bulk]", message="", what="told")
    walk.send(None, "[action$=bulk]")


def with_people(walk: Walk, user: str) -> None:
    one = f"/admin/users/{user}"
    walk.see("/admin/users", one, "/admin/audit", "/admin/audit?action=x")
    walk.send("/admin/users", "[action$=users]", name="A", email="x")
    walk.send(one, "[action$=roles]", role="viewer")
    walk.send(one, "[action$=reset-password]")
    walk.send(one, "[action$=disable]")


def with_offices(walk: Walk) -> None:
    walk.see("/admin/offices", OFFICE)
    walk.send(OFFICE, "[action$=links]", host="x")
    walk.send(OFFICE, "[action$=test-numbers]", phone="x")
    walk.send(OFFICE, "[action$=live]")


def with_ones_own(walk: Walk, staff: Any, language: Language, wiring: Wiring) -> None:
    walk.see(ACCOUNT, "/admin/password", "/admin/nowhere")
    walk.send("/admin/password", "main form", old="x", new="y")
    walk.send(ACCOUNT, "[action$=begin]")
    walk.send(None, "[action$=confirm]", code="1")
    walk.send(ACCOUNT, "[action$=phone]", phone="x")
    own_phones.give(staff, "0987654321", language, wiring=wiring)
    walk.send(ACCOUNT, "[action$=verify]", code="1")


def with_words(walk: Walk, editor: Any, approver: Any, wiring: Wiring) -> None:
    walk.see("/admin/templates?office=lai-thieu", f"{ONE.removesuffix('vi')}en")
    walk.send(ONE, "#editor", text="{don_vi} {x}", reason="")
    walk.send(ONE, "#editor", text="{don_vi} {ma_ho_so} {le_phi} “a”", reason="a")
    key = TemplateKey("lai-thieu", EventType.RESULT_READY, Channel.COUNTER, Language.VI)
    newest = 1
    walk.go(ONE)  # and meanwhile another writes
    drafting.save(editor, key, WORDS, "gọn", after=newest, wiring=wiring)
    walk.send(None, "#editor", text=f"{WORDS} ", reason="a")
    drafting.submit(editor, key, newest + 1, confirm=SURE, wiring=wiring)
    walk.see(ONE, f"{ONE}/versions/{newest + 1}", ATTENTION)
    walk.send(ONE, "[action$=send-back]", remark="")
    walk.send(ONE, "[action$=switch]", reason="")
    with_other_placeholders(walk, editor, approver, key, wiring)
    walk.go(ONE)
    with walk.page.expect_response("**/preview"):
        walk.page.fill("#text", f"{WORDS} “a”")
    walk.look("preview")


def with_other_placeholders(
    walk: Walk, editor: Any, approver: Any, key: TemplateKey, wiring: Wiring
) -> None:
    """Words that are sent, and lack what those above them fill in: to drop them is asked about."""
    words = "{don_vi}: {ma_ho_so} da xong. LH {so_dien_thoai}."
    made = drafting.save(editor, key, words, "gọn", after=2, wiring=wiring)
    drafting.submit(editor, key, made.number, confirm=SURE, wiring=wiring)
    publishing.approve(approver, key, made.number, wiring=wiring)
    publishing.publish(approver, key, made.number, wiring=wiring)
    walk.send(ONE, "[action$=inherit]", reason="why")


def over(walk: Walk, person: Any, wiring: Wiring) -> None:
    """What stands there once the session is over, and on the way back."""
    walk.go(ONE)
    logins.log_out(person.token, wiring=wiring)
    walk.page.type("#text", "!")
    walk.page.locator("#preview .mind").wait_for()
    walk.look("expired")
    walk.send(None, "#editor", text=WORDS, reason="a")
    walk.page.route("**/admin.*.js", lambda route: route.abort())  # which would go on by itself
    walk.send(None, "main form", email=person.email, password=person.password)
    cookies = {one["name"]: one["value"] for one in walk.page.context.cookies()}
    walk.go("/admin/users")
    logins.log_out(cookies["baotin_session"], wiring=wiring)
    walk.send(None, "[action$=users]", name="A", email="a@office.example", role="viewer")
    walk.send(None, "main form", email=person.email, password=person.password)

"""The staff pages over real wiring, and people who are in."""

import html
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from notifier.services.passwords import Passwords
from notifier.services.wiring import Wiring


@pytest.fixture
def database_kind() -> str:
    """The services under the pages are tested on both; a page asks nothing of its own."""
    return "sqlite"


@dataclass
class Visitor:
    """A browser without scripts: keeps its cookies, and sends each form with its page's token."""

    client: FlaskClient
    staff: Any = None

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def post(self, path: str, *, form_of: str = "/admin/account", **form: Any) -> TestResponse:
        page = self.client.get(form_of).get_data(as_text=True)
        found = re.search(r'name="form" value="(\w+)"', page)
        assert found, f"no form on {form_of}"
        return self.client.post(path, data={"form": found[1], **form})

    def text(self, path: str) -> str:
        return self.get(path).get_data(as_text=True)


def fields_of(page: str) -> dict[str, list[str]]:
    """What the forms of the page's main part hold without anybody typing."""
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(
        r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.partition("<main")[2]
    ):
        fields.setdefault(name, []).append(html.unescape(value))
    return {name: list(dict.fromkeys(values)) for name, values in fields.items()}


@pytest.fixture
def event() -> dict[str, Any]:
    return {
        "id": "3f1c",
        "type": "result_ready",
        "occurred_at": "2026-11-23T09:00:00+07:00",
        "case": {"code": "H29-1", "office": "lai-thieu", "channel": "counter"},
        "recipient": {"name": "Nguyễn Văn Đạt", "phone": "0912345678"},
        "data": {"noi_nhan": "Quầy 3"},
    }


@pytest.fixture
def post(app: Flask, api_key: str) -> Callable[..., Any]:
    """Posts an event."""

    def do(event: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {api_key}"}
        return app.test_client().post("/v1/events", json=event, headers=headers)

    return do


@pytest.fixture
def app(app_over: Callable[[Wiring], Flask], wiring: Wiring, quick_passwords: Passwords) -> Flask:
    return app_over(replace(wiring, passwords=quick_passwords))


@pytest.fixture
def stranger(app: Flask) -> Iterator[Visitor]:
    """Somebody who is not logged in."""
    yield Visitor(app.test_client())


@pytest.fixture
def enter(app: Flask, wiring: Wiring, hire: Callable[..., Any]) -> Callable[..., Visitor]:
    """`enter("editor")`: a person of that role, logged in."""

    def do(role: str, office: str | None = "lai-thieu") -> Visitor:
        person = hire(wiring, role, office)
        client = app.test_client()
        client.set_cookie("baotin_session", person.token, path="/admin")
        return Visitor(client, person)

    return do


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

"""The staff pages over real wiring, and people who are in."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
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

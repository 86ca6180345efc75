"""`/docs`: the contract to read and to try, offline and under a strict policy."""

import re
import threading
from collections.abc import Callable, Iterator
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from notifier.services.wiring import Wiring


@pytest.fixture
def database_kind() -> str:
    """The page does not touch the database: one kind is enough."""
    return "sqlite"


@pytest.fixture
def client(app_over: Callable[[Wiring], Flask], wiring: Wiring) -> FlaskClient:
    return app_over(wiring).test_client()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Requests are not printed among the tests."""


@pytest.fixture
def served(app_over: Callable[[Wiring], Flask], wiring: Wiring) -> Iterator[str]:
    """The address of a running API."""
    with make_server("127.0.0.1", 0, app_over(wiring), handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("query", "language"), [("", "vi"), ("?lang=en", "en"), ("?lang=x", "vi")])
def test_the_page_speaks_vietnamese_first_and_english_by_a_switch(
    client: FlaskClient, query: str, language: str
) -> None:
    answer = client.get(f"/docs{query}")
    assert f'<html lang="{language}">' in answer.get_data(as_text=True)
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_everything_that_the_page_loads_is_here(client: FlaskClient) -> None:
    page = client.get("/docs").get_data(as_text=True)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    ours = [one for one in loaded if one != "data:,"]
    assert all(one.startswith("/") for one in ours)
    assert [client.get(one).status_code for one in ours] == [200] * len(ours)
    assert client.get("/docs/../app.py").status_code == client.get("/docs/x").status_code == 404


def test_the_contract_opens_in_a_browser_and_asks_nobody_else(page: Page, served: str) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served}/docs")
    page.get_by_text("/v1/events", exact=True).first.wait_for()
    page.get_by_role("button", name="Authorize").first.click()
    page.get_by_label("auth-bearer-value").wait_for()
    assert said == []
    assert [one for one in asked if not one.startswith((served, "data:"))] == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_ours_of_the_page_bars_nobody(page: Page, served: str, language: str) -> None:
    page.goto(f"{served}/docs?lang={language}")
    page.get_by_text("/v1/events", exact=True).first.wait_for()
    found = Axe().run(page, context="header.top")
    assert found.response["violations"] == []

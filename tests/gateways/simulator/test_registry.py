"""A dialect from outside: found by its entry point, and every freedom that a dialect has."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from gateways.simulator import registry
from gateways.simulator.embedded import running
from gateways.simulator.settings import Bound, SimulatorConfig

# Orders come by GET, answers are XML, receipts go by GET to one address of the account, and a
# message may be a registered template with its parameters.
PIGEON = """
from types import MappingProxyType
from urllib.parse import parse_qs, quote

from gateways.simulator.dialect import TEXT, XML, Answer, Dialect, Refused
from gateways.simulator.numbers import Magic, e164
from gateways.simulator.posting import Post
from gateways.simulator.rows import Order


class PigeonDialect(Dialect):
    name = "pigeon"
    refuses = frozenset()
    undelivered = MappingProxyType({Magic.UNDELIVERED: "hawk"})
    remembers_s = 3600.0
    reports_to_account = True

    @staticmethod
    def account(digits):
        return {"ring": digits(4)}

    @staticmethod
    def addresses(url):
        return {"base_url": f"{url}/loft", "token_url": f"{url}/tokens"}

    def sends(self, method, path):
        return path == "/loft/fly"

    def read(self, call):
        given = {name: values[0] for name, values in parse_qs(call.query).items()}
        if given.get("ring") != self.stage.account["ring"]:
            raise Refused(Answer(200, b"<error>ring</error>", {}, XML))
        text = given.get("text", "")
        if "template" in given:
            values = {n: v for n, v in given.items() if n not in {"ring", "to", "ref", "template"}}
            text = self.stage.templates.filled(given["template"], values)
            if text is None:
                raise Refused(Answer(200, b"<error>template</error>", {}, XML))
        return Order(e164(given["to"]), "PIGEON", text, given["ref"], "")

    def taken(self, row, *, duplicate):
        word = "again" if duplicate else "taken"
        return Answer(200, f"<{word}>{row.id}</{word}>".encode(), {}, XML)

    def ask(self, call):
        return Answer(200, b"token=t", {}, TEXT) if call.path == "/tokens" else Answer(404, b"")

    def receipt(self, row, status, at):
        if status.value == "sent":
            return None
        query = f"id={row.id}&status={quote(status.value)}"
        return Post(f"{row.order.callback_url}?{query}", method="GET")

    def inbound(self, reply, url):
        return Post(url, reply.text.encode(), "text/plain")
"""
RING = "cafe"
PHONE = "+84912345678"
Fly = Callable[..., requests.Response]


@pytest.fixture
def bound(foreign: Callable[..., None], tmp_path: Path) -> Iterator[Bound]:
    foreign("pigeon", {"baotin.dialects": {"pigeon": "pigeon:PigeonDialect"}}, PIGEON)
    config = SimulatorConfig(
        folder=tmp_path / "simulator",
        listen=("127.0.0.1", 0),
        dialects={"pigeon": ("127.0.0.1", 0)},
        accounts={"pigeon": {"ring": RING}},
        templates={"pigeon": {"7": "Ho so {code} xong. {code}!"}},
    )
    with running(config) as bound:
        yield bound


@pytest.fixture
def fly(bound: Bound) -> Fly:
    url = f"http://127.0.0.1:{bound.dialects['pigeon'][1]}/loft/fly"

    def do(**given: str) -> requests.Response:
        order = {"ring": RING, "to": "0912345678", "ref": "r1", **given}
        return requests.get(url, params=order, timeout=5)

    return do


def texts(control: str) -> list[str]:
    rows: list[dict[str, Any]] = requests.get(f"{control}/sim/messages", timeout=5).json()[
        "messages"
    ]
    return [row["text"] for row in rows]


@pytest.mark.usefixtures("bound")
def test_a_dialect_from_another_package_is_found_with_its_account_and_addresses() -> None:
    dialect = registry.load()["pigeon"]
    assert "pigeon" in registry.names()
    assert dialect.account(lambda count: "f" * count) == {"ring": "ffff"}
    assert dialect.addresses("http://x") == {
        "base_url": "http://x/loft",
        "token_url": "http://x/tokens",
    }


def test_a_dialect_speaks_any_format_and_has_other_addresses(
    fly: Fly, bound: Bound, control: str
) -> None:
    taken = fly(text="xin chao")
    assert taken.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert taken.text.startswith("<taken>sms_")
    again = fly(text="xin chao")
    assert again.text == taken.text.replace("taken", "again")
    assert fly(ring="x").text == "<error>ring</error>"
    assert texts(control) == ["xin chao"]
    token = requests.post(f"http://127.0.0.1:{bound.dialects['pigeon'][1]}/tokens", timeout=5)
    assert (token.text, token.headers["Content-Type"]) == ("token=t", "text/plain; charset=utf-8")


def test_a_reference_is_remembered_as_long_as_the_provider_does(
    fly: Fly, control: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fly(text="a")
    monkeypatch.setattr(registry.load()["pigeon"], "remembers_s", 0.0)
    assert fly(text="b").text.startswith("<taken>")
    assert texts(control) == ["a", "b"]


def test_faults_that_a_dialect_does_not_word_are_a_web_servers(fly: Fly, control: str) -> None:
    for kind, status in (("http_400", 400), ("http_429", 429), ("http_503", 503)):
        behaviour = {"faults": [{"kind": kind}]}
        requests.put(f"{control}/sim/behaviour/pigeon", json=behaviour, timeout=5)
        told = fly()
        assert (told.status_code, told.headers.get("Retry-After")) == (
            status,
            "1" if status == 429 else None,
        )


def test_registered_templates_are_filled_and_others_refused(fly: Fly, control: str) -> None:
    assert fly(template="7", code="H29-1").text.startswith("<taken>")
    assert fly(template="8", code="H29-1", ref="r2").text == "<error>template</error>"
    put = {"id": "8", "text": "Chao {name}"}
    requests.put(f"{control}/sim/templates/pigeon", json=put, timeout=5).raise_for_status()
    assert fly(template="8", code="H29-1", ref="r2").text == "<error>template</error>"
    assert fly(template="8", name="{code}", ref="r3").text.startswith("<taken>")
    assert texts(control) == ["Ho so H29-1 xong. H29-1!", "Chao {code}"]


def test_receipts_of_an_account_go_by_get_to_its_one_address(
    fly: Fly, control: str, httpserver: HTTPServer
) -> None:
    httpserver.expect_oneshot_request("/told", method="GET").respond_with_data("")
    where = {"url": httpserver.url_for("/told")}
    requests.put(f"{control}/sim/receipts/pigeon", json=where, timeout=5).raise_for_status()
    with httpserver.wait(timeout=30) as waiting:
        taken = fly(text="x")
    assert waiting.result
    (request, _) = httpserver.log[0]
    assert request.args.to_dict() == {"id": taken.text[7:-8], "status": "delivered"}
    assert not request.data

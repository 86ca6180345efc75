"""Receipts of every adapter as its provider posts them, over HTTP, to the API as it runs."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import urllib3
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from gateways import registry
from gateways.base import Proof, Reports
from gateways.simulator import registry as dialects
from notifier.app import create_app
from notifier.services import gateway_checks
from workers.worker import build_context

NAMES = registry.names()
_ARRIVES_S = 30.0


@dataclass(frozen=True)
class Posted:
    """A provider's call as it came."""

    gateway: str
    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer: bytes


@dataclass
class Api:
    """The API, listening; it keeps every call of a provider."""

    app: Any
    posted: list[Posted] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        told: list[str] = []

        def keep(status: str, headers: Any, info: Any = None) -> Any:
            told.append(status)
            return start(status, headers, info)

        answer = list(self.app(environ, keep))
        path, query = environ["PATH_INFO"], environ["QUERY_STRING"]
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").title(): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name == "CONTENT_TYPE"
        }
        self.posted.append(
            Posted(
                path.split("/")[3],
                environ["REQUEST_METHOD"],
                f"{path}?{query}" if query else path,
                headers,
                body,
                int(told[0].split()[0]),
                b"".join(answer),
            )
        )
        return answer


@pytest.fixture
def database_kind() -> str:
    """One is enough: it is the providers' calls that are looked at."""
    return "sqlite"


@dataclass
class Place:
    """A world whose providers reach its API."""

    world: Any
    api: Api
    client: FlaskClient

    def through(self, gateway: str) -> None:
        """Send through this gateway alone from now on."""
        accounts = replace(self.world.wiring.accounts, route=(gateway,))
        self.world.wiring = replace(self.world.wiring, accounts=accounts)
        self.world.context.sender.pool.close()
        self.world.context = build_context(self.world.wiring, threading.Event())

    def again(self, posted: Posted, **changes: Any) -> int:
        """The provider's call once more, or a forged one: the status."""
        call = replace(posted, **changes)
        return self.client.open(
            call.url, method=call.method, headers=call.headers, data=call.body
        ).status_code

    def receipts(self) -> Sequence[Posted]:
        return [one for one in self.api.posted if "/receipts/" in one.url]


@pytest.fixture
def place(every: Any) -> Iterator[Place]:
    api = Api(None)
    server = make_server("127.0.0.1", 0, api, threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    wiring = every.wiring
    every.wiring = replace(
        wiring,
        settings=replace(wiring.settings, public_url=url),
        accounts=replace(wiring.accounts, public_url=url),
    )
    app = create_app(every.wiring.settings, every.wiring)
    api.app = app
    for name in NAMES:
        secret = every.wiring.accounts.secret_of(name)
        where = {"url": f"{url}/v1/gateways/{name}/receipts/{secret}"}
        assert (
            urllib3.request("PUT", f"{every.control}/sim/receipts/{name}", json=where).status < 300
        )
        every.behave(name, receipts="normal")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Place(every, api, app.test_client())
    server.shutdown()


def test_receipts_move_messages_once_whatever_comes_again_late_or_forged(
    place: Place, new_event: Any
) -> None:
    messages = {}
    for number, name in enumerate(NAMES):
        place.through(name)
        # Of a reference that no attempt has: its receipts find nothing, and harm nothing.
        gateway_checks.send_test(name, "0987654321", "thu", by=None, wiring=place.world.wiring)
        event = new_event(f"e{number}", code=f"H29-{name}", phone=f"09123456{number:02}")
        messages[name] = place.world.post(event)[0].messages[0].id
        place.world.send()
    tells = {name for name in NAMES if _tells(place, name)}
    ends = time.monotonic() + _ARRIVES_S
    while time.monotonic() < ends and not all(
        place.world.message(messages[name]).state == "delivered" for name in tells
    ):
        place.world.clock.advance(timedelta(seconds=30))
        for name in tells:
            if place.world.wiring.accounts[name].gateway.capabilities.polls:
                place.through(name)
                place.world.send()
        time.sleep(0.2)
    before = {name: place.world.message(one) for name, one in messages.items()}
    assert {name: one.state for name, one in before.items() if name in tells} == dict.fromkeys(
        tells, "delivered"
    )
    posted = place.receipts()
    for one in posted:
        expected = _able(place, one.gateway).webhook_answer
        assert (one.status, one.answer.decode()) == (expected.status, expected.body), one.gateway
    pushing = {name for name in NAMES if _able(place, name).reports is Reports.PUSH}
    assert {one.gateway for one in posted} == pushing
    # Again, and in the wrong order: the end stays the end, and each receipt is kept once.
    for one in reversed(posted):
        assert place.again(one) == one.status
    for name, message in messages.items():
        after = place.world.message(message)
        assert (after.state, len(after.receipts)) == (
            before[name].state,
            len(before[name].receipts),
        ), name
        assert not after.possible_double
    for one in posted:
        wrong = one.url.replace("/receipts/", "/receipts/x")
        assert place.again(one, url=wrong) == 404
        if _able(place, one.gateway).receipt_proof is Proof.SIGNATURE:
            assert place.again(one, body=one.body + b" ") == 401, one.gateway
            bare = {name: value for name, value in one.headers.items() if name == "Content-Type"}
            assert place.again(one, headers=bare) == 401, one.gateway


def _able(place: Place, name: str) -> Any:
    return place.world.wiring.accounts[name].gateway.capabilities


def _tells(place: Place, name: str) -> bool:
    able = _able(place, name)
    return able.reports is not Reports.NONE or able.polls


def test_every_dialect_is_among_them() -> None:
    assert set(dialects.names()) == set(NAMES)

"""The frame of an adapter: requests as they leave, and a call that carries a shared token."""

import socket
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

import pytest

from config.gateways import GatewaySettings
from gateways.adapter import (
    TokenGateway,
    Tools,
    attempt_in_path,
    get,
    json_object,
    national,
    post_form,
    post_json,
    unheard,
    without_plus,
    word,
)
from gateways.base import Accepted, Deferred, Fault, OutboundSms, OutcomeUnknown, Rejected
from gateways.http import HttpCaller, HttpReply, HttpRequest
from gateways.tokens import OwnTokens, Token
from notifier.domain.clock import ManualClock, SystemClock
from tests.gateways.cases import NOW, Seen, begun, http, sms


class Ring(TokenGateway):
    """A provider whose token ends after an hour and is asked for by its secret."""

    def renew(self, last: Token | None, within_s: float) -> Token:
        asked = get(f"{self._base_url}/token", {"last": last.access if last else ""})
        reply = self.ask(asked, within_s)
        told = self.told(reply)
        if reply.status != HTTPStatus.OK:
            raise Rejected(Fault.ACCOUNT, word(told.get("code")))
        return Token(word(told["token"]), self._clock.now() + timedelta(hours=1))

    def build_with(self, sms: OutboundSms, token: Token) -> HttpRequest:
        return post_json(f"{self._base_url}/send", {"text": sms.text}, {"X-Token": token.access})

    def refuses_token(self, reply: HttpReply) -> bool:
        return reply.status == HTTPStatus.UNAUTHORIZED

    def ask_balance(self, token: Token) -> HttpRequest:
        return get(f"{self._base_url}/balance", headers={"X-Token": token.access})

    def read(self, reply: HttpReply) -> Accepted:
        if reply.status == HTTPStatus.UNAUTHORIZED:
            raise Rejected(Fault.ACCOUNT, "401")
        return Accepted(word(json_object(reply.body).get("id")))


@pytest.fixture
def ring(
    serve: Callable[..., str], http_caller: HttpCaller
) -> Callable[..., tuple[Ring, list[Seen]]]:
    def make(*replies: bytes, deadline_s: float = 8.0) -> tuple[Ring, list[Seen]]:
        seen: list[Seen] = []
        left = list(replies)

        def script(connection: socket.socket, request: bytes) -> bool:
            seen.append(Seen.read(request))
            if reply := left.pop(0):
                connection.sendall(reply)
            return True

        clock = SystemClock()
        settings = GatewaySettings("ring", serve(script), call_deadline_s=deadline_s)
        return Ring(settings, Tools(http_caller, clock, OwnTokens(clock))), seen

    return make


Make = Callable[..., tuple[Ring, list[Seen]]]
OLD, NEW = http(200, {"token": "old"}), http(200, {"token": "new"})
TAKEN, REFUSED = http(200, {"id": 7}), http(401, {})


def test_a_token_is_asked_for_once_and_carried(ring: Make) -> None:
    gateway, seen = ring(OLD, TAKEN, TAKEN)
    assert gateway.send(sms("ring")) == gateway.send(sms("ring")) == Accepted("7")
    assert [one.path for one in seen] == ["/token", "/send", "/send"]
    assert [one.headers.get("x-token") for one in seen] == [None, "old", "old"]


def test_a_refused_token_is_renewed_and_the_call_made_once_more(ring: Make) -> None:
    gateway, seen = ring(OLD, REFUSED, NEW, TAKEN)
    assert gateway.send(sms("ring")) == Accepted("7")
    assert [one.headers.get("x-token") for one in seen] == [None, "old", None, "new"]
    assert seen[2].query == {"last": "old"}


def test_a_token_refused_twice_is_what_the_answer_says(ring: Make) -> None:
    gateway, seen = ring(OLD, REFUSED, NEW, REFUSED)
    with pytest.raises(Rejected):
        gateway.send(sms("ring"))
    assert len(seen) == 4


def test_without_a_token_nothing_is_sent(ring: Make) -> None:
    for reply in (http(500, {}), http(200, b"<html>"), b""):
        gateway, seen = ring(reply, deadline_s=8.0 if reply else 0.3)
        with pytest.raises(Deferred):
            gateway.send(sms("ring"))
        assert {one.path for one in seen} <= {"/token"}
    gateway, _ = ring(http(403, {"code": "secret"}))
    with pytest.raises(Rejected, match="secret"):
        gateway.send(sms("ring"))


def test_after_the_token_the_send_may_still_have_left(ring: Make) -> None:
    def send() -> None:
        gateway, _ = ring(OLD, b"", deadline_s=0.3)
        gateway.send(sms("ring"))

    with pytest.raises(OutcomeUnknown, match="timeout"):
        begun(send)


def test_a_question_carries_the_token_too(ring: Make) -> None:
    gateway, seen = ring(OLD, REFUSED, NEW, http(200, {"left": 5}))
    reply = gateway.ask_with(gateway.ask_balance)
    assert gateway.told(reply) == {"left": 5}
    assert len(seen) == 4


def test_requests_are_encoded_as_their_kind_says() -> None:
    asked = get("http://x/a", {"q": "ê &", "p": "+84"}, {"H": "1"})
    assert (asked.url, asked.headers) == ("http://x/a?q=%C3%AA+%26&p=%2B84", {"H": "1"})
    assert get("http://x/a").url == "http://x/a"
    body = post_json("http://x", {"t": "ồ"}, {"H": "1"})
    assert (body.body, body.headers["H"]) == ('{"t": "ồ"}'.encode(), "1")
    form = post_form("http://x", {"t": "ồ &"})
    assert (form.body, form.headers) == (
        b"t=%E1%BB%93+%26",
        {"Content-Type": "application/x-www-form-urlencoded"},
    )


def test_an_attempt_goes_from_the_query_to_the_path() -> None:
    assert attempt_in_path("https://x/receipts/s?attempt=att_7") == "https://x/receipts/s/att_7"
    assert attempt_in_path("https://x/receipts/s") == "https://x/receipts/s"


@pytest.mark.parametrize(
    ("value", "read"),
    [("100", "100"), (100, "100"), (" 1 ", "1"), (True, ""), (None, ""), (1.5, ""), ([], "")],
)
def test_a_code_is_read_as_text_or_whole_number(value: object, read: str) -> None:
    assert word(value) == read


def test_phones_are_written_as_providers_want_them() -> None:
    assert (without_plus("+84912345678"), national("+84912345678")) == (
        "84912345678",
        "0912345678",
    )
    assert national("+15005550006") == "15005550006"


def test_no_repr_shows_a_token() -> None:
    token = Token("hidden-access", NOW, "hidden-refresh")
    clock = ManualClock(NOW)
    assert "hidden" not in repr(token) + repr(Tools(HttpCaller(1), clock, OwnTokens(clock)))


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("-1021", "-1021"),
        ("NOT_KNOWN", "NOT_KNOWN"),
        ("", "http_418"),
        ("0912345678", "http_418"),
        ("Nguyễn Văn Đạt", "http_418"),
    ],
)
def test_a_code_of_no_table_is_named_where_it_can_hold_nothing_else(code: str, told: str) -> None:
    outcome = unheard(code, HttpReply(418, {}, b""))
    assert (type(outcome), outcome.code) == (OutcomeUnknown, told)

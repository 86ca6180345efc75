import json
import re
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from twilio.request_validator import RequestValidator

from gateways.simulator import signing
from gateways.simulator.numbers import MAGIC
from gateways.simulator.page import rendered
from gateways.simulator.page.words import WORDS
from gateways.simulator.settings import Accounts

_PHONE = "+84912345678"


def _send(plain: str, reference: str, to: str = _PHONE, callback_url: str = "") -> None:
    body = {"reference": reference, "to": to, "from": "UBND", "text": "Hồ sơ"}
    answer = requests.post(
        plain,
        json={**body, "callback_url": callback_url},
        headers={"Authorization": "Bearer b-token"},
        timeout=5,
    )
    assert answer.status_code == 201


def _messages(control: str, query: str = "") -> list[dict[str, Any]]:
    answer = requests.get(f"{control}/sim/messages{query}", timeout=5)
    rows: list[dict[str, Any]] = answer.json()["messages"]
    return rows


def test_it_says_that_it_is_well(control: str) -> None:
    assert requests.get(f"{control}/healthz", timeout=5).json() == {"status": "ok"}


@pytest.mark.parametrize("to", ["%2B84912345678", "+84912345678", "84912345678", "0912345678"])
def test_a_phone_is_found_however_it_is_asked_for(control: str, plain: str, to: str) -> None:
    _send(plain, "att_1")
    _send(plain, "att_2", to="+84987654321")
    assert [row["reference"] for row in _messages(control, f"?to={to}")] == ["att_1"]


def test_the_ledger_pages_by_a_thousand_oldest_first(control: str, plain: str) -> None:
    with requests.Session() as session:
        for number in range(1_005):
            session.post(
                plain,
                json={"reference": f"att_{number}", "to": _PHONE, "from": "UBND", "text": "x"},
                headers={"Authorization": "Bearer b-token"},
                timeout=5,
            )
    first = _messages(control)
    second = _messages(control, f"?after={first[-1]['id']}")
    assert [row["reference"] for row in first + second] == [f"att_{n}" for n in range(1_005)]
    assert len(first) == 1_000
    ids = [row["id"] for row in first + second]
    assert ids == sorted(ids)
    assert _messages(control, f"?after={ids[-1]}") == []
    assert len(_messages(control, "?reference=att_7")) == 1


def test_the_ledger_is_emptied(control: str, plain: str) -> None:
    _send(plain, "att_1")
    assert requests.delete(f"{control}/sim/messages", timeout=5).status_code == 204
    assert _messages(control) == []
    _send(plain, "att_2")
    assert [row["reference"] for row in _messages(control)] == ["att_2"]


def test_the_ledgers_filters_narrow_each_other(control: str, plain: str) -> None:
    for reference, to in (("att_1", _PHONE), ("att_2", "+84987654321"), ("att_3", _PHONE)):
        _send(plain, reference, to=to)
    first, second, third = _messages(control)
    assert _messages(control, f"?to={_PHONE}&after={first['id']}") == [third]
    assert _messages(control, f"?to={_PHONE}&reference=att_2") == []
    assert _messages(control, f"?reference=att_2&after={first['id']}") == [second]
    assert _messages(control, f"?reference=att_2&after={second['id']}") == []
    assert _messages(control, "?to=&reference=&after=") == [first, second, third]


@pytest.mark.parametrize(
    "query", ["after=nothing", "after=sms_ffffffffffffffff", "phone=1", "limit=5"]
)
def test_a_query_that_cannot_be_read_is_422(control: str, query: str) -> None:
    answer = requests.get(f"{control}/sim/messages?{query}", timeout=5)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unreadable")


def test_a_behaviour_is_replaced_whole(control: str) -> None:
    url = f"{control}/sim/behaviour/twilio"
    default: dict[str, Any] = {
        "latency_ms": 0,
        "per_s": 0,
        "seed": 1,
        "receipts": "normal",
        "faults": [],
    }
    assert requests.get(url, timeout=5).json() == default
    first = {**default, "latency_ms": 5, "faults": [{"kind": "drip", "share": 0.5}]}
    assert requests.put(url, json=first, timeout=5).json() == first
    second = {**default, "seed": 2}
    assert requests.put(url, json={"seed": 2}, timeout=5).json() == second
    everything = requests.get(f"{control}/sim/behaviour", timeout=5).json()
    assert everything == {"twilio": second, "simulator": default}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"x": 1}',
        b'{"latency_ms": NaN}',
        b'{"latency_ms": 1e999}',
        b'{"latency_ms": ' + b"9" * 4_000 + b"}",
        b'{"seed": ' + b"9" * 5_000 + b"}",
        b'{"receipts": "\\ud800"}',
    ],
)
def test_a_bad_behaviour_is_422_and_changes_nothing(control: str, body: bytes) -> None:
    url = f"{control}/sim/behaviour/twilio"
    requests.put(url, json={"seed": 9}, timeout=5)
    answer = requests.put(url, data=body, timeout=5)
    assert answer.status_code == 422
    assert set(answer.json()["error"]) == {"code", "path", "message"}
    assert requests.get(url, timeout=5).json()["seed"] == 9


def test_an_unknown_gateway_or_path_is_404_as_json(control: str) -> None:
    for answer in (
        requests.put(f"{control}/sim/behaviour/esms", json={}, timeout=5),
        requests.get(f"{control}/sim/behaviour/esms", timeout=5),
        requests.get(f"{control}/sim/nothing", timeout=5),
        requests.get(f"{control}/page/nothing.js", timeout=5),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"]["code"]


def _reply(control: str, **body: str) -> requests.Response:
    return requests.post(f"{control}/sim/reply", json=body, timeout=5)


def test_a_reply_goes_where_the_last_callback_address_implies(
    control: str, plain: str, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/g/simulator/inbound/s3cret").respond_with_data("")
    callback_url = httpserver.url_for("/g/simulator/receipts/s3cret") + "?attempt=att_1"
    requests.put(f"{control}/sim/behaviour/simulator", json={"receipts": "none"}, timeout=5)
    _send(plain, "att_1", callback_url=callback_url)
    answer = _reply(control, **{"from": "0912345678", "to": "UBND", "text": "HS 1"})
    assert answer.status_code == 202
    assert (answer.json()["gateway"], answer.json()["status"]) == ("simulator", 200)
    request, _ = httpserver.log[0]
    body = json.loads(request.data)
    assert set(body) == {"id", "from", "to", "text", "at"}
    assert (body["from"], body["to"], body["text"]) == (_PHONE, "UBND", "HS 1")
    signature = request.headers["X-Simulator-Signature"]
    assert signature == signing.simulator("b-token", request.data)


def test_a_reply_through_twilio_is_twilios_signed_form(
    control: str, accounts: Accounts, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/in").respond_with_data("")
    url = httpserver.url_for("/in")
    put = requests.put(f"{control}/sim/inbound/twilio", json={"url": url}, timeout=5)
    assert put.status_code == 200
    answer = _reply(
        control, **{"from": _PHONE, "to": "+84901234567", "text": "Dạ", "gateway": "twilio"}
    )
    assert answer.status_code == 202
    request, _ = httpserver.log[0]
    form = request.form.to_dict()
    assert (form["From"], form["To"], form["Body"]) == (_PHONE, "+84901234567", "Dạ")
    assert form["NumSegments"] == "1"
    assert re.fullmatch(r"SM[0-9a-f]{32}", form["MessageSid"])
    signature = request.headers["X-Twilio-Signature"]
    assert RequestValidator(accounts["twilio"]["auth_token"]).validate(url, form, signature)


def test_a_reply_goes_through_the_gateway_that_last_reached_the_phone(
    control: str, plain: str, twilio_url: str, accounts: Accounts, httpserver: HTTPServer
) -> None:
    for gateway in ("simulator", "twilio"):
        httpserver.expect_request(f"/{gateway}").respond_with_data("")
        url = httpserver.url_for(f"/{gateway}")
        requests.put(f"{control}/sim/inbound/{gateway}", json={"url": url}, timeout=5)
    form = {"To": _PHONE, "From": "+15005550006", "Body": "Hồ sơ"}
    auth = (accounts["twilio"]["account_sid"], accounts["twilio"]["auth_token"])
    _send(plain, "att_1")
    assert _reply(control, **{"from": _PHONE, "text": "1"}).json()["gateway"] == "simulator"
    requests.post(f"{twilio_url}/Messages.json", data=form, auth=auth, timeout=5)
    assert _reply(control, **{"from": _PHONE, "text": "2"}).json()["gateway"] == "twilio"
    named = _reply(control, **{"from": _PHONE, "text": "3", "gateway": "simulator"})
    assert named.json()["gateway"] == "simulator"
    assert [request.path for request, _ in httpserver.log] == [
        "/simulator",
        "/twilio",
        "/simulator",
    ]
    # Each goes to whoever wrote last through that gateway.
    assert httpserver.log[1][0].form["To"] == "+15005550006"
    assert json.loads(httpserver.log[2][0].data)["to"] == "UBND"
    unknown = _reply(control, **{"from": _PHONE, "text": "4", "gateway": "esms"})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "unknown_gateway")


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "http://", "http://[/", "http://h:x/", "\ud800"]
)
def test_an_address_for_replies_that_cannot_be_called_is_422(control: str, url: str) -> None:
    answer = requests.put(f"{control}/sim/inbound/twilio", json={"url": url}, timeout=5)
    assert answer.status_code == 422


def test_a_reply_from_a_phone_that_nobody_wrote_to_is_404(control: str) -> None:
    answer = _reply(control, **{"from": _PHONE, "to": "UBND", "text": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_phone")


@pytest.mark.parametrize(
    ("refusal", "code"), [(403, "not_delivered"), (500, "not_delivered"), (None, "unreachable")]
)
def test_a_reply_that_its_receiver_refuses_is_502(
    control: str, plain: str, httpserver: HTTPServer, refusal: int | None, code: str
) -> None:
    url = "http://127.0.0.1:9/in"
    if refusal:
        httpserver.expect_request("/in").respond_with_data("", status=refusal)
        url = httpserver.url_for("/in")
    requests.put(f"{control}/sim/inbound/simulator", json={"url": url}, timeout=5)
    _send(plain, "att_1")
    answer = _reply(control, **{"from": _PHONE, "to": "UBND", "text": "x"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (502, code)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"from": _PHONE},
        {"from": "UBND", "to": "x", "text": "x"},
        {"from": _PHONE, "to": "x", "text": ""},
        {"from": _PHONE, "to": "x", "text": 5},
        {"from": _PHONE, "to": "x", "text": "x", "when": "now"},
        {"from": _PHONE, "to": "x", "text": "\ud800"},
        {"from": _PHONE, "to": "\ud800", "text": "x"},
        {"from": _PHONE, "to": "x", "text": "x" * 1_601},
    ],
)
def test_a_reply_that_cannot_be_read_is_422(control: str, body: Any) -> None:
    assert requests.post(f"{control}/sim/reply", json=body, timeout=5).status_code == 422


def test_the_page_shows_phones_and_both_sides_of_a_thread(
    control: str, plain: str, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/in").respond_with_data("")
    url = httpserver.url_for("/in")
    requests.put(f"{control}/sim/inbound/simulator", json={"url": url}, timeout=5)
    _send(plain, "att_1")
    _send(plain, "att_2", to="+84987654321")
    _reply(control, **{"from": _PHONE, "text": "Dạ"})
    phones = requests.get(f"{control}/sim/phones", timeout=5).json()["phones"]
    assert [phone["phone"] for phone in phones] == ["+84987654321", _PHONE]
    thread = requests.get(f"{control}/sim/phones/{_PHONE}", timeout=5).json()["thread"]
    assert [(one["kind"], one["text"]) for one in thread] == [("message", "Hồ sơ"), ("reply", "Dạ")]
    assert (thread[0]["encoding"], thread[0]["segments"]) == ("ucs2", 1)


def test_a_message_tells_how_its_text_is_packed(control: str, plain: str) -> None:
    _send(plain, "att_1")
    row = _messages(control)[0]
    url = f"{control}/sim/messages/{row['id']}"
    assert requests.get(url, timeout=5).json() == {
        **row,
        "encoding": "ucs2",
        "parts": [{"text": "Hồ sơ", "units": 5, "room": 70}],
        "forcing": ["ồ", "ơ"],
        "toneless": {"text": "Ho so", "encoding": "gsm7", "segments": 1},
    }
    requests.delete(f"{control}/sim/messages", timeout=5)
    for gone in (url, f"{control}/sim/messages/x", f"{control}/sim/messages/sms_{'f' * 16}"):
        answer = requests.get(gone, timeout=5)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_message")


def test_another_sites_page_may_not_give_orders(control: str) -> None:
    answer = requests.delete(
        f"{control}/sim/messages", headers={"Origin": "https://elsewhere.example"}, timeout=5
    )
    assert answer.status_code == 403
    own = requests.delete(f"{control}/sim/messages", headers={"Origin": control}, timeout=5)
    assert own.status_code == 204


def test_the_page_loads_only_its_own_files_and_runs_nothing_inline(control: str) -> None:
    page = requests.get(f"{control}/", timeout=5)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    for loaded in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert loaded.startswith("/"), loaded
        assert requests.get(control + loaded, timeout=5).status_code == 200
    assert not re.search(r"<script(?! src)|<style|\son\w+=|\sstyle=", page.text)
    script = requests.get(f"{control}/page/page.js", timeout=5).text
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)


@pytest.mark.parametrize(
    ("query", "language"), [("", "vi"), ("?lang=en", "en"), ("?lang=fr", "vi")]
)
def test_the_page_speaks_vietnamese_first(control: str, query: str, language: str) -> None:
    page = requests.get(f"{control}/{query}", timeout=5).text
    assert f'<html lang="{language}">' in page
    assert WORDS[language]["empty"] in page


def test_both_languages_have_the_same_words_and_every_magic_number_is_explained() -> None:
    assert set(WORDS["vi"]) == set(WORDS["en"])
    for language in WORDS:
        page = rendered(language, "http://127.0.0.1:8080")
        assert all(phone in page for phone in MAGIC)


@given(st.text(max_size=5))
def test_any_language_asked_for_gets_a_page(language: str) -> None:
    assert rendered(language, "http://h").startswith("<!doctype html>")


def test_an_account_s_token_is_changed_as_a_provider_does(
    control: str, plain: str, accounts: Any
) -> None:
    def taken(token: str) -> bool:
        asked = requests.get(
            plain,
            params={"reference": "r"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=5,
        )
        return asked.status_code == 200

    def change(**options: str) -> int:
        url = f"{control}/sim/account/simulator"
        return requests.put(url, json=options, timeout=5).status_code

    assert (taken("b-token"), taken("c-token")) == (True, False)
    assert change(token="c-token", token_old="b-token") == 204
    assert (taken("b-token"), taken("c-token")) == (True, True)
    assert change(token_old="") == 204
    assert (taken("b-token"), taken("c-token")) == (False, True)
    assert change(password="x") == 422

"""eSMS' dialect against the texts of its own documents, letter by letter."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from pytest_httpserver import HTTPServer

from gateways.simulator.embedded import running
from gateways.simulator.settings import Bound, SimulatorConfig

ACCOUNT = {"api_key": "APIKEYCUABAN", "secret_key": "SECRETKEYCUABAN", "inbound_key": "xyz"}
KEYS = {"ApiKey": "APIKEYCUABAN", "SecretKey": "SECRETKEYCUABAN"}
# tin-nhan-sms-otp-cskh, the sample request
REQUEST = {
    "ApiKey": "APIKEYCUABAN",
    "Content": "CODE la ma xac minh dang ky Baotrixemay cua ban",
    "Phone": "0901888484",
    "SecretKey": "SECRETKEYCUABAN",
    "Brandname": "Baotrixemay",
    "SmsType": "2",
    "IsUnicode": "0",
    "campaignid": "Cảm ơn sau mua hàng tháng 7",
    "RequestId": "c82cd356-bf49-4113-9466-65a7f6359c96",
}
Post = Callable[..., Any]


@pytest.fixture
def bound(tmp_path: Path) -> Iterator[Bound]:
    config = SimulatorConfig(
        folder=tmp_path / "simulator",
        listen=("127.0.0.1", 0),
        dialects={"esms": ("127.0.0.1", 0)},
        accounts={"esms": ACCOUNT},
    )
    with running(config) as bound:
        yield bound


@pytest.fixture
def url(bound: Bound) -> str:
    return f"http://127.0.0.1:{bound.dialects['esms'][1]}/MainService.svc/json"


@pytest.fixture
def send(url: str) -> Post:
    def do(**changes: Any) -> Any:
        body = {**REQUEST, **changes}
        return requests.post(f"{url}/SendMultipleMessage_V4_post_json/", json=body, timeout=5)

    return do


def test_a_send_is_answered_as_the_sample_shows(send: Post, control: str) -> None:
    told = send().json()
    assert (told.pop("CodeResult"), told.pop("CountRegenerate")) == ("100", 0)
    assert len(told.pop("SMSID")) == 32
    assert told == {}
    (row,) = requests.get(f"{control}/sim/messages", timeout=5).json()["messages"]
    assert (row["to"], row["from"], row["text"]) == (
        "+84901888484",
        "Baotrixemay",
        REQUEST["Content"],
    )
    assert row["reference"] == REQUEST["RequestId"]


def test_the_same_request_id_is_124_without_the_sms_id(send: Post) -> None:
    send()
    told = send(Content="other").json()
    assert told.pop("SendStatus") in {"2", "5", "7"}
    assert told == {"CodeResult": "124", "CountRegenerate": 0, "ErrorMessage": "Request exist 1"}


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        (
            {"ApiKey": "x"},
            {"CodeResult": "101", "CountRegenerate": 0, "ErrorMessage": "Authorize Failed"},
        ),
        (
            {"Brandname": ""},
            {
                "CodeResult": "104",
                "CountRegenerate": 0,
                "ErrorMessage": "Brand name code is not exist",
            },
        ),
        ({"Content": ""}, {"error": "Invalid request"}),
        ({"RequestId": "x" * 51}, {"error": "Invalid request"}),
        ({"Phone": 901888484}, {"error": "Invalid request"}),
        ({"CallbackUrl": "esms.vn"}, {"error": "Invalid request"}),
    ],
)
def test_refusals_are_the_samples(
    send: Post, changes: dict[str, Any], answer: dict[str, Any], control: str
) -> None:
    assert send(**changes).json() == answer
    assert requests.get(f"{control}/sim/messages", timeout=5).json() == {"messages": []}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Phone": "123"}, "108"),
        ({"Phone": "02743755555"}, "108"),
        ({"SmsType": "1"}, "118"),
        ({"Phone": "0900000001"}, "108"),
        ({"Phone": "0900000003"}, "201"),
        ({"Phone": "0900000007"}, "103"),
        ({"Phone": "0900000008"}, "99"),
    ],
)
def test_a_code_is_that_of_the_table(send: Post, changes: dict[str, str], code: str) -> None:
    assert send(**changes).json()["CodeResult"] == code


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"Phone": "\\ud800"}'])
def test_what_is_no_request_is_told_so(url: str, body: bytes) -> None:
    told = requests.post(f"{url}/SendMultipleMessage_V4_post_json/", data=body, timeout=5)
    assert told.json() == {"error": "Invalid request"}


def test_a_status_is_too_early_at_first_and_then_as_the_sample_shows(url: str, send: Post) -> None:
    sms_id = send().json()["SMSID"]

    def status() -> Any:
        query = {"RefId": sms_id, **KEYS}
        return requests.get(f"{url}/GetSendStatus", params=query, timeout=5).json()

    told, until = status(), time.monotonic() + 30
    assert told == {"CodeResponse": "105", "SMSID": sms_id}
    while told.get("SendStatus") != 5:
        assert time.monotonic() < until
        time.sleep(0.05)
        told = status()
    assert told == {
        "CodeResponse": "100",
        "SMSID": sms_id,
        "SendFailed": 0,
        "SendStatus": 5,
        "SendSuccess": 1,
        "TotalPrice": 850.0000,
        "TotalReceiver": 1,
        "TotalSent": 1,
    }
    wrong = {"RefId": sms_id, "ApiKey": "x", "SecretKey": "y"}
    assert requests.get(f"{url}/GetSendStatus", params=wrong, timeout=5).json() == {
        "CodeResponse": "101",
        "SMSID": sms_id,
    }


def test_what_was_sent_is_listed_by_time_in_pages(url: str, send: Post) -> None:
    ids = [send(RequestId=f"r{n}", campaignid=f"c{n}").json()["SMSID"] for n in range(3)]

    def listed(**changes: Any) -> Any:
        body = {
            **KEYS,
            "SmsType": "2",
            "From": "2020-01-01 06:00:00",
            "To": "2040-01-02 18:00:00",
            "Page": 1,
            "PageSize": 2,
            **changes,
        }
        return requests.post(f"{url}/GetSmsSentData_V2", json=body, timeout=5).json()

    first, second = listed(), listed(Page=2)
    assert (first["CodeResult"], first["CountTotal"]) == ("100", 3)
    rows = [*first["SentData"], *second["SentData"]]
    assert {row["ReferenceId"] for row in rows} == set(ids)
    assert {row["Campaign"] for row in rows} == {"c0", "c1", "c2"}
    assert set(rows[0]) == {
        "Campaign",
        "Content",
        "Phone",
        "ReferenceId",
        "SellPrice",
        "SendResult",
        "SendStatus",
        "SentTime",
        "SmsId",
        "SmsType",
    }
    assert rows[0]["Phone"] == "0901888484"
    assert listed(From="2040-01-01 00:00:00")["SentData"] == []
    assert listed(ApiKey="x") == {
        "CodeResult": "101",
        "CountRegenerate": 0,
        "ErrorMessage": "Authorize Failed",
    }
    for wrong in ({"Page": 0}, {"PageSize": 501}, {"From": "yesterday"}, {"Page": "x"}):
        assert listed(**wrong) == {"error": "Invalid request"}


def test_the_balance_is_the_samples(url: str) -> None:
    def balance(**keys: str) -> Any:
        return requests.post(f"{url}/GetBalance_json", json=keys, timeout=5).json()

    assert balance(**KEYS) == {"Balance": 36693, "CodeResponse": "100", "UserID": 9999}
    assert balance(ApiKey="x", SecretKey="y") == {
        "Balance": 0,
        "CodeResponse": "101",
        "ErrorMessage": "Authorize Failed",
    }


@pytest.mark.parametrize(("phone", "failed"), [("0901888484", "0"), ("0900000002", "1")])
def test_the_callback_is_the_samples_and_comes_once(
    send: Post, httpserver: HTTPServer, phone: str, failed: str
) -> None:
    httpserver.expect_oneshot_request("/webhook/", method="GET").respond_with_data("")
    with httpserver.wait(timeout=30):
        sms_id = send(Phone=phone, CallbackUrl=httpserver.url_for("/webhook/")).json()["SMSID"]
    (request, _) = httpserver.log[0]
    # callback-url, the sample of a customer-care message
    sample = (
        "SMSID=dc712784-9c5f-4c69-b9a8-ea69d56adc9a87&SendFailed=2&SendStatus=5&SendSuccess=0"
        "&TotalPrice=0.0000&TotalReceiver=2&TotalSent=2&RequestId=&TypeId=2&telcoid=1"
        "&phonenumber=0901888484&switchsmsid="
    )
    told = request.args.to_dict()
    assert set(told) == set(parse_qs(sample, keep_blank_values=True))
    assert (told["SMSID"], told["SendStatus"], told["SendFailed"]) == (sms_id, "5", failed)
    assert (told["RequestId"], told["phonenumber"]) == (REQUEST["RequestId"], phone)


def test_a_citizens_sms_is_signed_as_the_java_sample_does(
    send: Post, control: str, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/receive_mo", method="GET").respond_with_data("")
    where = {"url": httpserver.url_for("/receive_mo")}
    requests.put(f"{control}/sim/inbound/esms", json=where, timeout=5).raise_for_status()
    send()
    reply = {"from": "0901888484", "text": "HCC abcdef", "to": "8041", "gateway": "esms"}
    requests.post(f"{control}/sim/reply", json=reply, timeout=5).raise_for_status()
    (request, _) = httpserver.log[0]
    told = request.args.to_dict()
    assert set(told) == {
        *("sender", "content", "serviceNumber", "keyword"),
        *("sign", "cpid", "smsid", "receiverTime"),
    }
    assert (told["sender"], told["content"], told["keyword"]) == (
        "84901888484",
        "HCC abcdef",
        "HCC",
    )
    assert len(told["receiverTime"]) == len("20130228130101")
    assert len(told["sign"]) == len("Nq1g4b5Wn2pUfTPnEgGZcw==")


def test_nothing_else_is_there(url: str) -> None:
    assert requests.get(f"{url}/Other", timeout=5).status_code == 404
    assert json.loads(requests.post(f"{url}/GetSmsSentData_V2", data=b"x", timeout=5).text) == {
        "error": "Invalid request"
    }

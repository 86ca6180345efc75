"""Reports that a settings file describes, beside an adapter whose provider publishes no form."""

import hmac
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from gateways import registry
from gateways.adapter import GatewayConfigError
from gateways.base import (
    Accepted,
    BadSignature,
    BadWebhook,
    Parameter,
    Proof,
    Receipt,
    RegisteredTemplate,
    Report,
    Reports,
    WebhookRequest,
)
from gateways.described import receipts
from notifier.domain.operators import Operator
from tests.gateways.cases import ATTEMPT, Played, http, sms
from tests.gateways.described.describing import EXAMPLES

Play = Callable[..., Played]

FPT = {"client_id": "c", "client_secret": "s", "brandname": "UBND"}
VIETTEL = {"user": "u", "password": "p", "cp_code": "c", "brandname": "UBND"}
VNPT = {
    "agent_id": "1", "contract_id": "2", "label_id": "3", "api_user": "u", "api_pass": "p",
    "username": "n",
}  # fmt: skip
ACCOUNTS: Mapping[str, dict[str, str]] = {"fpt": FPT, "viettel": VIETTEL, "vnpt": VNPT}
BY_OURS = """
[receipts]
reference = "ours"
status = "state"
statuses = { ok = "delivered", no = "undelivered" }
"""
SIGNED = f"""{BY_OURS}
[receipts.signature]
algorithm = "hmac-sha256"
key = "{{secret}}"
header = "X-Sign"
"""


def call(told: object, attempt: str | None = None, **headers: str) -> WebhookRequest:
    body = json.dumps(told).encode()
    return WebhookRequest("POST", "https://bt.test/r/s", headers, [], body, attempt)


@pytest.fixture
def described(play: Play, tmp_path: Path) -> Callable[..., Played]:
    def make(name: str, words: str, *replies: bytes, **options: str) -> Played:
        file = tmp_path / "receipts.toml"
        file.write_text(words)
        return play(name, {**ACCOUNTS[name], "receipts_file": str(file), **options}, *replies)

    return make


def test_who_takes_such_a_file_is_held_to_this() -> None:
    taking = {
        name
        for name in registry.names()
        if set(receipts.OPTIONS) <= set(registry.adapter(name).options)
    }
    assert taking == set(ACCOUNTS)


@pytest.mark.parametrize("name", ACCOUNTS)
def test_without_a_file_nothing_is_reported(name: str, play: Play) -> None:
    gateway = play(name, ACCOUNTS[name]).gateway
    assert gateway.capabilities.reports is Reports.NONE
    with pytest.raises(BadWebhook):
        gateway.parse_receipts(call({"ours": ATTEMPT, "state": "ok"}))


@pytest.mark.parametrize("name", ACCOUNTS)
def test_with_a_file_reports_are_read_as_it_says(
    name: str, described: Callable[..., Played]
) -> None:
    gateway = described(name, BY_OURS).gateway
    able = gateway.capabilities
    assert (able.reports, able.receipt_proof) == (Reports.PUSH, Proof.ADDRESS)
    (told,) = gateway.parse_receipts(call({"ours": ATTEMPT, "state": "no"}))
    assert told == Receipt(name, Report.UNDELIVERED, None, ATTEMPT, "no")
    odds: list[object] = [
        {"ours": ATTEMPT}, {"ours": ATTEMPT, "state": "maybe"}, {"state": "ok"}, [], 5,
    ]  # fmt: skip
    for odd in odds:
        with pytest.raises(BadWebhook):
            gateway.parse_receipts(call(odd))


def test_signed_reports_are_believed_by_their_signature(described: Callable[..., Played]) -> None:
    gateway = described("vnpt", SIGNED, receipts_secret="k").gateway
    assert gateway.capabilities.receipt_proof is Proof.SIGNATURE
    told = {"ours": ATTEMPT, "state": "ok"}
    right = hmac.digest(b"k", json.dumps(told).encode(), "sha256").hex()
    assert gateway.parse_receipts(call(told, **{"X-Sign": right}))
    for changed in ({**told, "state": "no"}, {}):
        with pytest.raises(BadSignature):
            gateway.parse_receipts(call(changed, **{"X-Sign": right}))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (SIGNED, "BAOTIN_FPT_RECEIPTS_SECRET is not set"),
        (BY_OURS.replace('reference = "ours"', ""), "receipts.provider_id or reference is needed"),
        (f"{BY_OURS}\n[send]\nurl = 'x'", "send"),
        ("", "receipts.statuses is missing"),
        ("[", "receipts.toml"),
    ],
)
def test_a_mistake_in_the_file_is_named(
    words: str, said: str, described: Callable[..., Played]
) -> None:
    with pytest.raises(GatewayConfigError) as raised:
        described("fpt", words)
    assert said in str(raised.value)


def test_viettels_reports_find_the_message_by_the_number_that_we_gave(
    described: Callable[..., Played],
) -> None:
    taken = (
        b'<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/"><S:Body>'
        b'<n:wsCpMtResponse xmlns:n="http://impl.bulkSms.ws/"><return><result>1</result>'
        b"</return></n:wsCpMtResponse></S:Body></S:Envelope>"
    )
    words = BY_OURS.replace('reference = "ours"', 'provider_id = "RequestID"')
    played = described("viettel", words, http(200, taken))
    accepted = played.gateway.send(sms("viettel"))
    number = accepted.provider_id
    assert number is not None
    assert f"<RequestID>{number}</RequestID>".encode() in played.seen[0].body
    (told,) = played.gateway.parse_receipts(call({"RequestID": int(number), "state": "ok"}))
    assert told == Receipt("viettel", Report.DELIVERED, number, None, "ok")


def test_fpts_reports_are_read_as_its_page_shows(play: Play) -> None:
    token = http(200, {"access_token": "t", "expires_in": 3600})
    taken = http(200, {"MessageId": "4711", "Phone": "84912345678"})
    file = {"receipts_file": str(EXAMPLES / "fpt-receipts.toml")}
    played = play("fpt", {**FPT, **file}, token, taken)
    assert played.gateway.send(sms("fpt", text="Ho so")) == Accepted("4711")
    told = {"smsid": 4711, "Telco": "viettel", "Error": "", "mt_count": 1}
    for status, report in (
        (1, Report.DELIVERED), (0, Report.UNDELIVERED), (2, Report.SENT), (-11, Report.SENT),
    ):  # fmt: skip
        assert played.gateway.parse_receipts(call({**told, "Status": status})) == [
            Receipt("fpt", report, "4711", None, str(status))
        ]


def test_vnpts_reports_may_name_our_reference(described: Callable[..., Played]) -> None:
    words = BY_OURS.replace('"ours"', '"RQST.REQID"').replace('"state"', '"RQST.STATUS"')
    reply = http(200, {"RPLY": {"ERROR": "0"}})
    played = described("vnpt", words, reply)
    template = RegisteredTemplate("1", (Parameter("1", "x"),))
    played.gateway.send(sms("vnpt", template=template))
    reqid = played.seen[0].json["RQST"]["REQID"]
    (told,) = played.gateway.parse_receipts(call({"RQST": {"REQID": reqid, "STATUS": "ok"}}))
    assert told.reference == ATTEMPT


def test_a_report_may_tell_the_phones_operator(described: Callable[..., Played]) -> None:
    gateway = described(
        "viettel", BY_OURS.replace("status =", 'operator = "net"\nstatus =', 1)
    ).gateway
    for net, operator in (("VMS", Operator.MOBIFONE), ("?", None), (None, None)):
        (receipt,) = gateway.parse_receipts(call({"ours": ATTEMPT, "state": "ok", "net": net}))
        assert receipt.operator is operator

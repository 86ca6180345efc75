"""VNPT: a template and its parameters go, and no words; its answers."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateways.adapter import GatewayConfigError
from gateways.base import (
    Accepted,
    Alphabet,
    BadWebhook,
    Deferred,
    Fault,
    OutboundSms,
    OutcomeUnknown,
    Parameter,
    RegisteredTemplate,
    Rejected,
    WebhookRequest,
)
from gateways.vnpt import CODES, DEFERS
from tests.gateways.cases import (
    DEEP,
    Played,
    SendCase,
    callback,
    hold,
    http,
    ref,
    sms,
)

Play = Callable[..., Played]

NAME = "vnpt"
SECRET = "a-pass-of-tests"
OPTIONS = {
    "agent_id": "137",
    "contract_id": "7688",
    "label_id": "89071",
    "api_user": "VNPT-LT",
    "api_pass": SECRET,
    "username": "office",
}
TEMPLATE = RegisteredTemplate(
    "32293", (Parameter("ma_ho_so", "H29-1"), Parameter("noi_nhan", "Quay 3"))
)


def of_template(template: RegisteredTemplate | None = TEMPLATE, sender: str = "") -> OutboundSms:
    return sms(NAME, template=template, sender=sender)


def told(error: object) -> bytes:
    return http(200, {"RPLY": {"name": "send_sms_list", "ERROR": error, "ERROR_DESC": "words"}})


def outcome(code: str, fault: Fault | None) -> Accepted | Rejected:
    return Rejected(fault, code) if fault else Accepted(None)


CASES = [
    *(SendCase(code, told(code), outcome(code, fault)) for code, fault in CODES.items()),
    *(SendCase(c, told(c), Deferred(c, wait)) for c, wait in DEFERS.items()),
    SendCase("a number", told(0), Accepted(None)),
    SendCase("exception", told("-1"), OutcomeUnknown("-1")),
    SendCase("a code of no table", told("77"), OutcomeUnknown("77")),
    SendCase("a code of words", told("số 0912345678"), OutcomeUnknown("http_200")),
    SendCase("no code", told(None), OutcomeUnknown("http_200")),
    SendCase("no reply in it", http(200, {"RPLY": []}), OutcomeUnknown("http_200")),
    SendCase("another status", http(404, {"RPLY": {"ERROR": "0"}}), OutcomeUnknown("http_404")),
    SendCase("429", http(429, b"", "Retry-After: 2"), Deferred("http_429", 2.0)),
    SendCase("500", http(500, b""), OutcomeUnknown("http_500")),
    SendCase("the XML of elsewhere", http(200, b"<RPLY/>"), OutcomeUnknown("not_json")),
    SendCase("too deep", http(200, DEEP), OutcomeUnknown("not_json")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_has_one_outcome(
    case: SendCase, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    played = play(NAME, OPTIONS, case.reply)
    seen = hold(case, played, caplog, secrets=[SECRET, "Quay 3"], request=of_template())
    assert (seen.method, seen.path) == ("POST", "/smsmarketing/api")
    assert seen.json == {
        "RQST": {
            "name": "send_sms_list",
            "REQID": "att_7",
            "LABELID": "89071",
            "CONTRACTTYPEID": "1",
            "CONTRACTID": "7688",
            "TEMPLATEID": "32293",
            "PARAMS": [{"NUM": "1", "CONTENT": "H29-1"}, {"NUM": "2", "CONTENT": "Quay 3"}],
            "SCHEDULETIME": "",
            "MOBILELIST": "84912345678",
            "ISTELCOSUB": "0",
            "AGENTID": "137",
            "APIUSER": "VNPT-LT",
            "APIPASS": SECRET,
            "USERNAME": "office",
            "DATACODING": "0",
        }
    }


def of(value: str) -> RegisteredTemplate:
    return replace(TEMPLATE, parameters=(Parameter("noi_nhan", value),))


@pytest.mark.parametrize(
    ("template", "code"),
    [
        (None, "template_missing"),
        (of("Quầy 3"), "accents"),
        (of("A & B"), "characters"),
        (of('"A"'), "characters"),
    ],
)
def test_what_cannot_go_is_not_sent(
    play: Play, template: RegisteredTemplate | None, code: str
) -> None:
    played = play(NAME, OPTIONS)
    with pytest.raises(Rejected) as raised:
        played.gateway.send(of_template(template))
    assert (raised.value.fault, raised.value.code) == (Fault.CONTENT, code)
    assert played.seen == []


@pytest.mark.parametrize(("value", "coding"), [("Quầy 3", "8"), ("Quay 3", "0")])
def test_accents_have_a_coding_where_the_contract_lets_them_go(
    play: Play, value: str, coding: str
) -> None:
    played = play(NAME, {**OPTIONS, "accents": "1"}, told("0"))
    played.gateway.send(of_template(of(value)))
    assert played.seen[0].json["RQST"]["DATACODING"] == coding
    assert played.gateway.capabilities.alphabets == set(Alphabet)


def test_a_template_without_parameters_goes(play: Play) -> None:
    played = play(NAME, OPTIONS, told("0"))
    played.gateway.send(of_template(RegisteredTemplate("5")))
    assert played.seen[0].json["RQST"]["PARAMS"] == []


@pytest.mark.parametrize(
    ("sender", "label"), [("UBND-TA", "7"), ("ubnd-ta", "7"), ("UBND-X", "89071"), ("", "89071")]
)
def test_a_brandname_is_a_label(play: Play, sender: str, label: str) -> None:
    played = play(NAME, {**OPTIONS, "labels": "UBND-LT=89071, UBND-TA = 7"}, told("0"))
    played.gateway.send(of_template(sender=sender))
    assert played.seen[0].json["RQST"]["LABELID"] == label
    assert played.gateway.capabilities.takes_sender
    assert not play(NAME, OPTIONS).gateway.capabilities.takes_sender


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"labels": "UBND-LT"}, "BAOTIN_VNPT_LABELS takes BRANDNAME=NUMBER"),
        ({"labels": "UBND-LT=x"}, "BAOTIN_VNPT_LABELS"),
        ({"labels": "=5"}, "BAOTIN_VNPT_LABELS"),
        ({"accents": "yes"}, "BAOTIN_VNPT_ACCENTS takes 0 or 1"),
    ],
)
def test_a_wrong_option_is_named(play: Play, options: dict[str, str], named: str) -> None:
    with pytest.raises(GatewayConfigError, match=named):
        play(NAME, {**OPTIONS, **options})


def test_nothing_can_be_asked_and_nothing_is_pushed(play: Play) -> None:
    gateway = play(NAME, OPTIONS).gateway
    for provider_id in (None, "12"):
        with pytest.raises(Deferred):
            gateway.look_up(ref(provider_id=provider_id))
    call = WebhookRequest("POST", callback(NAME), {}, [], b"{}")
    for parse in (gateway.parse_receipts, gateway.parse_inbound):
        with pytest.raises(BadWebhook):
            parse(call)

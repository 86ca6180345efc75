import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from gateways.base import (
    Absent,
    Accepted,
    BadSignature,
    BadWebhook,
    Balance,
    Deferred,
    Fault,
    Found,
    Gateway,
    OutcomeUnknown,
    Receipt,
    Rejected,
    Report,
    TellsBalance,
    WebhookRequest,
)
from gateways.esms_codes import CODES
from notifier.domain.operators import Operator
from tests.gateways.cases import (
    ATTEMPT,
    CUT_SHORT,
    DEEP,
    NOW,
    SECRET,
    TEXT,
    LookUpCase,
    Played,
    SendCase,
    hold,
    hold_look_up,
    http,
    ref,
    sms,
)

Play = Callable[..., Played]

NAME = "esms"
OPTIONS = {
    "api_key": "an-api-key-of-tests",
    "secret_key": "a-secret-key-of-tests",
    "brandname": "UBND",
    "inbound_key": "an-inbound-key-of-tests",
}
SECRETS = [OPTIONS[name] for name in ("api_key", "secret_key", "inbound_key")]
KEYS = {"ApiKey": OPTIONS["api_key"], "SecretKey": OPTIONS["secret_key"]}
SMS_ID = "d533459ee42b2b9525ba9eabf6a8156"
SERVICE = "/MainService.svc/json"


INVALID = {"error": "Invalid request"}


def told(code: object, **more: object) -> bytes:
    return http(200, {"CodeResult": code, "CountRegenerate": 0, **more})


CASES = [
    SendCase("taken", told("100", SMSID=SMS_ID), Accepted(SMS_ID)),
    SendCase("a code that is a number", told(100, SMSID=SMS_ID), Accepted(SMS_ID)),
    SendCase(
        "our RequestId again",  # the documents' own sample: it does not say under which id
        told("124", ErrorMessage="Request exist 1", SendStatus="5"),
        Accepted(None),
    ),
    *(
        SendCase(f"code {code}", told(code, ErrorMessage="…"), Rejected(fault, code))
        for code, fault in CODES.items()
        if fault is not None
    ),
    SendCase(
        "a template refused, with an id",  # 146's sample has one
        told("146", ErrorMessage="Sai template Brandname CSKH", SMSID=SMS_ID),
        Rejected(Fault.CONTENT, "146"),
    ),
    SendCase("too many a second", told("160"), Deferred("160", 1.0)),
    SendCase("a code of no table", told("998"), OutcomeUnknown("998")),
    SendCase(
        "invalid request", http(400, {"error": "Invalid request"}), OutcomeUnknown("http_400")
    ),
    SendCase(
        "the same with 200", http(200, {"error": "Invalid request"}), OutcomeUnknown("http_200")
    ),
    SendCase("taken without an id", told("100"), OutcomeUnknown("no_id")),
    SendCase("an empty id", told("100", SMSID=""), OutcomeUnknown("no_id")),
    SendCase("an id that is a list", told("100", SMSID=[]), OutcomeUnknown("no_id")),
    SendCase("a code that is an object", told({}), OutcomeUnknown("http_200")),
    SendCase("HTML", http(200, b"<html>"), OutcomeUnknown("not_json")),
    SendCase("a list", http(200, []), OutcomeUnknown("not_json")),
    SendCase("too deep", http(200, DEEP), OutcomeUnknown("not_json")),
    SendCase("429", http(429, {}, "Retry-After: 7"), Deferred("http_429", 7.0)),
    SendCase("500", http(500, {"CodeResult": "99"}), OutcomeUnknown("http_500")),
    SendCase("503", http(503, b""), OutcomeUnknown("http_503")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_has_one_outcome(
    case: SendCase, play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    seen = hold(case, play(NAME, OPTIONS, case.reply), caplog, secrets=SECRETS)
    assert (seen.method, seen.path) == ("POST", f"{SERVICE}/SendMultipleMessage_V4_post_json/")
    assert seen.json == {
        **KEYS,
        "Phone": "0912345678",
        "Content": TEXT,
        "Brandname": "UBND-LT",
        "SmsType": "2",
        "IsUnicode": "1",
        "Sandbox": "0",
        "RequestId": ATTEMPT,
        "campaignid": ATTEMPT,
        "CallbackUrl": f"https://bt.test/v1/gateways/esms/receipts/{SECRET}/{ATTEMPT}",
    }


@pytest.mark.parametrize(
    ("changes", "options", "sent"),
    [
        ({"text": "Ho so H29 da xong"}, {}, {"IsUnicode": "0"}),
        ({"text": "Giá 10 € [a]"}, {}, {"IsUnicode": "1"}),
        ({"text": "10 € [a]"}, {}, {"IsUnicode": "0"}),
        ({"sender": ""}, {}, {"Brandname": "UBND"}),
        ({"callback_url": None}, {}, {"CallbackUrl": ""}),
        ({}, {"sms_type": "8", "sandbox": "1"}, {"SmsType": "8", "Sandbox": "1"}),
    ],
)
def test_the_request_says_what_the_sms_and_the_options_say(
    changes: dict[str, str], options: dict[str, str], sent: dict[str, str], play: Play
) -> None:
    played = play(NAME, {**OPTIONS, **options}, told("100", SMSID=SMS_ID))
    played.gateway.send(sms(NAME, **changes))
    assert sent.items() <= played.seen[0].json.items()


def status(send_status: object, succeeded: object = 0, failed: object = 0) -> bytes:
    """GetSendStatus' answer, as the documents' sample has it."""
    return http(
        200,
        {
            "CodeResponse": "100",
            "SMSID": SMS_ID,
            "SendFailed": failed,
            "SendStatus": send_status,
            "SendSuccess": succeeded,
            "TotalPrice": 850.0,
            "TotalReceiver": 1,
            "TotalSent": 1,
        },
    )


def found(report: Report, code: str) -> Found:
    return Found(SMS_ID, Receipt(NAME, report, SMS_ID, None, code))


BY_ID = ref(provider_id=SMS_ID)
BY_ID_CASES = [
    LookUpCase("delivered", status(5, 1), found(Report.DELIVERED, "5"), BY_ID),
    LookUpCase("finished and failed", status(5, 0, 1), found(Report.UNDELIVERED, "5"), BY_ID),
    LookUpCase("finished, nothing counted", status(5), found(Report.SENT, "5"), BY_ID),
    LookUpCase("as text", status("5", "1", "0"), found(Report.DELIVERED, "5"), BY_ID),
    LookUpCase("to be approved", status(1), found(Report.SENT, "1"), BY_ID),
    LookUpCase("to be sent", status(2), found(Report.SENT, "2"), BY_ID),
    LookUpCase("report awaited", status(7), found(Report.SENT, "7"), BY_ID),
    LookUpCase("refused", status(4), found(Report.UNDELIVERED, "4"), BY_ID),
    LookUpCase("a status nobody knows", status(3, 1), None, BY_ID),
    LookUpCase("too early", http(200, {"CodeResponse": "105", "SMSID": SMS_ID}), None, BY_ID),
    LookUpCase("wrong keys", http(200, {"CodeResponse": "101"}), None, BY_ID),
    LookUpCase("HTML", http(200, b"<html>"), None, BY_ID),
    LookUpCase("500", http(500, {}), None, BY_ID),
    LookUpCase("404", http(404, {"CodeResponse": "100", "SendStatus": 5}), None, BY_ID),
    LookUpCase("never whole", CUT_SHORT, None, BY_ID),
]


@pytest.mark.parametrize("case", BY_ID_CASES, ids=lambda case: case.name)
def test_asked_by_id_it_tells_what_became_of_it(case: LookUpCase, play: Play) -> None:
    seen = hold_look_up(case, play(NAME, OPTIONS, case.reply))
    assert (seen.method, seen.path) == ("GET", f"{SERVICE}/GetSendStatus")
    assert seen.query == {"RefId": SMS_ID, **KEYS}


def row(campaign: object = ATTEMPT, **changes: object) -> dict[str, object]:
    """A row of the list by time, as the documents' sample has it."""
    return {
        "Campaign": campaign,
        "Content": TEXT,
        "Phone": "0912345678",
        "ReferenceId": SMS_ID,
        "SellPrice": 345.0,
        "SendResult": 2,
        "SendStatus": 7,
        "SentTime": "/Date(1705484048995+0700)/",
        "SmsId": 29028845,
        "SmsType": 2,
        **changes,
    }


def listed(*rows: object) -> bytes:
    return http(200, {"CodeResult": "100", "CountTotal": len(rows), "SentData": list(rows)})


LIST_CASES = [
    LookUpCase("nothing there", listed(), Absent()),
    LookUpCase("another's", listed(row("att_8")), Absent()),
    LookUpCase("ours under way", listed(row("att_8"), row()), found(Report.SENT, "7")),
    LookUpCase("delivered", listed(row(SendStatus=5, SendResult=1)), found(Report.DELIVERED, "5")),
    LookUpCase("failed", listed(row(SendStatus=5, SendResult=0)), found(Report.UNDELIVERED, "5")),
    LookUpCase("not told yet", listed(row(SendStatus=5)), found(Report.SENT, "5")),
    LookUpCase("a status nobody knows", listed(row(SendStatus=9)), Found(SMS_ID)),
    LookUpCase("no id", listed(row(ReferenceId="")), None),
    LookUpCase("a row that is none", listed(5), None),
    LookUpCase("no list", http(200, {"CodeResult": "100"}), None),
    LookUpCase("wrong keys", http(200, {"CodeResult": "101"}), None),
    LookUpCase("HTML", http(200, b"<html>"), None),
    LookUpCase("500", http(500, {}), None),
]


@pytest.mark.parametrize("case", LIST_CASES, ids=lambda case: case.name)
def test_asked_by_our_reference_it_looks_through_the_list(case: LookUpCase, play: Play) -> None:
    seen = hold_look_up(case, play(NAME, OPTIONS, case.reply))
    assert (seen.method, seen.path) == ("POST", f"{SERVICE}/GetSmsSentData_V2")
    assert seen.json == {
        **KEYS,
        "SmsType": "2",
        "From": "2026-11-23 15:59:00",  # a minute before the attempt, in Vietnam's time
        "To": "2026-11-23 16:01:00",
        "Page": 1,
        "PageSize": 500,
    }


def test_a_long_list_is_read_to_its_end_or_given_up(play: Play) -> None:
    full = listed(*(row(f"att_x{n}") for n in range(500)))
    played = play(NAME, OPTIONS, full, listed(row()))
    assert played.gateway.look_up(ref()) == found(Report.SENT, "7")
    assert [seen.json["Page"] for seen in played.seen] == [1, 2]
    with pytest.raises(Deferred, match="too_many_messages"):
        play(NAME, OPTIONS, full, full, full, full).gateway.look_up(ref())


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (http(200, {"Balance": 36693, "CodeResponse": "100", "UserID": 9999}), Decimal(36693)),
        (http(200, {"Balance": "-5.50", "CodeResponse": "100"}), Decimal("-5.50")),
        (http(200, {"Balance": 0, "CodeResponse": "101", "ErrorMessage": "…"}), Fault.ACCOUNT),
        (http(200, {"Balance": "much", "CodeResponse": "100"}), None),
        (http(200, {"CodeResponse": "100"}), None),
        (http(200, {"Balance": 1}), None),
        (http(200, b"<html>"), None),
        (http(500, {}), None),
    ],
)
def test_the_balance_is_told_or_why_not(
    reply: bytes, answer: Decimal | Fault | None, play: Play
) -> None:
    gateway = play(NAME, OPTIONS, reply).gateway
    assert isinstance(gateway, TellsBalance)
    if isinstance(answer, Decimal):
        assert gateway.balance() == Balance(answer, "VND")
        return
    with pytest.raises(Rejected if answer else Deferred):
        gateway.balance()


# Webhooks


@pytest.fixture
def deaf(play: Play) -> Gateway:
    """A gateway that is only ever called, not calling."""
    return play(NAME, OPTIONS).gateway


def called(query: str, attempt: str | None = None) -> WebhookRequest:
    pairs = parse_qsl(query, keep_blank_values=True)
    return WebhookRequest("GET", f"https://bt.test/x?{query}", {}, pairs, b"", attempt)


# callback-url, the documents' sample of a customer-care message: finished, and failed.
SAMPLE = (
    "SMSID=dc712784-9c5f-4c69-b9a8-ea69d56adc9a87&SendFailed=2&SendStatus=5&SendSuccess=0"
    "&TotalPrice=0.0000&TotalReceiver=2&TotalSent=2&RequestId=&TypeId=2&telcoid=1"
    "&phonenumber=0901888484&switchsmsid="
)
SAMPLE_ID = "dc712784-9c5f-4c69-b9a8-ea69d56adc9a87"


@pytest.mark.parametrize(
    ("telcoid", "operator"),
    [
        ("1", Operator.VIETTEL),
        ("3", Operator.VINAPHONE),
        ("7", Operator.REDDI),
        ("8", None),
        ("", None),
        ("viettel", None),
    ],
)
def test_a_callback_tells_the_phones_operator(
    play: Play, telcoid: str, operator: Operator | None
) -> None:
    query = SAMPLE.replace("telcoid=1", f"telcoid={telcoid}")
    (receipt,) = play(NAME, OPTIONS, b"").gateway.parse_receipts(called(query))
    assert receipt.operator is operator


@pytest.mark.parametrize(
    ("query", "attempt", "report", "reference"),
    [
        (SAMPLE, None, Report.UNDELIVERED, None),
        (SAMPLE, ATTEMPT, Report.UNDELIVERED, ATTEMPT),
        (SAMPLE.replace("RequestId=", "RequestId=att_8"), None, Report.UNDELIVERED, "att_8"),
        (SAMPLE.replace("SendFailed=2", "SendFailed=0"), None, Report.SENT, None),
        (
            SAMPLE.replace("Failed=2", "Failed=0").replace("Success=0", "Success=1"),
            None,
            Report.DELIVERED,
            None,
        ),
        (SAMPLE.replace("SendStatus=5", "SendStatus=4"), None, Report.UNDELIVERED, None),
        (SAMPLE.replace("SendStatus=5", "SendStatus=7"), None, Report.SENT, None),
    ],
)
def test_finished_may_be_a_failure(
    query: str, attempt: str | None, report: Report, reference: str | None, deaf: Gateway
) -> None:
    (receipt,) = deaf.parse_receipts(called(query, attempt))
    code = "5" if "SendStatus=5" in query else query.partition("SendStatus=")[2][0]
    wanted = Receipt(NAME, report, SAMPLE_ID, reference, code, operator=Operator.VIETTEL)
    assert receipt == wanted


@pytest.mark.parametrize(
    "query",
    ["", "SMSID=x", "SendStatus=5&SendSuccess=1", "SMSID=x&SendStatus=9", "SMSID=&SendStatus=5"],
)
def test_a_callback_without_sense_is_refused_as_such(query: str, deaf: Gateway) -> None:
    with pytest.raises(BadWebhook):
        deaf.parse_receipts(called(query))


def signed(**changes: str) -> str:
    """A citizen's SMS, signed as the documents' Java sample signs."""
    fields = {
        "sender": "84912345678",
        "content": "HCC+%26+c%E1%BA%A3m+%C6%A1n",
        "serviceNumber": "8041",
        "keyword": "HCC",
        "cpid": "1",
        "smsid": "in_1",
        "receiverTime": "20130228130101",
    }
    words = f"1in_1HCC & cảm ơn20130228130101{OPTIONS['inbound_key']}"
    sign = base64.b64encode(hashlib.md5(words.encode()).digest()).decode()  # noqa: S324 - theirs
    fields["sign"] = sign.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    return "&".join(f"{name}={value}" for name, value in {**fields, **changes}.items())


def test_a_citizens_words_come_as_written(deaf: Gateway) -> None:
    inbound = deaf.parse_inbound(called(signed()))
    assert (inbound.provider_id, inbound.sender, inbound.to, inbound.text) == (
        "in_1",
        "84912345678",
        "8041",
        "HCC & cảm ơn",
    )
    assert inbound.received_at is not None
    assert inbound.received_at.isoformat() == "2013-02-28T06:01:01+00:00"


@pytest.mark.parametrize(
    "changes",
    [
        {"content": "HCC"},
        {"cpid": "2"},
        {"smsid": "in_2"},
        {"receiverTime": "20130228130102"},
        {"sign": ""},
        {"sign": "x"},
        {"sign": "%FF"},
    ],
)
def test_a_forged_sms_is_refused(changes: dict[str, str], deaf: Gateway) -> None:
    with pytest.raises(BadSignature):
        deaf.parse_inbound(called(signed(**changes)))


def test_while_the_key_is_changed_an_sms_signed_with_either_is_heard(play: Play) -> None:
    changing = {**OPTIONS, "inbound_key": "new", "inbound_key_old": OPTIONS["inbound_key"]}
    assert play(NAME, changing).gateway.parse_inbound(called(signed())).provider_id == "in_1"


def test_without_a_key_no_sms_is_believed(play: Play) -> None:
    keyless = play(NAME, {**OPTIONS, "inbound_key": ""}).gateway
    with pytest.raises(BadSignature):
        keyless.parse_inbound(called(signed()))


def test_a_signed_sms_without_sense_is_refused_as_such(deaf: Gateway) -> None:
    with pytest.raises(BadWebhook):
        deaf.parse_inbound(called(signed(sender="")))


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(query=st.text(max_size=200), attempt=st.none() | st.text(max_size=40))
def test_no_call_breaks_the_parsers(query: str, attempt: str | None, deaf: Gateway) -> None:
    for parse in (deaf.parse_receipts, deaf.parse_inbound):
        with pytest.raises((BadWebhook, BadSignature)):
            parse(called(query, attempt))


def test_a_repeat_after_an_unknown_is_the_same_request(play: Play) -> None:
    played = play(NAME, OPTIONS, http(502, b""), told("124", SendStatus="2"))
    with pytest.raises(OutcomeUnknown):
        played.gateway.send(sms(NAME))
    assert played.gateway.send(sms(NAME)) == Accepted(None)
    assert played.seen[0] == played.seen[1]


def test_the_list_is_asked_for_an_hour_from_the_attempt(play: Play) -> None:
    played = play(NAME, OPTIONS, listed(row()))
    played.gateway.look_up(ref(started_at=NOW - timedelta(hours=20)))
    assert played.seen[0].json["From"] == "2026-11-22 19:59:00"
    assert played.seen[0].json["To"] == "2026-11-22 21:01:00"

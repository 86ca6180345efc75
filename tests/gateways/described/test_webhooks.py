"""What providers post, from every place, signed in every way, and forged."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from gateways.base import BadSignature, BadWebhook, InboundSms, Receipt, Report, WebhookRequest
from tests.gateways.cases import ATTEMPT, callback
from tests.gateways.described.describing import KEY, NAME, SMALL, Make

FIELDS = {"id": "m1", "ref": ATTEMPT, "s": "DELIVRD"}
RECEIPTS = """
[receipts]
from = "PLACE"
provider_id = "id"
reference = "ref"
status = "s"
statuses = { DELIVRD = "delivered", UNDELIV = "undelivered" }
"""
TOLD = Receipt(NAME, Report.DELIVERED, "m1", ATTEMPT, "DELIVRD")


def call(body: bytes = b"", query: dict[str, str] | None = None, **headers: str) -> WebhookRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    pairs = list((query or {}).items())
    return WebhookRequest("POST", callback(NAME), named, pairs, body)


@pytest.mark.parametrize(
    ("place", "request_"),
    [
        ("json", call(b'{"id": "m1", "ref": "att_7", "s": "DELIVRD"}')),
        ("form", call(urlencode(FIELDS).encode())),
        ("query", call(query=FIELDS)),
    ],
)
def test_a_receipt_is_read_where_it_stands(
    make: Make, place: str, request_: WebhookRequest
) -> None:
    gateway = make(SMALL + RECEIPTS.replace("PLACE", place)).gateway
    assert gateway.parse_receipts(request_) == [TOLD]
    of_address = replace(request_, attempt="att_9")  # our own address knows best
    assert gateway.parse_receipts(of_address) == [replace(TOLD, reference="att_9")]


def test_a_receipt_of_xml_is_read_by_its_elements(make: Make) -> None:
    text = RECEIPTS.replace("PLACE", "xml").replace('"id"', '"r.id"').replace('"s"', '"r.s"')
    gateway = make(SMALL + text).gateway
    told = gateway.parse_receipts(call(b"<r><id>m1</id><s>UNDELIV</s></r>"))
    assert told == [Receipt(NAME, Report.UNDELIVERED, "m1", None, "UNDELIV")]


def test_a_receipt_may_be_known_by_its_address_alone(make: Make) -> None:
    text = RECEIPTS.replace("PLACE", "query").replace('provider_id = "id"\nreference = "ref"\n', "")
    gateway = make(SMALL.replace("{text}", "{text} {callback_url}") + text).gateway
    known = replace(call(query={"s": "DELIVRD"}), attempt=ATTEMPT)
    assert gateway.parse_receipts(known) == [
        Receipt(NAME, Report.DELIVERED, None, ATTEMPT, "DELIVRD")
    ]
    with pytest.raises(BadWebhook):
        gateway.parse_receipts(call(query={"s": "DELIVRD"}))


def test_calls_about_something_else_say_nothing(make: Make) -> None:
    text = RECEIPTS.replace("PLACE", "json") + 'when = { type = "report" }\n'
    gateway = make(SMALL + text).gateway
    assert gateway.parse_receipts(call(b'{"type": "ping"}')) == []
    body = b'{"type": "report", "id": "m1", "s": "DELIVRD"}'
    assert gateway.parse_receipts(call(body)) == [replace(TOLD, reference=None)]


BODY = b'{"id": "m1", "ref": "att_7", "s": "DELIVRD"}'
HEX = hmac.digest(KEY.encode(), BODY, "sha256").hex()
SIGNED_PARTS = base64.b64encode(
    hashlib.md5(f"m1-DELIVRD{KEY}".encode(), usedforsecurity=False).digest()
).decode()


HMAC = 'algorithm = "hmac-sha256", key = "{secret}", header = "X-Sign", prefix = "sha256="'
SHA1 = hashlib.sha1(f"{KEY}{callback(NAME)}".encode() + BODY, usedforsecurity=False).hexdigest()
SIGNED = [
    (HMAC, call(BODY, x_sign=f"sha256={HEX}")),
    (
        'algorithm = "sha1", over = "{secret}{url}{body}", header = "x-sign"',
        call(BODY, X_SIGN=SHA1),
    ),
    (
        'algorithm = "md5", over = "{id}-{s}{secret}", field = "sign", encoding = "base64"',
        call(BODY[:-1] + f', "sign": "{SIGNED_PARTS}"}}'.encode()),
    ),
]


@pytest.mark.parametrize(("signature", "request_"), SIGNED)
def test_a_signature_is_verified_first(
    make: Make, signature: str, request_: WebhookRequest
) -> None:
    text = f"{RECEIPTS.replace('PLACE', 'json')}signature = {{ {signature} }}\n"
    gateway = make(SMALL + text).gateway
    assert gateway.parse_receipts(request_) == [TOLD]
    for forged in (
        b"",
        b"x",
        b"{}",
        request_.body.replace(b"m1", b"m2"),
        BODY.replace(b"m1", b"m2"),
    ):
        with pytest.raises(BadSignature):
            gateway.parse_receipts(replace(request_, body=forged))


def test_a_signature_that_is_not_there_is_none(make: Make) -> None:
    text = f"{RECEIPTS.replace('PLACE', 'json')}signature = {{ {HMAC} }}\n"
    gateway = make(SMALL + text).gateway
    for headers in ({}, {"X-Sign": ""}, {"X-Sign": "sha256="}, {"X-Sign": "ü"}, {"X-Sign": HEX}):
        with pytest.raises(BadSignature):
            gateway.parse_receipts(replace(call(BODY), headers=headers))


def test_a_word_that_the_provider_was_given_vouches_for_the_caller(make: Make) -> None:
    word = 'signature = { algorithm = "secret", key = "{secret}", header = "X-Key" }\n'
    gateway = make(SMALL + RECEIPTS.replace("PLACE", "json") + word).gateway
    assert gateway.parse_receipts(call(BODY, x_key=KEY)) == [TOLD]
    for wrong in ("", KEY[:-1], f"{KEY} x"):
        with pytest.raises(BadSignature):
            gateway.parse_receipts(call(BODY, x_key=wrong))


INBOUND = """
[inbound]
from = "form"
id = "id"
sender = "from"
to = "to"
text = "text"
at = "at"
when = { kind = "mo" }
"""


@pytest.mark.parametrize(
    ("at", "instant"),
    [
        ("1764061200", datetime(2025, 11, 25, 9, 0, tzinfo=UTC)),
        ("1764061200000", datetime(2025, 11, 25, 9, 0, tzinfo=UTC)),
        ("2025-11-25T16:00:00+07:00", datetime(2025, 11, 25, 9, 0, tzinfo=UTC)),
        ("2025-11-25 16:00", None),
        ("9" * 40, None),
        ("", None),
    ],
)
def test_a_citizens_sms_is_read(make: Make, at: str, instant: datetime | None) -> None:
    gateway = make(SMALL + INBOUND).gateway
    told = {"id": "i1", "from": "84912345678", "to": "8085", "text": "TC 1", "at": at}
    request = call(urlencode({**told, "kind": "mo"}).encode())
    expected = InboundSms(NAME, "i1", "84912345678", "8085", "TC 1", instant)
    assert gateway.parse_inbound(request) == expected


@pytest.mark.parametrize(
    "changes", [{"kind": "other"}, {"from": ""}, {"id": ""}, {"text": None}, {"kind": None}]
)
def test_an_sms_without_sense_is_refused(make: Make, changes: dict[str, str | None]) -> None:
    gateway = make(SMALL + INBOUND).gateway
    fields = {"id": "i1", "from": "84912345678", "to": "8085", "text": "TC 1", "kind": "mo"}
    told = {name: value for name, value in {**fields, **changes}.items() if value is not None}
    with pytest.raises(BadWebhook):
        gateway.parse_inbound(call(urlencode(told).encode()))
    with pytest.raises(BadWebhook):
        make(SMALL).gateway.parse_inbound(call(urlencode(fields).encode()))

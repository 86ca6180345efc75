"""eSMS.vn: customer-care SMS under the office's brandname, REST version 4.

Source: developers.esms.vn, pages "Tin nhắn SMS OTP/CSKH", "Callback Url", "Bảng mã lỗi", "Hàm kiểm
tra tin nhắn theo SMSID", "… theo khoảng thời gian", "Hàm lấy số dư", "Kết nối đầu số ngắn"; read
2026-11 (edition of 2026-04-07).

The RequestId deduplicates for 24 hours, but the answer to a second one (124) does not say under
which id: the list by time does, since our reference also goes as `campaignid`. Callbacks are
unsigned, so they only make us ask. Unconfirmed: that the list's times are Vietnam's.
"""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Any

from config.gateways import GatewaySettings, Option
from gateways.adapter import (
    Adapter,
    HttpGateway,
    Tools,
    attempt_in_path,
    get,
    json_object,
    national,
    post_json,
    word,
)
from gateways.base import (
    Absent,
    Accepted,
    Alphabet,
    AttemptRef,
    BadSignature,
    BadWebhook,
    Balance,
    Capabilities,
    Deferred,
    Fault,
    Found,
    InboundSms,
    OutboundSms,
    OutcomeUnknown,
    Proof,
    Receipt,
    Rejected,
    Reports,
    Templates,
    WebhookRequest,
)
from gateways.esms_codes import CODES, DEFERS, TELCOS, report
from gateways.http import HttpReply, HttpRequest
from gateways.waits import UNSAID_S
from notifier.domain.text import Encoding, analyse

_VIETNAM = timezone(timedelta(hours=7))
_CLOCKS_DIFFER = timedelta(minutes=1)
_PAGE = 500  # the most
_MOST_PAGES = 4
_PAGE_BYTES = 2_000_000
_TAKEN_WITHIN = timedelta(hours=1)  # from the attempt, its repeats included
_TAKEN, _TAKEN_BEFORE = "100", "124"


class EsmsGateway(HttpGateway):
    """Sends through one eSMS account."""

    capabilities = Capabilities(
        alphabets=frozenset(Alphabet),
        max_segments=4,
        reports=Reports.PUSH,
        deduplicates=True,
        can_look_up=True,
        receipt_proof=Proof.POLL,
        templates=Templates.CHECKED,
    )

    def __init__(self, settings: GatewaySettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._service = f"{self._base_url}/MainService.svc/json"
        self._keys = {
            "ApiKey": self._options["api_key"],
            "SecretKey": self._options["secret_key"],
        }

    def build(self, sms: OutboundSms) -> HttpRequest:
        accented = analyse(sms.text).encoding is Encoding.UCS2
        body = {
            **self._keys,
            "Phone": national(sms.to),
            "Content": sms.text,
            "Brandname": sms.sender or self._options["brandname"],
            "SmsType": self._options["sms_type"],
            "IsUnicode": "1" if accented else "0",
            "Sandbox": self._options["sandbox"],
            "RequestId": sms.reference,
            "campaignid": sms.reference,  # the list by time shows it, and no RequestId
            "CallbackUrl": attempt_in_path(sms.callback_url) if sms.callback_url else "",
        }
        return post_json(f"{self._service}/SendMultipleMessage_V4_post_json/", body)

    def read(self, reply: HttpReply) -> Accepted:
        answer = json_object(reply.body)
        code = word(answer.get("CodeResult"))
        if code in DEFERS:
            raise Deferred(code, UNSAID_S)
        if code not in CODES:
            raise OutcomeUnknown(code or f"http_{reply.status}")
        if fault := CODES[code]:
            raise Rejected(fault, code)
        sms_id = word(answer.get("SMSID"))
        if code == _TAKEN and not sms_id:
            raise OutcomeUnknown("no_id")
        return Accepted(sms_id or None)

    def look_up(self, attempt: AttemptRef) -> Found | Absent:
        if attempt.provider_id is not None:
            return self._by_id(attempt.provider_id)
        return self._by_reference(attempt)

    def balance(self) -> Balance:
        told = self.told(self.ask(post_json(f"{self._service}/GetBalance_json", self._keys)))
        code = word(told.get("CodeResponse"))
        if CODES.get(code) is Fault.ACCOUNT:
            raise Rejected(Fault.ACCOUNT, code)
        try:
            amount = Decimal(str(told.get("Balance")))
        except InvalidOperation:
            amount = Decimal("NaN")
        if code != _TAKEN or not amount.is_finite():
            raise Deferred(code or "unreadable")
        return Balance(amount)

    def parse_receipts(self, request: WebhookRequest) -> list[Receipt]:
        """What an unsigned call claims; whoever gets it asks before believing it."""
        fields = dict(request.query)
        sms_id = fields.get("SMSID", "")
        receipt = self._receipt(sms_id, fields, request.attempt or fields.get("RequestId"))
        if not sms_id or receipt is None:
            raise BadWebhook("a callback needs SMSID and a known SendStatus")
        return [replace(receipt, operator=TELCOS.get(fields.get("telcoid", "")))]

    def parse_inbound(self, request: WebhookRequest) -> InboundSms:
        fields = dict(request.query)
        names = ("cpid", "smsid", "content", "receiverTime")
        keys = (self._options["inbound_key"], self._options["inbound_key_old"])
        words = "".join(fields.get(name, "") for name in names)
        given = fields.get("sign", "").encode(errors="replace")
        known = [hmac.compare_digest(given, _signature(words + key)) for key in keys if key]
        if not any(known):
            raise BadSignature
        if not all(fields.get(name) for name in ("smsid", "sender", "serviceNumber")):
            raise BadWebhook("an SMS needs smsid, sender and serviceNumber")
        return InboundSms(
            gateway=self.name,
            provider_id=fields["smsid"],
            sender=fields["sender"],
            to=fields["serviceNumber"],
            text=fields.get("content", ""),
            received_at=_instant(fields.get("receiverTime", "")),
        )

    def _by_id(self, sms_id: str) -> Found:
        query = {"RefId": sms_id, **self._keys}
        reply = self.ask(get(f"{self._service}/GetSendStatus", query))
        told = self.told(reply)
        code = word(told.get("CodeResponse"))
        receipt = self._receipt(sms_id, told, None)
        if reply.status != HTTPStatus.OK or code != _TAKEN or receipt is None:
            raise Deferred(code or "unreadable")  # 105: it is too early to ask
        return Found(sms_id, receipt)

    def _by_reference(self, attempt: AttemptRef) -> Found | Absent:
        """The message of our `campaignid` among all that were made since the attempt."""
        since = attempt.started_at - _CLOCKS_DIFFER
        until = min(self._clock.now(), attempt.started_at + _TAKEN_WITHIN) + _CLOCKS_DIFFER
        for page in range(1, _MOST_PAGES + 1):
            body = {
                **self._keys,
                "SmsType": self._options["sms_type"],
                "From": _written(since),
                "To": _written(until),
                "Page": page,
                "PageSize": _PAGE,
            }
            request = post_json(f"{self._service}/GetSmsSentData_V2", body)
            reply = self.ask(replace(request, most_bytes=_PAGE_BYTES))
            told = self.told(reply)
            rows = told.get("SentData")
            if word(told.get("CodeResult")) != _TAKEN or not isinstance(rows, list):
                raise Deferred(word(told.get("CodeResult")) or "unreadable")
            for row in rows:
                if not isinstance(row, dict):
                    raise Deferred("unreadable")
                if row.get("Campaign") == attempt.reference:
                    return self._found(row)
            if len(rows) < _PAGE:
                return Absent()
        raise Deferred("too_many_messages")

    def _found(self, row: dict[str, Any]) -> Found:
        sms_id = word(row.get("ReferenceId"))
        result = word(row.get("SendResult"))
        if not sms_id:
            raise Deferred("unreadable")
        counts = {"SendSuccess": result == "1", "SendFailed": result == "0"}
        as_counted = {name: str(int(held)) for name, held in counts.items()}
        return Found(sms_id, self._receipt(sms_id, {**row, **as_counted}, None))

    def _receipt(
        self, sms_id: str, fields: dict[str, Any], reference: str | None
    ) -> Receipt | None:
        status, succeeded, failed = (
            word(fields.get(name)) for name in ("SendStatus", "SendSuccess", "SendFailed")
        )
        told = report(status, succeeded, failed)
        if told is None:
            return None
        return Receipt(self.name, told, sms_id, reference or None, status)


def _signature(signed: str) -> bytes:
    digest = hashlib.md5(signed.encode(), usedforsecurity=False).digest()  # theirs to choose
    return base64.b64encode(digest)


def _written(at: datetime) -> str:
    return f"{at.astimezone(_VIETNAM):%Y-%m-%d %H:%M:%S}"


def _instant(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=_VIETNAM).astimezone(UTC)
    except ValueError:
        return None


ADAPTER = Adapter(
    build=EsmsGateway,
    base_url="https://rest.esms.vn",
    options=(
        Option("api_key", "the account's ApiKey", required=True, secret=True),
        Option("secret_key", "the account's SecretKey", required=True, secret=True),
        Option("brandname", "the brandname of offices that have none of their own"),
        Option("sms_type", "SmsType: 2 is customer care", "2"),
        Option("sandbox", "1: nothing is sent and nothing charged, to try the account", "0"),
        Option(
            "inbound_key", "the PrivateKey that signs citizens' SMS to a short code", secret=True
        ),
        Option("inbound_key_old", "the PrivateKey before, still taken", secret=True),
    ),
)

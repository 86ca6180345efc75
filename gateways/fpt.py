"""FPT Telecom: brandname SMS as JSON, the words in base64, with an OAuth token for a while.

Sources, read 2026-11: developer.sms.fpt.net/document (accounts, sandbox), and users' code on
app.sms.fpt.net, `/oauth2/token` and `/api/push-brandname-otp`, of which two list the codes below,
alike, and a third adds those from 2513.

Not confirmed, since FPT gives its manual to customers alone: what the same RequestId again does,
and what a delivery report holds (one user's code: `described/examples/fpt-receipts.toml`). So
RequestId carries our reference for people to find, nothing relies on it, nothing is sent again
blindly, and nothing is known of the delivery unless a file describes the reports (`receipts_file`).
Whether accents go is said by the contract: `accents`.

A token belongs to the session that asked for it. All processes share the token, so they have one
session, made from the secret.
"""

import base64
import hmac
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from config.gateways import GatewaySettings, Option
from gateways.adapter import (
    Adapter,
    GatewayConfigError,
    TokenGateway,
    Tools,
    json_object,
    post_json,
    unheard,
    without_plus,
    word,
)
from gateways.base import (
    Absent,
    Accepted,
    Alphabet,
    AttemptRef,
    BadWebhook,
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
    WebhookRequest,
)
from gateways.described import receipts as described_receipts
from gateways.http import HttpReply, HttpRequest
from gateways.tokens import Token
from notifier.domain.operators import named

# Not here, since they do not say that nothing was sent: 1006 and 1007 (the server fails, or cannot
# now), 2506 and 2507 (the service fails, unknown), 3 (the network's service fails).
CODES: dict[str, Fault] = {
    "1001": Fault.CONTENT,  # the request makes no sense
    "1002": Fault.ACCOUNT,  # this client may not
    "1005": Fault.ACCOUNT,  # the scopes are wrong
    "1008": Fault.ACCOUNT,  # client_id or client_secret is wrong
    "1010": Fault.ACCOUNT,  # the scope does not reach so far
    "1011": Fault.ACCOUNT,  # the token is wrong: a fresh one too
    "1013": Fault.ACCOUNT,  # the token has ended: a fresh one too
    "1014": Fault.CONTENT,  # the parameters are wrong
    "1015": Fault.ACCOUNT,  # this kind of grant is not open to us
    "1016": Fault.ACCOUNT,  # more messages than the account may send
    "2502": Fault.ACCOUNT,  # the account's messages are used up
    "2503": Fault.ACCOUNT,  # the account has no limit set
    "2504": Fault.CONTENT,  # brandname not active, or locked: another gateway may have it
    "54": Fault.CONTENT,  # the same
    "2513": Fault.CONTENT,  # no such brandname
    "2": Fault.CHANNEL,  # the brandname is not registered with this phone's network
    "-8": Fault.CHANNEL,  # the same
    "2505": Fault.NUMBER,  # the number is blocked
    "-11": Fault.NUMBER,  # the same
    "53": Fault.NUMBER,  # the number is wrong
    "-10": Fault.NUMBER,  # the same
    "902": Fault.NUMBER,  # the same
    "4": Fault.CONTENT,  # too long for the network
    "-14": Fault.CONTENT,  # the same
    "901": Fault.CONTENT,  # the same
    "5": Fault.CONTENT,  # no registered template
    "-20": Fault.CONTENT,  # the same
    "55": Fault.CONTENT,  # the same
    "2518": Fault.CONTENT,  # the same
    "6": Fault.CONTENT,  # a forbidden word
    "-18": Fault.CONTENT,  # the same
    "2519": Fault.CONTENT,  # the same
    "7": Fault.CONTENT,  # accents where the network wants none
    "8": Fault.CONTENT,  # not encrypted where the network wants it
}
# Surely not sent: the same words to the same phone within five minutes.
DEFERS: dict[str, float] = {"2501": 300.0, "1": 300.0}
_TOKEN_REFUSED = frozenset({"1011", "1013"})
# RFC 6749 §5.2, should the token be refused in its words.
_OAUTH = frozenset(
    {"invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type"}
)
_LIFE = timedelta(hours=1)  # where the answer does not say


class FptGateway(TokenGateway):
    """Sends through one FPT client."""

    capabilities = Capabilities(
        alphabets=frozenset({Alphabet.GSM7}),
        max_segments=3,
        reports=Reports.NONE,
        deduplicates=False,
        can_look_up=False,
        receipt_proof=Proof.ADDRESS,
        inbound_proof=None,
    )

    def __init__(self, settings: GatewaySettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._brandname = self._options["brandname"]
        secret = self._options["client_secret"].encode()
        self._session = hmac.digest(secret, b"session", "sha256").hex()[:32]
        if self._options["accents"] not in {"0", "1"}:
            raise GatewayConfigError(f"{settings.where('accents')} takes 0 or 1")
        self._accents = self._options["accents"] == "1"
        if self._accents:
            self.capabilities = replace(self.capabilities, alphabets=frozenset(Alphabet))
        if (receipts := described_receipts.beside(settings)) is not None:
            self.capabilities = receipts.with_reports(self.capabilities)
        self._receipts = receipts

    def renew(self, last: Token | None, within_s: float) -> Token:  # noqa: ARG002 - none is needed
        body = {
            "grant_type": "client_credentials",
            "client_id": self._options["client_id"],
            "client_secret": self._options["client_secret"],
            "scope": self._options["scope"],
            "session_id": self._session,
        }
        reply = self.ask(post_json(f"{self._base_url}/oauth2/token", body), within_s)
        told = self.told(reply)
        code = _code(told)
        if CODES.get(code) is Fault.ACCOUNT or code in _OAUTH:
            raise Rejected(Fault.ACCOUNT, code)
        access = told.get("access_token")
        if code or not isinstance(access, str) or not access:
            raise Deferred("no_token")
        seconds = word(told.get("expires_in"))
        life = timedelta(seconds=int(seconds)) if seconds.isdecimal() else _LIFE
        return Token(access, self._clock.now() + life)

    def build_with(self, sms: OutboundSms, token: Token) -> HttpRequest:
        if not self._accents and not sms.text.isascii():
            raise Rejected(Fault.CONTENT, "accents")
        body = {
            "access_token": token.access,
            "session_id": self._session,
            "BrandName": sms.sender or self._brandname,
            "Phone": without_plus(sms.to),
            "Message": base64.b64encode(sms.text.encode()).decode(),
            "RequestId": sms.reference,
        }
        return post_json(f"{self._base_url}/api/push-brandname-otp", body)

    def refuses_token(self, reply: HttpReply) -> bool:
        try:
            return _code(json_object(reply.body)) in _TOKEN_REFUSED
        except OutcomeUnknown:
            return False

    def read(self, reply: HttpReply) -> Accepted:
        told = json_object(reply.body)
        code = _code(told)
        if code in CODES:
            raise Rejected(CODES[code], code)
        if code in DEFERS:
            raise Deferred(code, DEFERS[code], only_this=True)
        if code or reply.status != HTTPStatus.OK:
            raise unheard(code, reply)
        if provider_id := word(told.get("MessageId")):
            return Accepted(provider_id, named(word(told.get("Telco"))))
        raise OutcomeUnknown("no_id")

    def look_up(self, attempt: AttemptRef) -> Found | Absent:  # noqa: ARG002 - nothing to ask
        raise Deferred("no_look_up")

    def check_credentials(self) -> None:
        """Ask for a token and let it go. Raises `Rejected` or `Deferred`."""
        self.renew(None, self._settings.call_deadline_s)

    def parse_receipts(self, request: WebhookRequest) -> list[Receipt]:
        if self._receipts is None:
            raise BadWebhook(f"{request.method}: FPT pushes no reports")
        return self._receipts.parse(request)

    def parse_inbound(self, request: WebhookRequest) -> InboundSms:
        raise BadWebhook(f"{request.method}: FPT brings no citizens' SMS")


def _code(told: dict[str, Any]) -> str:
    """The error's code, in whichever case the answer writes its name; nothing for none."""
    codes = (word(told.get(name)) for name in ("error", "Error"))
    return next((code for code in codes if code not in {"", "0"}), "")


ADAPTER = Adapter(
    build=FptGateway,
    base_url="https://app.sms.fpt.net",
    options=(
        Option("client_id", "the application's CLIENT_ID", required=True),
        Option("client_secret", "its CLIENT_SECRET", required=True, secret=True),
        Option("brandname", "the brandname of offices that have none of their own"),
        Option("scope", "what the token is asked for", "send_brandname_otp"),
        Option("accents", "1: the contract lets accented words go", "0"),
        *described_receipts.OPTIONS,
    ),
)

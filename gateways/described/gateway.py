"""Any HTTP provider, described in a settings file: calls, answers, receipts, citizens' SMS.

docs/gateways/http.md says how a file is written, with two examples, of which the first imitates
SpeedSMS and is held to all that its own adapter is. Whatever the file does not say of an answer is
unknown, never a success; 5xx always is, and 429 is surely not sent.
"""

import hmac
from decimal import Decimal, InvalidOperation
from http import HTTPStatus

from config.gateways import GatewaySettings, Option
from gateways.adapter import Adapter, GatewayConfigError, HttpGateway, Tools, word
from gateways.base import (
    Absent,
    Accepted,
    Alphabet,
    AttemptRef,
    BadWebhook,
    Balance,
    Deferred,
    Fault,
    Found,
    Gateway,
    InboundSms,
    OutboundSms,
    OutcomeUnknown,
    Receipt,
    Rejected,
    Templates,
    WebhookRequest,
)
from gateways.described import description, filling
from gateways.described.answers import look, said
from gateways.described.receipts import DescribedReceipts
from gateways.described.webhooks import instant
from gateways.http import HttpReply, HttpRequest

_LONGEST_STATUS = 40
_SAME_SMS_S = 600  # the same words from the same phone within this are one SMS told twice


class DescribedGateway(HttpGateway):
    """Sends as its description says."""

    def __init__(self, settings: GatewaySettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._said = description.read(self._options["file"], settings.where("file"))
        self.capabilities = self._said.capabilities
        self.wait_header = self._said.answer.wait_header
        self._account = {
            "base_url": self._base_url,
            **{name: self._options[name] for name in ("user", "secret", "secret_2")},
        }
        for name in sorted(self._said.needs):
            if not self._account[name]:
                told = f"{self._options['file']} names {{{name}}}"
                raise GatewayConfigError(f"{settings.where(name)} is not set: {told}")

    @property
    def tells_balance(self) -> bool:
        """Whether the description says how the balance is asked for."""
        return self._said.balance is not None

    def build(self, sms: OutboundSms) -> HttpRequest:
        able = self.capabilities
        by_id = able.templates is Templates.BY_ID
        if by_id and sms.template is None:
            raise Rejected(Fault.CONTENT, "template_missing")
        parameters = sms.template.parameters if sms.template else ()
        words = "".join(one.value for one in parameters) if by_id else sms.text
        plain = words.isascii()
        if not plain and Alphabet.UCS2 not in able.alphabets:
            raise Rejected(Fault.CONTENT, "accents")
        if able.refused_characters.intersection(words):
            raise Rejected(Fault.CONTENT, "characters")
        chosen = {name: pair[0 if plain else 1] for name, pair in self._said.accented.items()}
        message = filling.of_message(sms, self._options["sender"])
        return self._said.call.build({**self._account, **message, **chosen})

    def read(self, reply: HttpReply) -> Accepted:
        return self._said.answer.read(reply)

    def look_up(self, attempt: AttemptRef) -> Found | Absent:
        """What became of a message, by the provider's id, if the description says how."""
        form = self._said.polling
        if form is None or attempt.provider_id is None:
            raise Deferred("no_look_up")
        values = {**self._account, "provider_id": attempt.provider_id}
        reply = self.ask(form.call.build(values))
        fields = self._said.answer.fields(reply)
        if reply.status != HTTPStatus.OK or not form.conditions.hold(reply.status, fields):
            raise Deferred(f"http_{reply.status}")
        status = said(look(fields, form.status))
        report = form.statuses.report(status)
        if report is None:
            raise Deferred("unreadable")
        receipt = Receipt(self.name, report, attempt.provider_id, None, status[:_LONGEST_STATUS])
        return Found(attempt.provider_id, receipt)

    def parse_receipts(self, request: WebhookRequest) -> list[Receipt]:
        if self._said.receipts is None:
            raise BadWebhook("the description has no [receipts]")
        return DescribedReceipts(self.name, self._said.receipts, self._account).parse(request)

    def parse_inbound(self, request: WebhookRequest) -> InboundSms:
        form = self._said.inbound
        fields = form.webhook.fields(request, self._account) if form else None
        if form is None or fields is None:
            raise BadWebhook("this is no citizen's SMS as [inbound] describes it")
        phone, text = said(look(fields, form.sender)), look(fields, form.text)
        if not phone or not isinstance(text, str):
            raise BadWebhook("an SMS needs its sender and its text")
        own_id = word(look(fields, form.id)) if form.id else self._own_id(phone, text)
        if not own_id:
            raise BadWebhook("an SMS needs its id")
        to = said(look(fields, form.to)) if form.to else ""
        at = instant(look(fields, form.at)) if form.at else None
        return InboundSms(self.name, own_id, phone, to, text, at)

    def _own_id(self, phone: str, text: str) -> str:
        """For a provider who gives none: the same call a second time is the same SMS."""
        lately = int(self._clock.now().timestamp()) // _SAME_SMS_S
        told = f"{lately}\n{phone}\n{text}".encode(errors="surrogatepass")
        return hmac.digest(self._options["secret"].encode(), told, "sha256").hex()[:32]


class TellingGateway(DescribedGateway):
    """One whose description tells how the balance is asked for."""

    def balance(self) -> Balance:
        """What is left on the account. Raises `Rejected` or `Deferred`."""
        form = self._said.balance
        if form is None:
            raise Deferred("no_balance")
        reply, answer = self.ask(form.call.build(self._account)), self._said.answer
        fields = answer.fields(reply)
        try:
            answer.judge(reply, fields)
        except OutcomeUnknown as problem:
            raise Deferred(problem.code) from None
        try:
            amount = Decimal(said(look(fields, form.amount))) * form.scale
        except InvalidOperation:
            amount = Decimal("NaN")
        if reply.status != HTTPStatus.OK or not amount.is_finite():
            raise Deferred("unreadable")
        return Balance(amount, form.currency)


def _build(settings: GatewaySettings, tools: Tools) -> Gateway:
    plain = DescribedGateway(settings, tools)
    return TellingGateway(settings, tools) if plain.tells_balance else plain


ADAPTER = Adapter(
    build=_build,
    options=(
        Option("file", "the description, a TOML file: docs/gateways/http.md", required=True),
        Option("secret", "what the description calls {secret}", required=True, secret=True),
        Option("secret_2", "what it calls {secret_2}", secret=True),
        Option("user", "what it calls {user}"),
        Option("sender", "the sender of offices that have none of their own"),
    ),
)

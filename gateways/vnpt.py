"""VNPT (VinaPhone): brandname SMS as JSON, by a registered template's id and its parameters.

Sources, read 2026-11: public clients of `/smsmarketing/api`, `send_sms_list`, with their notes on
each field; the codes below as two of them list them, alike.

VNPT takes no words: a template that VNPT registered goes by its id, with its parameters numbered in
order. The sender is a label, which VNPT knows by a number: `label_id`, and `labels` where offices
have several.

Not confirmed: whether the same REQID is always refused (33: some clients send one REQID for ever
and are answered 0), so nothing relies on it; how many characters a REQID may have; and how reports
are asked for, since three clients give `get_sms_status_api` two shapes, where success means sent.
So nothing is known of the delivery, unless a file describes reports that VNPT pushes
(`receipts_file`). Accents go to VinaPhone's own subscribers alone (`accents`).
"""

from http import HTTPStatus

from config.gateways import GatewaySettings, Option
from gateways.adapter import (
    Adapter,
    GatewayConfigError,
    HttpGateway,
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
    Templates,
    WebhookRequest,
)
from gateways.described import receipts as described_receipts
from gateways.http import HttpReply, HttpRequest

# Not here: -1, "characters of XML, or too long, or an internal error", which does not say that
# nothing was sent.
CODES: dict[str, Fault | None] = {  # none: it is with VNPT
    "0": None,
    "33": None,  # our REQID came before
    "1": Fault.ACCOUNT,  # user, password, IP or status of the API
    "2": Fault.CONTENT,  # the schedule's form
    "3": Fault.ACCOUNT,  # the method
    "7": Fault.CONTENT,  # no such template for this label and agent
    "9": Fault.ACCOUNT,  # the contract's type
    "10": Fault.ACCOUNT,  # the agent's user name
    "11": Fault.CONTENT,  # the length
    "13": Fault.ACCOUNT,  # the contract
    "14": Fault.CONTENT,  # the label: the office's, so another gateway may have it
    "15": Fault.ACCOUNT,  # the agent
    "17": Fault.CONTENT,  # the characters
    "20": Fault.ACCOUNT,  # the contract's messages are used up
    "21": Fault.ACCOUNT,  # the customer's
    "22": Fault.ACCOUNT,  # the agent's
    "23": Fault.NUMBER,  # the number (or several networks: one phone goes at a time)
    "24": Fault.CONTENT,  # a schedule in the past
    "25": Fault.CHANNEL,  # another network, ported, or the label is not set up there
    "26": Fault.CONTENT,  # three advertisements today: the template is registered as one
    "30": Fault.CONTENT,  # a forbidden word
    "31": Fault.ACCOUNT,  # the customer's status
    "32": Fault.CONTENT,  # the template's old id
}
# Surely not sent, and the seconds until it may be. 8 and 12: not at this time of day.
DEFERS: dict[str, float] = {"16": 1.0, "8": 1800.0, "12": 1800.0}
_CUSTOMER_CARE = "1"
_PLAIN, _ACCENTED = "0", "8"
_OF_XML = frozenset("&<>\"'")  # VNPT puts the parameters into XML of its own, unescaped


class VnptGateway(HttpGateway):
    """Sends through one contract with VNPT."""

    def __init__(self, settings: GatewaySettings, tools: Tools) -> None:
        super().__init__(settings, tools)
        self._labels = _labels(settings)
        if self._options["accents"] not in {"0", "1"}:
            raise GatewayConfigError(f"{settings.where('accents')} takes 0 or 1")
        self._accents = self._options["accents"] == "1"
        self.capabilities = Capabilities(
            alphabets=frozenset(Alphabet if self._accents else {Alphabet.GSM7}),
            max_segments=4,
            reports=Reports.NONE,
            deduplicates=False,
            can_look_up=False,
            receipt_proof=Proof.ADDRESS,
            inbound_proof=None,
            takes_sender=bool(self._labels),
            templates=Templates.BY_ID,
            refused_characters=_OF_XML,
        )
        if (receipts := described_receipts.beside(settings)) is not None:
            self.capabilities = receipts.with_reports(self.capabilities)
        self._receipts = receipts

    def build(self, sms: OutboundSms) -> HttpRequest:
        if sms.template is None:
            raise Rejected(Fault.CONTENT, "template_missing")
        values = [parameter.value for parameter in sms.template.parameters]
        plain = all(value.isascii() for value in values)
        if not plain and not self._accents:
            raise Rejected(Fault.CONTENT, "accents")
        if any(_OF_XML.intersection(value) for value in values):
            raise Rejected(Fault.CONTENT, "characters")
        asked = {
            "name": "send_sms_list",
            "REQID": sms.reference,
            "LABELID": self._labels.get(sms.sender.upper(), self._options["label_id"]),
            "CONTRACTTYPEID": _CUSTOMER_CARE,
            "CONTRACTID": self._options["contract_id"],
            "TEMPLATEID": sms.template.provider_id,
            "PARAMS": [
                {"NUM": str(number), "CONTENT": value}
                for number, value in enumerate(values, start=1)
            ],
            "SCHEDULETIME": "",
            "MOBILELIST": without_plus(sms.to),
            "ISTELCOSUB": "0",
            "AGENTID": self._options["agent_id"],
            "APIUSER": self._options["api_user"],
            "APIPASS": self._options["api_pass"],
            "USERNAME": self._options["username"],
            "DATACODING": _PLAIN if plain else _ACCENTED,
        }
        return post_json(f"{self._base_url}/smsmarketing/api", {"RQST": asked})

    def read(self, reply: HttpReply) -> Accepted:
        told = json_object(reply.body).get("RPLY")
        code = word(told.get("ERROR")) if isinstance(told, dict) else ""
        if not code or reply.status != HTTPStatus.OK:
            raise OutcomeUnknown(f"http_{reply.status}")
        if code in DEFERS:
            raise Deferred(code, DEFERS[code])
        if code not in CODES:
            raise unheard(code, reply)
        if fault := CODES[code]:
            raise Rejected(fault, code)
        return Accepted(None)  # VNPT names no id

    def look_up(self, attempt: AttemptRef) -> Found | Absent:  # noqa: ARG002 - nothing to ask
        raise Deferred("no_look_up")

    def parse_receipts(self, request: WebhookRequest) -> list[Receipt]:
        if self._receipts is None:
            raise BadWebhook(f"{request.method}: VNPT pushes no reports")
        return self._receipts.parse(request)

    def parse_inbound(self, request: WebhookRequest) -> InboundSms:
        raise BadWebhook(f"{request.method}: VNPT brings no citizens' SMS")


def _labels(settings: GatewaySettings) -> dict[str, str]:
    """The label's number by brandname, in capitals: brandnames do not tell them apart."""
    labels = {}
    for pair in filter(None, settings.options["labels"].split(",")):
        brandname, _, number = (part.strip() for part in pair.partition("="))
        if not brandname or not number.isdecimal():
            where = settings.where("labels")
            raise GatewayConfigError(f"{where} takes BRANDNAME=NUMBER, several with commas")
        labels[brandname.upper()] = number
    return labels


ADAPTER = Adapter(
    build=VnptGateway,
    options=(
        Option("agent_id", "AGENTID", required=True),
        Option("contract_id", "CONTRACTID", required=True),
        Option("label_id", "LABELID: the brandname's number", required=True),
        Option("labels", "other brandnames' numbers: BRANDNAME=NUMBER, several with commas"),
        Option("api_user", "APIUSER", required=True),
        Option("api_pass", "APIPASS", required=True, secret=True),
        Option("username", "USERNAME: the agent's on VNPT's pages", required=True),
        Option("accents", "1: accented parameters go, which VinaPhone's own phones take", "0"),
        *described_receipts.OPTIONS,
    ),
)

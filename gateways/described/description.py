"""A whole description, read from its file."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateways.base import Alphabet, Capabilities, Proof, Reports, Templates
from gateways.described import answers, calls, webhooks
from gateways.described.answers import AnswerForm, Conditions, conditions
from gateways.described.calls import CallForm
from gateways.described.filling import ACCOUNT, MESSAGE
from gateways.described.reading import Table, read_file
from gateways.described.statuses import Statuses, read_statuses
from gateways.described.webhooks import InboundForm, ReceiptForm

_ALPHABETS = {alphabet.value: alphabet for alphabet in Alphabet}
_TEMPLATES = {kind.value: kind for kind in Templates}
_CURRENCY_LETTERS = 3


@dataclass(frozen=True, slots=True)
class BalanceForm:
    """How the balance is asked for, and where it stands in the answer."""

    call: CallForm
    amount: str
    currency: str
    scale: Decimal


@dataclass(frozen=True, slots=True)
class PollingForm:
    """How it is asked what became of a message, by the provider's id."""

    call: CallForm
    conditions: Conditions
    status: str
    statuses: Statuses


@dataclass(frozen=True, slots=True)
class Description:
    """How a provider is called, answers and calls back."""

    call: CallForm
    accented: Mapping[str, tuple[Any, Any]]  # by name: for plain words, and for accented ones
    answer: AnswerForm
    receipts: ReceiptForm | None
    inbound: InboundForm | None
    polling: PollingForm | None
    balance: BalanceForm | None
    capabilities: Capabilities

    @property
    def needs(self) -> set[str]:
        """The account's values that it cannot do without."""
        forms = [self.call, *(one.call for one in (self.polling, self.balance) if one)]
        hooks = [hook.webhook.signing for hook in (self.receipts, self.inbound) if hook]
        named = {name for form in forms for name in form.names}
        named |= {name for signing in hooks if signing for name in signing.names}
        return named & (ACCOUNT - {"base_url"})


def read(path: str, where: str) -> Description:
    """The description in a file. Raises `GatewayConfigError`, naming file and key."""
    file = read_file(path, where)
    send = file.table("send")
    accented = _accented(send)
    call = calls.read(send, ACCOUNT | MESSAGE | frozenset(accented))
    send.end()
    answer_table = file.table("answer")
    answer = answers.read(answer_table)
    answer_table.end()
    receipts_table, inbound_table = file.maybe("receipts"), file.maybe("inbound")
    receipts = webhooks.read_receipts(receipts_table) if receipts_table else None
    inbound = webhooks.read_inbound(inbound_table) if inbound_table else None
    if receipts and not (receipts.provider_id or receipts.reference):
        _must_carry_the_attempt(file, call)
    polling_table, balance_table = file.maybe("polling"), file.maybe("balance")
    polling = _polling(polling_table) if polling_table else None
    if polling and not answer.id:
        file.fail("polling", "needs answer.id: what would be asked about?")
    balance = _balance(balance_table) if balance_table else None
    able = _capabilities(file.table("able"), call, receipts, polling, inbound)
    file.end()
    return Description(call, accented, answer, receipts, inbound, polling, balance, able)


def _must_carry_the_attempt(file: Table, call: CallForm) -> None:
    if not {"callback_url", "callback_path"} & call.names:
        file.fail(
            "receipts.provider_id",
            "or reference is needed, or a {callback_url} in [send]: whose receipt is it?",
        )


def _accented(send: Table) -> dict[str, tuple[Any, Any]]:
    """Values that are one for plain words and another for accented ones."""
    values = {}
    table = send.table("by_alphabet")
    for name, pair in table.free().items():
        if not isinstance(pair, dict) or set(pair) != {"plain", "accented"}:
            table.fail(name, "takes { plain = …, accented = … }")
        if not name.isidentifier() or name in ACCOUNT | MESSAGE:
            table.fail(name, "is no name for a value of one's own")
        values[name] = (pair["plain"], pair["accented"])
    return values


def _polling(table: Table) -> PollingForm:
    form = PollingForm(
        call=calls.read(table, ACCOUNT | {"provider_id"}),
        conditions=conditions(table),
        status=table.text("status"),
        statuses=read_statuses(table),
    )
    if "provider_id" not in form.call.names:
        table.fail("url", "or what it carries needs {provider_id}")
    table.end()
    return form


def _balance(table: Table) -> BalanceForm:
    form = BalanceForm(
        call=calls.read(table, ACCOUNT),
        amount=table.text("amount"),
        currency=table.text("currency", "VND"),
        scale=Decimal(str(table.number("scale", 1.0))),
    )
    if len(form.currency) != _CURRENCY_LETTERS:
        table.fail("currency", "takes three letters, such as VND")
    table.end()
    return form


def _capabilities(
    table: Table,
    call: CallForm,
    receipts: ReceiptForm | None,
    polling: PollingForm | None,
    inbound: InboundForm | None,
) -> Capabilities:
    told = table.texts("alphabets") or ("gsm7",)
    for name in told:
        if name not in _ALPHABETS:
            table.fail("alphabets", f"takes {', '.join(_ALPHABETS)}")
    segments = table.number("max_segments", 1.0) or 1.0
    if not segments.is_integer():
        table.fail("max_segments", "takes a whole number")
    templates = table.choice("templates", _TEMPLATES, Templates.NONE.value)
    if (templates is Templates.BY_ID) != ("template_id" in call.names):
        table.fail("templates", 'goes with {template_id} in [send]: "by_id", and only then')
    capabilities = Capabilities(
        alphabets=frozenset(_ALPHABETS[name] for name in told),
        max_segments=int(segments),
        reports=Reports.PUSH if receipts else Reports.POLL if polling else Reports.NONE,
        deduplicates=table.flag("deduplicates"),
        can_look_up=False,
        receipt_proof=_receipt_proof(receipts, polling),
        inbound_proof=_proof(inbound) if inbound else None,
        takes_sender="sender" in call.names,
        templates=templates,
        refused_characters=frozenset(table.text("refused_characters", "")),
        messages_per_second=table.number("messages_per_second", None),
    )
    table.end()
    return capabilities


def _receipt_proof(receipts: ReceiptForm | None, polling: PollingForm | None) -> Proof:
    """What is unsigned and can be asked about is asked about before it is believed."""
    proof = _proof(receipts)
    return Proof.POLL if proof is Proof.ADDRESS and receipts and polling else proof


def _proof(hook: ReceiptForm | InboundForm | None) -> Proof:
    signing = hook.webhook.signing if hook else None
    return Proof.SIGNATURE if signing and signing.signs else Proof.ADDRESS

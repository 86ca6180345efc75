"""Receipts as a settings file describes them: for the `http` adapter, and for adapters whose
provider pushes reports to addresses that its contract names, in a form that no public page shows.
"""

from collections.abc import Mapping
from dataclasses import replace

from config.gateways import GatewaySettings, Option
from gateways.adapter import GatewayConfigError, word
from gateways.base import BadWebhook, Capabilities, Proof, Receipt, Reports, WebhookRequest
from gateways.described.answers import look, said
from gateways.described.filling import Values
from gateways.described.reading import read_file
from gateways.described.webhooks import ReceiptForm, read_receipts
from notifier.domain.operators import named

_LONGEST_STATUS = 40

OPTIONS = (
    Option(
        "receipts_file",
        "how the reports that the contract names are read, a TOML file with [receipts]: "
        "docs/gateways/http.md",
    ),
    Option("receipts_secret", "what that file calls {secret}", secret=True),
)


class DescribedReceipts:
    """Reads one gateway's receipts by their form."""

    def __init__(self, gateway: str, form: ReceiptForm, account: Values) -> None:
        self._gateway = gateway
        self._form = form
        self._account = account

    def with_reports(self, able: Capabilities) -> Capabilities:
        """What the gateway can do with them."""
        signing = self._form.webhook.signing
        proof = Proof.SIGNATURE if signing and signing.signs else Proof.ADDRESS
        return replace(able, reports=Reports.PUSH, receipt_proof=proof)

    def parse(self, request: WebhookRequest) -> list[Receipt]:
        """The reports in a call. Raises `BadSignature`, then `BadWebhook`."""
        form = self._form
        fields = form.webhook.fields(request, self._account)
        if fields is None:
            return []
        provider_id = word(look(fields, form.provider_id)) if form.provider_id else ""
        told = word(look(fields, form.reference)) if form.reference else ""
        reference, status = request.attempt or told, said(look(fields, form.status))
        report = form.statuses.report(status)
        if report is None or not (provider_id or reference):
            raise BadWebhook("a receipt needs whose it is, and a status of the table")
        code = status[:_LONGEST_STATUS]
        operator = named(said(look(fields, form.operator))) if form.operator else None
        receipt = Receipt(
            self._gateway, report, provider_id or None, reference or None, code, operator=operator
        )
        return [receipt]


def beside(settings: GatewaySettings) -> DescribedReceipts | None:
    """Those of an adapter with these `OPTIONS`; none without a file.

    Raises `GatewayConfigError`.
    """
    path = settings.options["receipts_file"]
    if not path:
        return None
    file = read_file(path, settings.where("receipts_file"))
    table = file.table("receipts")
    form = read_receipts(table)
    if not (form.provider_id or form.reference):
        table.fail("provider_id", "or reference is needed: whose receipt is it?")
    file.end()
    account: Mapping[str, str] = {"secret": settings.options["receipts_secret"]}
    named = form.webhook.signing.names if form.webhook.signing else set()
    if "secret" in named and not account["secret"]:
        told = f"{path} names {{secret}}"
        raise GatewayConfigError(f"{settings.where('receipts_secret')} is not set: {told}")
    return DescribedReceipts(settings.name, form, account)

"""What a provider posts, as it is described: receipts and citizens' SMS, signed or not."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from gateways.base import BadSignature, BadWebhook, WebhookRequest
from gateways.described.answers import Conditions, Fields, conditions, look, parse, said
from gateways.described.filling import PLACEHOLDER, Values
from gateways.described.reading import Table
from gateways.described.statuses import Statuses, read_statuses

_PLACES = {name: name for name in ("json", "form", "query", "xml")}
_HASHES = ("sha256", "sha1", "sha512", "md5")
_SHARED = "secret"
_ALGORITHMS = {
    **{f"hmac-{name}": (True, name) for name in _HASHES},
    **{name: (False, name) for name in _HASHES},
    _SHARED: (True, _SHARED),  # no signature: a word that only the provider was given
}
_ENCODINGS: Mapping[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "base64": lambda digest: base64.b64encode(digest).decode(),
}
_OK = 200  # a webhook has no status of its own


@dataclass(frozen=True, slots=True)
class Signing:
    """How a provider signs. What it signs is written with `{body}`, `{url}` and its own fields."""

    keyed: bool
    algorithm: str
    key: str
    over: str
    header: str
    field: str
    prefix: str
    encode: Callable[[bytes], str]

    @property
    def names(self) -> set[str]:
        """The account's values in it; the rest are the provider's fields."""
        return set(PLACEHOLDER.findall(f"{self.key}{self.over}"))

    def verify(self, request: WebhookRequest, fields: Fields, account: Values) -> None:
        """Raises `BadSignature`."""
        told, key = self._signed(request, fields, account), _filled(self.key, account)
        match self.keyed, self.algorithm:
            case _, "secret":
                right = self.prefix.encode() + key
            case True, algorithm:
                right = self._written(hmac.digest(key, told, algorithm))
            case False, algorithm:
                # The provider's to choose, and a secret is in it.
                right = self._written(hashlib.new(algorithm, told, usedforsecurity=False).digest())
        if not hmac.compare_digest(self._given(request, fields).encode(errors="replace"), right):
            raise BadSignature

    @property
    def signs(self) -> bool:
        """Whether it vouches for the words, not only for the caller."""
        return self.algorithm != _SHARED

    def _written(self, digest: bytes) -> bytes:
        return f"{self.prefix}{self.encode(digest)}".encode()

    def _signed(self, request: WebhookRequest, fields: Fields, account: Values) -> bytes:
        parts, end = [], 0
        for found in PLACEHOLDER.finditer(self.over):
            parts.append(self.over[end : found.start()].encode())
            parts.append(_part(found[1], request, fields, account))
            end = found.end()
        return b"".join((*parts, self.over[end:].encode()))

    def _given(self, request: WebhookRequest, fields: Fields) -> str:
        if self.field:
            return said(look(fields, self.field))
        headers = {name.lower(): value for name, value in request.headers.items()}
        return headers.get(self.header.lower(), "").strip()


def _part(name: str, request: WebhookRequest, fields: Fields, account: Values) -> bytes:
    if name == "body":
        return request.body
    if name == "url":
        return request.url.encode(errors="replace")
    value = account[name] if name in account else said(look(fields, name))
    return str(value).encode(errors="replace")


def _filled(text: str, account: Values) -> bytes:
    return PLACEHOLDER.sub(lambda found: str(account.get(found[1], "")), text).encode()


@dataclass(frozen=True, slots=True)
class WebhookForm:
    """Where a provider's call has its fields, which calls are meant, and who vouches for them."""

    place: str
    conditions: Conditions
    signing: Signing | None

    def fields(self, request: WebhookRequest, account: Values) -> Fields | None:
        """The call's fields; none where it is about something else.

        Raises `BadSignature`, then `BadWebhook`.
        """
        fields = self._read(request)
        if self.signing is not None:
            self.signing.verify(request, fields or {}, account)
        if fields is None:
            raise BadWebhook(f"the call carries no {self.place}")
        return fields if self.conditions.hold(_OK, fields) else None

    def _read(self, request: WebhookRequest) -> Fields | None:
        match self.place:
            case "query":
                return dict(request.query)
            case "form":
                text = request.body.decode("utf-8", "replace")
                return dict(parse_qsl(text, keep_blank_values=True)) or None
        return parse(request.body, self.place, None)


@dataclass(frozen=True, slots=True)
class ReceiptForm:
    """How a receipt is read."""

    webhook: WebhookForm
    provider_id: str
    reference: str
    status: str
    statuses: Statuses
    operator: str  # the path of the phone's, empty where it is not told


@dataclass(frozen=True, slots=True)
class InboundForm:
    """How a citizen's SMS is read."""

    webhook: WebhookForm
    id: str
    sender: str
    to: str
    text: str
    at: str


def instant(value: Any) -> datetime | None:
    """A time as providers write it: RFC 3339, or seconds or milliseconds since 1970."""
    text = said(value)
    try:
        if text.isdecimal():
            seconds = int(text) / (1000 if len(text) > _SECONDS_DIGITS else 1)
            return datetime.fromtimestamp(seconds, UTC)
        at = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return at.astimezone(UTC) if at.tzinfo else None


_SECONDS_DIGITS = 11


def read_receipts(table: Table) -> ReceiptForm:
    """How receipts are read. Raises `GatewayConfigError`."""
    webhook = _webhook(table)
    statuses = read_statuses(table)
    form = ReceiptForm(
        webhook=webhook,
        provider_id=table.text("provider_id", ""),
        reference=table.text("reference", ""),
        status=table.text("status"),
        statuses=statuses,
        operator=table.text("operator", ""),
    )
    table.end()
    return form


def read_inbound(table: Table) -> InboundForm:
    """How citizens' SMS are read. Raises `GatewayConfigError`."""
    form = InboundForm(
        webhook=_webhook(table),
        id=table.text("id", ""),
        sender=table.text("sender"),
        to=table.text("to", ""),
        text=table.text("text"),
        at=table.text("at", ""),
    )
    table.end()
    return form


def _webhook(table: Table) -> WebhookForm:
    place = table.choice("from", _PLACES, "json")
    signature = table.maybe("signature")
    return WebhookForm(place, conditions(table), _signing(signature) if signature else None)


def _signing(table: Table) -> Signing:
    keyed, algorithm = table.choice("algorithm", _ALGORITHMS)
    form = Signing(
        keyed=keyed,
        algorithm=algorithm,
        key=table.text("key", ""),
        over=table.text("over", "{body}"),
        header=table.text("header", ""),
        field=table.text("field", ""),
        prefix=table.text("prefix", ""),
        encode=table.choice("encoding", _ENCODINGS, "hex"),
    )
    if bool(form.header) == bool(form.field):
        table.fail("header", "or field is needed, one of them: where the signature stands")
    secrets = {"secret", "secret_2"}
    if not secrets & set(PLACEHOLDER.findall(form.key if keyed else form.over)):
        told = "key" if keyed else "over"
        table.fail(told, "names no {secret} and no {secret_2}: anybody could sign so")
    table.end()
    return form

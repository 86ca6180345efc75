"""A call as it is described: method, address, headers, and what it carries."""

import base64
import json
import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape as escape_xml

from gateways.described.filling import Escape, Values, check, fill, fill_all, names_in
from gateways.described.reading import Table
from gateways.http import HttpRequest


class Body(StrEnum):
    """How a call carries its fields."""

    NONE = "none"
    JSON = "json"
    FORM = "form"
    WORDS = "words"  # a text with placeholders: XML, or whatever the provider wants


# A header is one line of plain letters.
_NO_HEADER = frozenset({"text", "parameters", "parameter_values"})


def _is_json(value: object) -> bool:
    match value:
        case float():
            return math.isfinite(value)
        case list() | tuple():
            return all(_is_json(one) for one in value)
        case dict():
            return all(_is_json(one) for one in value.values())
    return value is None or isinstance(value, str | int)


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _in_address(text: str) -> str:
    return quote(text, safe="")


_METHODS = {name: name for name in ("GET", "POST", "PUT")}
_BODIES = {body.value: body for body in Body}
_ESCAPES: dict[str, Escape] = {
    "xml": lambda text: escape_xml(text, {"\r": "&#13;", '"': "&quot;", "'": "&apos;"}),
    "json": _in_json,
    "url": _in_address,
    "none": str,
}
_CONTENT_TYPES = {
    Body.JSON: "application/json",
    Body.FORM: "application/x-www-form-urlencoded",
}


@dataclass(frozen=True, slots=True)
class CallForm:
    """How a call is made from values."""

    method: str
    url: str
    headers: dict[str, Any]
    query: dict[str, Any]
    body: Body
    fields: dict[str, Any]
    words: str
    escape: Escape
    basic: tuple[str, str] | None

    @property
    def names(self) -> set[str]:
        """Every placeholder in it."""
        said = [self.url, self.headers, self.query, self.fields, self.words, self.basic or ()]
        return {name for one in said for name in names_in(one)}

    def build(self, values: Values) -> HttpRequest:
        """The request."""
        headers = {name: fill(value, values) for name, value in self.headers.items()}
        if self.basic:
            told = ":".join(fill(part, values) for part in self.basic)
            headers["Authorization"] = f"Basic {base64.b64encode(told.encode()).decode()}"
        if self.body in _CONTENT_TYPES:
            headers.setdefault("Content-Type", _CONTENT_TYPES[self.body])
        url = self._address(values)
        return HttpRequest(self.method, url, headers, self._body(values))

    def _address(self, values: Values) -> str:
        # The provider's own address is written as it is; what comes with a message is escaped.
        escaped = {
            name: value if name == "base_url" else _in_address(str(value))
            for name, value in values.items()
        }
        url = fill(self.url, escaped)
        return f"{url}?{urlencode(_flat(self.query, values))}" if self.query else url

    def _body(self, values: Values) -> bytes | None:
        match self.body:
            case Body.JSON:
                return json.dumps(fill_all(self.fields, values), ensure_ascii=False).encode()
            case Body.FORM:
                return urlencode(_flat(self.fields, values)).encode()
            case Body.WORDS:
                return fill(self.words, values, self.escape).encode()
        return None


def _flat(fields: dict[str, Any], values: Values) -> dict[str, str]:
    return {name: fill(str(value), values) for name, value in fields.items()}


def read(table: Table, known: frozenset[str]) -> CallForm:
    """The call of one table. Raises `GatewayConfigError`."""
    basic = table.maybe("basic")
    form = CallForm(
        method=table.choice("method", _METHODS, "POST"),
        url=table.text("url"),
        headers=table.table("headers").free(),
        query=table.table("query").free(),
        body=table.choice("body", _BODIES, Body.NONE.value),
        fields=table.table("fields").free(),
        words=table.text("words", ""),
        escape=table.choice("escape", _ESCAPES, "xml"),
        basic=(basic.text("user", ""), basic.text("password", "")) if basic else None,
    )
    if basic:
        basic.end()
    for key in ("url", "headers", "query", "fields", "words", "basic"):
        there = known - _NO_HEADER if key == "headers" else known
        check(table, key, getattr(form, key), there)
        if not _is_json(getattr(form, key)):
            table.fail(key, "takes texts, numbers, true, false, lists and tables, and no dates")
    if not form.url.startswith(("{base_url}", "https://", "http://")):
        table.fail("url", "starts with {base_url}, https:// or http://")
    if not all(isinstance(value, str) for value in form.headers.values()):
        table.fail("headers", "takes texts alone")
    for flat in ("query", *(("fields",) if form.body is Body.FORM else ())):
        if any(isinstance(value, list | dict) for value in getattr(form, flat).values()):
            table.fail(flat, "takes no lists and no tables here")
    if (form.body in {Body.JSON, Body.FORM}) != bool(form.fields):
        table.fail("fields", "goes with body = json or form, and they with it")
    if (form.body is Body.WORDS) != bool(form.words):
        table.fail("words", 'goes with body = "words", and it with them')
    return form

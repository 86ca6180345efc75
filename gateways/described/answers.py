"""An answer as it is described: where its fields are, and what each means.

Fields are named by a path: `data.tranId`, `results.0.id`; the names of a text's pattern; the
elements of XML without their namespaces. Rules are tried in order, then the table of codes, then
what a success looks like. What none of them says is unknown, never a success.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from gateways.adapter import unheard, word
from gateways.base import Accepted, Deferred, Fault, OutcomeUnknown, Rejected, SendError
from gateways.described.reading import Table
from gateways.http import HttpReply
from notifier.domain.operators import named

Fields = Mapping[str, Any]


class Meaning(StrEnum):
    """What an answer means: an outcome, or whose fault a refusal is."""

    ACCEPTED = "accepted"
    NUMBER = "number"
    CHANNEL = "channel"
    CONTENT = "content"
    ACCOUNT = "account"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"


_MEANINGS = {meaning.value: meaning for meaning in Meaning}
_FORMATS = ("json", "text", "xml")


@dataclass(frozen=True, slots=True)
class Conditions:
    """What must hold of an answer: all of it."""

    http: frozenset[int]  # none: whatever the status
    when: Mapping[str, frozenset[str]]  # by path: the words that it may be
    present: tuple[str, ...]  # paths that are there and not empty
    absent: tuple[str, ...]

    @property
    def needs_fields(self) -> bool:
        return bool(self.when or self.present or self.absent)

    def hold(self, status: int, fields: Fields | None) -> bool:
        """Whether they do. Without readable fields, only what asks for the status alone."""
        if self.http and status not in self.http:
            return False
        if fields is None:
            return not self.needs_fields
        return (
            all(said(look(fields, path)) in words for path, words in self.when.items())
            and all(look(fields, path) for path in self.present)
            and not any(look(fields, path) for path in self.absent)
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """What an answer means where the conditions hold."""

    conditions: Conditions
    meaning: Meaning
    wait_s: float | None
    only_this: bool


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """How the answer to a message is read."""

    format: str
    pattern: re.Pattern[str] | None
    code: str
    id: str
    success: Conditions
    rules: tuple[Rule, ...]
    codes: Mapping[str, Meaning]
    wait_header: str
    operator: str  # the path of the phone's, empty where it is not told

    def fields(self, reply: HttpReply) -> Fields | None:
        """What the body says; none where it cannot be read."""
        return parse(reply.body, self.format, self.pattern)

    def judge(self, reply: HttpReply, fields: Fields | None) -> bool:
        """Whether the table of codes says taken. Raises what the rules and the codes refuse."""
        code = said(look(fields, self.code)) if fields is not None and self.code else ""
        for rule in self.rules:
            if rule.conditions.hold(reply.status, fields):
                raise _outcome(rule.meaning, code, reply, rule.wait_s, only_this=rule.only_this)
        if code not in self.codes:
            return False
        if self.codes[code] is not Meaning.ACCEPTED:
            raise _outcome(self.codes[code], code, reply)
        return reply.status in self.success.http

    def read(self, reply: HttpReply) -> Accepted:
        """The outcome. Raises `Rejected`, `Deferred` or `OutcomeUnknown`."""
        fields = self.fields(reply)
        taken = self.judge(reply, fields)
        if fields is None:
            raise OutcomeUnknown(f"not_{self.format}")
        if not taken and not self.success.hold(reply.status, fields):
            raise unheard(said(look(fields, self.code)) if self.code else "", reply)
        provider_id = word(look(fields, self.id)) if self.id else ""
        if self.id and not provider_id and not taken:
            raise OutcomeUnknown("no_id")
        operator = named(said(look(fields, self.operator))) if self.operator else None
        return Accepted(provider_id or None, operator)


def _outcome(
    meaning: Meaning,
    code: str,
    reply: HttpReply,
    wait_s: float | None = None,
    *,
    only_this: bool = False,
) -> SendError:
    shown = unheard(code, reply)
    match meaning:
        case Meaning.DEFERRED:
            return Deferred(shown.code, wait_s, only_this=only_this)
        case Meaning.UNKNOWN | Meaning.ACCEPTED:
            return shown
        case fault:
            return Rejected(Fault(fault.value), shown.code)


def parse(body: bytes, kind: str, pattern: re.Pattern[str] | None) -> Fields | None:
    """A body's fields; none where it is not of that kind."""
    match kind:
        case "json":
            try:
                told = json.loads(body)
            except (ValueError, RecursionError):
                return None
            return told if isinstance(told, dict) else None
        case "xml":
            try:
                root: Element = fromstring(body, forbid_dtd=True)
            except (ParseError, DefusedXmlException, ValueError, LookupError):
                return None
            return {_local(root): _tree(root)}
    found = pattern.search(body.decode("utf-8", "replace")) if pattern else None
    return found.groupdict("") if found else None


_DEEPEST = 32


def _tree(element: Element, depth: int = 0) -> Any:
    """An element's text, or its children by name; the first of those of one name."""
    if len(element) == 0 or depth >= _DEEPEST:
        return (element.text or "").strip()
    children: dict[str, Any] = {}
    for child in element:
        children.setdefault(_local(child), _tree(child, depth + 1))
    return children


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def look(fields: Any, path: str) -> Any:
    """The value at a path; none where there is none."""
    value = fields
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def said(value: object) -> str:
    """A value as a description writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, float) else word(value)


def conditions(table: Table, default_http: tuple[int, ...] = ()) -> Conditions:
    """The conditions of a table. Raises `GatewayConfigError`."""
    when = {}
    for path, value in table.table("when").free().items():
        words = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str | int | float) for one in words):
            table.fail(f"when.{path}", "takes a value, or a list of values")
        when[path] = frozenset(said(one) for one in words)
    return Conditions(
        http=table.statuses("http") or frozenset(default_http),
        when=when,
        present=table.texts("present"),
        absent=table.texts("absent"),
    )


def meanings(table: Table, key: str) -> dict[str, Meaning]:
    """A table from a provider's codes to meanings. Raises `GatewayConfigError`."""
    codes = {}
    for code, value in table.table(key).free().items():
        if value not in _MEANINGS:
            table.fail(f"{key}.{code}", f"takes {', '.join(_MEANINGS)}")
        codes[code] = _MEANINGS[value]
    return codes


def read(table: Table) -> AnswerForm:
    """How answers are read. Raises `GatewayConfigError`."""
    kind = table.choice("format", {name: name for name in _FORMATS}, "json")
    told = table.text("pattern", "")
    if bool(told) != (kind == "text"):
        table.fail("pattern", 'goes with format = "text", and it with a pattern')
    try:
        pattern = re.compile(told) if told else None
    except re.error as problem:
        table.fail("pattern", f"is no regular expression: {problem.msg}")
    if pattern is not None and not pattern.groupindex:
        table.fail("pattern", "needs a named group: (?P<id>…)")
    success = table.table("success")
    form = AnswerForm(
        format=kind,
        pattern=pattern,
        code=table.text("code", ""),
        id=table.text("id", ""),
        success=conditions(success, (HTTPStatus.OK,)),
        rules=tuple(_rule(one) for one in table.tables("rules")),
        codes=meanings(table, "codes"),
        wait_header=table.text("wait_header", "Retry-After"),
        operator=table.text("operator", ""),
    )
    if not (form.success.when or form.success.present):
        # Else any page with that status, a proxy's or a provider's, would be a success.
        success.fail("when", "is missing: a success must be read off the answer's fields")
    if form.codes and not form.code:
        table.fail("code", "is missing: the path of what the table of codes lists")
    success.end()
    return form


def _rule(table: Table) -> Rule:
    rule = Rule(
        conditions=conditions(table),
        meaning=table.choice("means", _MEANINGS),
        wait_s=table.number("wait_s", None),
        only_this=table.flag("only_this"),
    )
    if rule.meaning is Meaning.ACCEPTED:
        table.fail("means", "takes no accepted: that is [answer.success]")
    if not (rule.conditions.http or rule.conditions.needs_fields):
        table.fail("when", "is missing: a rule needs http, when, present or absent")
    if rule.meaning is not Meaning.DEFERRED and (rule.wait_s is not None or rule.only_this):
        table.fail("wait_s", 'and only_this go with means = "deferred"')
    table.end()
    return rule

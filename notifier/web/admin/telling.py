"""An entry of the audit log in words that its readers know; values as people write them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from flask import url_for

from notifier.domain.clock import read_instant
from notifier.services.audit import Entry
from notifier.web.admin import prints
from notifier.web.admin.words import Speaker

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\S+")
_TEMPLATE = re.compile(r"([^/]+)/([a-z_]+)/([a-z]+)(?:/([a-z]+))?")
_OFFICES = frozenset({"said_by", "office", "offices", "parent"})
_MONEY = frozenset({"daily_dong", "monthly_dong"})
KINDS = {
    "state": "state", "reason": "reason", "on_unknown": "on_unknown", "form": "form_of_words",
    "filled_in": "placeholder", "kind": "day_kind",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """What one field said before and says now; empty where the entry does not tell."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Thing:
    """What an entry is about, and where it is shown, if it is."""

    name: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells entries in a language; `offices`: what each is called."""

    say: Speaker
    named: Speaker
    offices: Mapping[str, str]

    def changes(self, entry: Entry) -> tuple[Change, ...]:
        """The fields that differ, in their order."""
        before, after = entry.before or {}, entry.after or {}
        kind = entry.action.partition(".")[0]
        return tuple(
            Change(
                self.named("field", name),
                self._value(name, before[name], kind) if name in before else None,
                self._value(name, after[name], kind) if name in after else None,
            )
            for name in dict.fromkeys((*before, *after))
            if before.get(name) != after.get(name)
        )

    def thing(self, entry: Entry) -> Thing:
        """The object by the name that its readers know, not by its id."""
        of, kind = entry.object, entry.action.partition(".")[0]
        if entry.object_name is not None:
            return Thing(entry.object_name, url_for("admin.users.show", user_id=of))
        if of in self.offices:
            return Thing(self.offices[of], url_for("admin.offices.show", office=of))
        if of.startswith("msg_"):
            return Thing(of, url_for("admin.messages.show", message_id=of))
        if kind in {"template", "situation"} and (cell := _TEMPLATE.fullmatch(of)):
            return self._words(*cell.groups())
        return Thing(of, None)

    def _words(self, office: str, event: str, channel: str, language: str | None) -> Thing:
        said = f"{self.named('type', event)} · {self.named('channel', channel)}"
        if language is not None:
            said += f" · {self.named('words', language)}"
        at = "/".join(quote(one, safe="") for one in (office, event, channel, language or "vi"))
        return Thing(said, f"/admin/templates/{at}")

    def _value(self, name: str, value: Any, kind: str) -> str:
        if value is None:
            inherits = name in {"sends", "live"}
            return self.say("audit.from_above" if inherits else "audit.none_said")
        if isinstance(value, bool):
            return self.say("audit.yes" if value else "audit.no")
        if isinstance(value, int):
            return prints.money(value) if name in _MONEY else prints.count(value)
        if isinstance(value, list):
            return self._list(name, value, kind)
        if isinstance(value, dict):
            return ", ".join(
                f"{self.named('field', key)} {self._value(key, inner, kind)}"
                for key, inner in value.items()
            )
        return self._text(name, str(value), kind)

    def _list(self, name: str, values: list[Any], kind: str) -> str:
        if name == "steps":
            return "; ".join(f"{n}. {_step(step)}" for n, step in enumerate(values, 1))
        return ", ".join(self._value(name, one, kind) for one in values) or self.say("roles.none")

    def _text(self, name: str, value: str, kind: str) -> str:
        if value == "***":
            return self.say("audit.hidden")
        if name == "roles":
            role, _, office = value.partition("@")
            where = self.say("everywhere") if office == "*" else self.offices.get(office, office)
            return self.say("role.at", role=self.named("role", role), office=where)
        if name == "status":
            return self.named("registered" if kind == "registration" else "status", value)
        if name in _OFFICES:
            return self.offices.get(value) or self.named("said", value)
        if name in KINDS:
            return self.named(KINDS[name], value)
        return _written(value)


def _written(value: str) -> str:
    """A day or an instant as people write it; else the value."""
    try:
        if _DAY.fullmatch(value):
            return f"{date.fromisoformat(value):%d/%m/%Y}"
        if _INSTANT.fullmatch(value):
            instant: datetime = read_instant(value)
            return prints.when(instant)
    except ValueError:
        pass
    return value


def _step(step: Mapping[str, Any]) -> str:
    shares: Mapping[str, int] = step.get("gateways", {})
    several = len(shares) > 1
    told = " ".join(f"{name} {share}" if several else name for name, share in shares.items())
    only = " ".join((*step.get("languages", ()), *step.get("encodings", ())))
    return f"{told} ({only})" if only else told

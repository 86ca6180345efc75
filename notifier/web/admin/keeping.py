"""What was typed when its session was over: carried through the login, and given back.

It travels in forms alone, is kept nowhere, and changes nothing. Words of the editor stand in the
editor again, as if they had just been typed; of other forms whoever logs in reads what stood in
them, and sends it or not. Those travel sealed, since the login is everybody's to see, and only with
what is named here: never a password, a code or a phone.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType

from flask import request, url_for

from notifier.domain.placeholders import PLACEHOLDERS
from notifier.store.sealing import SealBroken, Sealer
from notifier.web.admin.doors import HOME

# Forms of the editor, whose words would be lost.
_EDITING = frozenset(
    f"admin.editor.{one}" for one in ("save", "attempt", "send_test", "own_phone", "verify_phone")
)
_LONGEST = 4000
_EDITORS = f"{HOME}/templates/"


@dataclass(frozen=True, slots=True)
class Kept:
    """What was typed, and the editor where it was."""

    href: str
    text: str = field(repr=False)
    reason: str = field(repr=False)
    after: str


@dataclass(frozen=True, slots=True)
class Filled:
    """What was typed into another form, what sending it does, and the page where it stood."""

    word: str
    action: str
    back: str
    fields: Mapping[str, str] = field(repr=False)
    sealed: str = field(repr=False)  # all of it, as it travels


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of one line or two: its button's word, its page, what people type, what goes along."""

    word: str
    page: str
    typed: tuple[str, ...]
    along: tuple[str, ...] = ()


_REASON = ("reason",)
_TEMPLATE = "admin.editor.show"
_FORMS: Mapping[str, _Form] = MappingProxyType(
    {
        "admin.mending.correct": _Form(
            "mend.correct", "admin.messages.show", tuple(f"value_{name}" for name in PLACEHOLDERS)
        ),
        "admin.deciding.send_back": _Form("do.send_back", _TEMPLATE, ("remark",)),
        "admin.deciding.roll_back": _Form("roll_back", _TEMPLATE, _REASON),
        "admin.deciding.inherit": _Form("sure.inherit_do", _TEMPLATE, _REASON),
        "admin.deciding.switch": _Form("sure.above_do", _TEMPLATE, _REASON, ("sends",)),
        "admin.users.create": _Form(
            "users.create", "admin.users.list_users", ("name", "email"), ("role", "office")
        ),
        "admin.offices.allow_link": _Form("add", "admin.offices.show", ("host",)),
    }
)
_SEALED = {"table": "forms", "column": "filled", "row": ""}


def of_form(sealer: Sealer) -> Filled | None:
    """What the form holds that was just sent, if people type into it and it can be carried."""
    known = _FORMS.get(request.endpoint or "")
    if known is None or not any(request.form.get(name, "").strip() for name in known.typed):
        return None
    at = {name: value for name, value in (request.view_args or {}).items() if name != "number"}
    fields = {
        name: value[:_LONGEST]
        for name in (*known.along, *known.typed)
        if (value := request.form.get(name, ""))
    }
    told = Filled(known.word, request.path, url_for(known.page, **at), fields, "")
    cipher = sealer.seal(json.dumps(asdict(told)), **_SEALED)
    return Filled(**{**asdict(told), "sealed": base64.urlsafe_b64encode(cipher).decode()})


def carried_form(sealer: Sealer) -> Filled | None:
    """What the form of a login carries on; only what was sealed here."""
    sealed = request.form.get("kept_form", "")
    try:
        told = json.loads(sealer.open(base64.urlsafe_b64decode(sealed), **_SEALED))
    except (SealBroken, binascii.Error, ValueError):
        return None
    return Filled(**{**told, "sealed": sealed})


def of_editor() -> Kept | None:
    """What the form holds that was just sent, if it is one of an editor."""
    if request.endpoint not in _EDITING or not request.form.get("text"):
        return None
    href = url_for("admin.editor.show", **(request.view_args or {}))
    return _kept(href, "")


def carried() -> Kept | None:
    """What the form of a login carries on; only ever back into an editor of ours."""
    href = request.form.get("kept_href", "")
    plain = href.isprintable() and "\\" not in href and "//" not in href
    if not plain or not href.startswith(_EDITORS):
        return None
    return _kept(href, "kept_")


def from_our_own_page() -> bool:
    """Whether a page of this site sent the form, by what every browser of today says."""
    return request.headers.get("Sec-Fetch-Site") == "same-origin"


def _kept(href: str, prefix: str) -> Kept:
    given = {name: request.form.get(f"{prefix}{name}", "") for name in ("text", "reason", "after")}
    return Kept(href, **{name: value[:_LONGEST] for name, value in given.items()})

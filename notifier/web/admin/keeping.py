"""What stood in the editor when its session was over: carried through the login, and given back.

It travels in forms alone, is kept nowhere, and changes nothing: whoever logs in finds it in the
editor, as if they had just typed it.
"""

from dataclasses import dataclass, field

from flask import request, url_for

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

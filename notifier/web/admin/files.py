"""The files that pages load, each under a name that changes with what is in it.

So a browser keeps one for ever, and a new release is seen at once. During a restart a page of one
release may ask a process of the other: it gets what there is, and keeps it for that page alone.
"""

import hashlib
from dataclasses import dataclass
from importlib import resources

from flask import Blueprint, Response, abort

FOREVER = "public, max-age=31536000, immutable"
_MEDIA_TYPES = {
    "admin.css": "text/css",
    "phones.css": "text/css",
    "admin.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    named: str


class Files:
    """Read once, when the pages are put together."""

    def __init__(self, home: str) -> None:
        self._at = f"{home}/assets"
        folder = resources.files(__package__).joinpath("assets")
        self._files = {
            name: _file(name, folder.joinpath(name).read_bytes()) for name in _MEDIA_TYPES
        }

    def href(self, name: str) -> str:
        """Where a page finds the file, its hash in the name."""
        return f"{self._at}/{self._files[name].named}"

    def register(self, routes: Blueprint) -> None:
        """Serve them."""

        @routes.get("/assets/<name>")
        def asset(name: str) -> Response:
            stem, _, ending = name.partition(".")[0], "", name.rpartition(".")[2]
            plain = f"{stem}.{ending}"
            if plain not in self._files:
                abort(404)
            file = self._files[plain]
            answer = Response(file.body, content_type=f"{_MEDIA_TYPES[plain]}; charset=utf-8")
            if name == file.named:
                answer.headers["Cache-Control"] = FOREVER
            return answer


def _file(name: str, body: bytes) -> _File:
    stem, _, ending = name.partition(".")
    return _File(body, f"{stem}.{hashlib.sha256(body).hexdigest()[:_DIGITS]}.{ending}")

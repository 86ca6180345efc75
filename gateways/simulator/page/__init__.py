"""The citizens' phones as a page: its words (`words`), its HTML, CSS and scripts.

Nothing is fetched from elsewhere and nothing runs inline; whatever a message says is put into
the page as text.
"""

import html
import json
from importlib import resources
from string import Template

from aiohttp import web

from gateways.simulator.numbers import MAGIC
from gateways.simulator.page.words import WORDS

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_ASSETS = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "phones.js": "text/javascript",
    "shared.js": "text/javascript",
    "thread.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
_DEFAULT_LANGUAGE = "vi"


def routes(api_url: str) -> list[web.RouteDef]:
    """The page at `/` and what it loads; its example posts to that API."""

    async def page(request: web.Request) -> web.Response:
        language = request.query.get("lang", _DEFAULT_LANGUAGE)
        text = rendered(language, api_url)
        return web.Response(text=text, content_type="text/html", charset="utf-8")

    return [web.get("/", page), web.get("/page/{name}", _asset)]


def rendered(language: str, api_url: str) -> str:
    """The page in a language; Vietnamese for one it does not speak."""
    lang = language if language in WORDS else _DEFAULT_LANGUAGE
    words = WORDS[lang]
    escaped = {name: html.escape(word) for name, word in words.items()}
    numbers = "".join(
        f"<div><dt>{html.escape(phone)}</dt><dd>{escaped[f'magic_{magic.value}']}</dd></div>"
        for phone, magic in MAGIC.items()
    )
    return Template(_text("page.html")).substitute(
        escaped,
        lang=lang,
        words=html.escape(json.dumps(words)),
        magic_numbers=numbers,
        api_url=html.escape(api_url),
    )


async def _asset(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in _ASSETS:
        raise web.HTTPNotFound
    return web.Response(text=_text(name), content_type=_ASSETS[name], charset="utf-8")


def _text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")

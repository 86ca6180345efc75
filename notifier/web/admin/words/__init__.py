"""What the pages say, in Vietnamese and in English: one entry holds both, so none can lack."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from notifier.web.admin.words import alerts, audit, frame, messages, offices, people, templates

LANGUAGES = ("vi", "en")
DEFAULT_LANGUAGE = LANGUAGES[0]

WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        **frame.WORDS,
        **templates.WORDS,
        **messages.WORDS,
        **alerts.WORDS,
        **offices.WORDS,
        **people.WORDS,
        **audit.WORDS,
    }
)

Speaker = Callable[..., str]


def speaker(language: str) -> Speaker:
    """Says a word of the catalogue: `say("login.wait", seconds=4)`. Raises `KeyError`."""
    at = LANGUAGES.index(language)

    def say(name: str, /, **values: object) -> str:
        words = WORDS[name][at]
        return words.format(**values) if values else words

    return say


def namer(language: str) -> Speaker:
    """What a code is called, `named("reason", "phone")`; one that is new here is said as it is."""
    at = LANGUAGES.index(language)

    def named(kind: str, code: str | None, /) -> str:
        words = WORDS.get(f"{kind}.{code}")
        return words[at] if words else code or ""

    return named

"""How a provider counts an SMS: its encoding and its segments, of the text exactly as it came.

Written from 3GPP TS 23.038 §6.2.1 and TS 23.040 §9.2.3.24.1, and deliberately not
`notifier.domain.text`: the ledger must not share that module's mistakes, and a provider
composes no letters, so accents sent apart from their letters are counted apart.
"""

from dataclasses import dataclass, field

# Table 0 of §6.2.1 row by row; the escape itself (0x1B) stands for no character.
_ALPHABET = frozenset(
    "@Δ 0¡P¿p£_!1AQaq$Φ\"2BRbr¥Γ#3CScsèΛ¤4DTdtéΩ%5EUeuùΠ&6FVfvìΨ'7GWgwòΣ(8HXhx"
    "ÇΘ)9IYiy\nΞ*:JZjzØ+;KÄkäøÆ,<LÖlö\ræ-=MÑmñÅß.>NÜnüåÉ/?O§oà"
)
_ESCAPED = frozenset("\f^{}\\[~]|€")
_ROOM = {"gsm7": (160, 153), "ucs2": (70, 67)}  # in one SMS alone, and in one of several
_BEYOND_BMP = 0x10000


@dataclass(frozen=True, slots=True)
class Part:
    """One segment: its text and how full it is, in septets or UTF-16 units."""

    text: str = field(repr=False)
    units: int
    room: int


@dataclass(frozen=True, slots=True)
class Counted:
    """A text as it goes on the air; `forcing` is what GSM-7 has no place for, each once."""

    encoding: str  # gsm7 or ucs2
    parts: tuple[Part, ...]
    forcing: tuple[str, ...]


def count(text: str) -> int:
    """The segments of the text."""
    letters = set(text)
    if letters <= _ALPHABET:
        return _even(len(text), *_ROOM["gsm7"])
    if not letters <= _ALPHABET | _ESCAPED and max(text) < chr(_BEYOND_BMP):
        return _even(len(text), *_ROOM["ucs2"])
    return len(counted(text).parts)


def counted(text: str) -> Counted:
    """The text's encoding and its segments, one by one."""
    forcing = tuple(dict.fromkeys(c for c in text if c not in _ALPHABET and c not in _ESCAPED))
    encoding = "ucs2" if forcing else "gsm7"
    alone, among = _ROOM[encoding]
    widths = [_width(character, encoding) for character in text]
    if sum(widths) <= alone:
        return Counted(encoding, (Part(text, sum(widths), alone),), forcing)
    parts, start, used = [], 0, 0
    for place, width in enumerate(widths):
        # A character of two units never stands half in one segment and half in the next.
        if used + width > among:
            parts.append(Part(text[start:place], used, among))
            start, used = place, 0
        used += width
    return Counted(encoding, (*parts, Part(text[start:], used, among)), forcing)


def _width(character: str, encoding: str) -> int:
    if encoding == "gsm7":
        return 2 if character in _ESCAPED else 1
    return 2 if ord(character) >= _BEYOND_BMP else 1


def _even(units: int, alone: int, among: int) -> int:
    return 1 if units <= alone else -(-units // among)

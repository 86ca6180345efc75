"""The text of an SMS: its normal form, its toneless form, its encoding and its segments.

Alphabet and packing: 3GPP TS 23.038 §6.2.1 (GSM 7-bit default alphabet and extension table),
§6.2.3 (UCS-2, in which characters beyond the BMP take a surrogate pair), and TS 23.040
§9.2.3.24.1 (concatenation: an 8-bit reference leaves 153 septets or 67 units a part).
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

GSM7_DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = "\f^{}\\[~]|€"

GSM7_SINGLE, GSM7_PART = 160, 153
UCS2_SINGLE, UCS2_PART = 70, 67

_CLASS = re.escape
_IN_DEFAULT = re.compile(f"[{_CLASS(GSM7_DEFAULT)}]*")
_IN_GSM7 = re.compile(f"[{_CLASS(GSM7_DEFAULT + GSM7_EXTENSION)}]*")
_NOT_GSM7 = re.compile(f"[^{_CLASS(GSM7_DEFAULT + GSM7_EXTENSION)}]")
_EXTENSION = frozenset(GSM7_EXTENSION)
_SURROGATE = re.compile("[\ud800-\udfff]")

# Soft hyphen, zero-width characters, bidirectional controls, word joiners, variation selectors.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"
)
_BMP_END = 0xFFFF

# What survives the removal of tones and still would force UCS-2, or reads ill.
_TYPOGRAPHIC = str.maketrans(
    {
        "đ": "d", "Đ": "D",
        "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "″": '"', "〝": '"', "〞": '"',
        "‘": "'", "’": "'", "‚": "'", "‛": "'", "′": "'", "‹": "'", "›": "'", "`": "'", "´": "'",
        "ʼ": "'", "ʹ": "'",
        "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "⁃": "-", "－": "-",
        "…": "...", "•": "-", "·": ".", "●": "-", "▪": "-", "◦": "-", "‣": "-",
        "₫": "d", "×": "x", "÷": "/", "⁄": "/", "∕": "/",
        "№": "So", "©": "(c)", "®": "(R)", "™": "(TM)", "°": " do",
        "\t": " ", "\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\x0b": "\n",
    }
)  # fmt: skip
# The precomposed Latin letters with their plain ones: the common text needs no decomposition.
_FAST = _TYPOGRAPHIC | {
    code: unicodedata.normalize("NFD", chr(code))[0]
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if unicodedata.normalize("NFD", chr(code))[0].isascii()
}
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


class Encoding(StrEnum):
    GSM7 = "gsm7"
    UCS2 = "ucs2"


class LoneSurrogate(ValueError):
    """Half of a surrogate pair, which no SMS and no UTF-8 can carry."""

    def __init__(self, position: int) -> None:
        super().__init__(f"the text has half a surrogate pair at position {position}")
        self.position = position


@dataclass(frozen=True, slots=True)
class TextAnalysis:
    """How a text goes out.

    `text` is the input in NFC and nothing else changed; `units` counts septets (an extension
    character takes two) or UTF-16 code units of the text itself; an empty text takes one
    segment, as an empty SMS does; `forcing` holds each character that forces UCS-2 once, in the
    order of appearance.
    """

    text: str
    encoding: Encoding
    units: int
    segments: int
    forcing: tuple[str, ...]

    @property
    def over(self) -> int:
        """By how many units it misses one segment less; 0 for a text of one."""
        single, part = _capacities(self.encoding)
        fewer = self.segments - 1
        if fewer == 0:
            return 0
        return self.units - (single if fewer == 1 else part * fewer)

    def as_json(self) -> dict[str, Any]:
        """The shape that `baotin text --json` prints."""
        return {
            "text": self.text,
            "encoding": self.encoding.value,
            "units": self.units,
            "segments": self.segments,
            "forcing": list(self.forcing),
        }


@dataclass(frozen=True, slots=True)
class TextReport:
    """A text as it is and in its toneless form."""

    accented: TextAnalysis
    toneless: TextAnalysis

    def as_json(self) -> dict[str, Any]:
        """The shape that `baotin text --json` prints."""
        return {**self.accented.as_json(), "toneless": self.toneless.as_json()}


def analyse(text: str) -> TextAnalysis:
    """Encoding, units and segments of the text. Raises `LoneSurrogate`."""
    text = _normal(text)
    if _IN_DEFAULT.fullmatch(text):
        units = len(text)
        segments = 1 if units <= GSM7_SINGLE else -(-units // GSM7_PART)
        return TextAnalysis(text, Encoding.GSM7, units, segments, ())
    if _IN_GSM7.fullmatch(text):
        return _packed(text, Encoding.GSM7, ())
    return _packed(text, Encoding.UCS2, tuple(dict.fromkeys(_NOT_GSM7.findall(text))))


def analyse_forms(text: str) -> TextReport:
    """The text as it is and toneless. Raises `LoneSurrogate`."""
    return TextReport(analyse(text), analyse(toneless(text)))


def split(text: str) -> list[str]:
    """The text of each segment, in order. Raises `LoneSurrogate`."""
    text = _normal(text)
    encoding = Encoding.GSM7 if _IN_GSM7.fullmatch(text) else Encoding.UCS2
    widths = _widths(text, encoding)
    single, part = _capacities(encoding)
    if sum(widths) <= single:
        return [text]
    parts, start, room = [], 0, part
    for place, width in enumerate(widths):
        if width > room:
            parts.append(text[start:place])
            start, room = place, part
        room -= width
    return [*parts, text[start:]]


def toneless(text: str) -> str:
    """The text without accents and typographic characters, letter for letter.

    What has no plain form (an emoji, say) stays. Alike for NFC and NFD input; doing it twice
    changes nothing. Raises `LoneSurrogate`.
    """
    text = _normal(text)
    if text.isascii() and "`" not in text and "\t" not in text and "\x0b" not in text:
        return text
    fast = text.translate(_FAST)
    if fast.isascii():
        return fast
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text)).translate(_TYPOGRAPHIC)
    plain = "".join(
        letter for letter in unicodedata.normalize("NFD", text) if not _is_mark(letter)
    ).translate(_TYPOGRAPHIC)
    return unicodedata.normalize("NFC", "".join(map(_compatible, plain)))


def clean(text: str) -> str:
    """A value made fit for an SMS: NFC, without characters that nobody sees."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def _normal(text: str) -> str:
    if text.isascii():
        return text
    if lone := _SURROGATE.search(text):
        raise LoneSurrogate(lone.start())
    return unicodedata.normalize("NFC", text)


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) == "Mn"


def _compatible(letter: str) -> str:
    """The plain form Unicode knows of a full-width letter, a fraction, a ligature; else itself."""
    if letter.isascii() or letter in GSM7_DEFAULT or letter in _EXTENSION:
        return letter
    plain = unicodedata.normalize("NFKD", letter).translate(_TYPOGRAPHIC)
    plain = "".join(part for part in plain if not _is_mark(part))
    return plain if plain and _IN_GSM7.fullmatch(plain) else letter


def _packed(text: str, encoding: Encoding, forcing: tuple[str, ...]) -> TextAnalysis:
    widths = _widths(text, encoding)
    units = sum(widths)
    single, part = _capacities(encoding)
    segments = 1
    if units > single:
        room = part
        for width in widths:
            if width > room:
                segments += 1
                room = part
            room -= width
    return TextAnalysis(text, encoding, units, segments, forcing)


def _capacities(encoding: Encoding) -> tuple[int, int]:
    return (GSM7_SINGLE, GSM7_PART) if encoding is Encoding.GSM7 else (UCS2_SINGLE, UCS2_PART)


def _widths(text: str, encoding: Encoding) -> list[int]:
    if encoding is Encoding.GSM7:
        return [2 if letter in _EXTENSION else 1 for letter in text]
    return [2 if ord(letter) > _BMP_END else 1 for letter in text]

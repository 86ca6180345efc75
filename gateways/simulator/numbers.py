"""Phone numbers as a provider sees them, and the magic ones that misbehave on purpose.

Deliberately not `notifier.domain.phones`: the ledger must not share that module's mistakes.
"""

import re
from enum import StrEnum

_SEPARATORS = re.compile(r"[\s().\-]+")
_E164 = re.compile(r"\+[1-9]\d{7,14}")
_VIETNAM = re.compile(r"\+84(?:[35789]\d{8}|2\d{9})")  # mobile 9 digits, landline 10
_LANDLINE = re.compile(r"\+842\d{9}")


class Magic(StrEnum):
    """What a magic number does, in every dialect that has a word for it."""

    INVALID = "invalid"  # refused: no such number
    UNDELIVERED = "undelivered"  # taken; the receipt says undelivered
    CONTENT = "content"  # the words are refused (Twilio: by receipt, as it filters after taking)
    SILENT = "silent"  # taken; no receipt, ever, and it stays sent
    HTTP_500 = "http_500"  # not taken: the server fails
    TIMEOUT_ONCE = "timeout_once"  # the first is taken and never answered; later ones are ordinary
    NO_BALANCE = "no_balance"  # the account's fault
    UNREACHABLE = "unreachable"  # refused: this number takes no SMS
    UNHEARD = "unheard"  # refused with a code that no document names


MAGIC: dict[str, Magic] = {  # nobody's numbers: 090 000 000x is not given out
    "+84900000001": Magic.INVALID,
    "+84900000002": Magic.UNDELIVERED,
    "+84900000003": Magic.CONTENT,
    "+84900000004": Magic.SILENT,
    "+84900000005": Magic.HTTP_500,
    "+84900000006": Magic.TIMEOUT_ONCE,
    "+84900000007": Magic.NO_BALANCE,
    "+84900000008": Magic.UNREACHABLE,
    "+84900000009": Magic.UNHEARD,
}


def e164(written: str) -> str:
    """The number in E.164 however it was written; anything that is no number comes back as it is.

    `0912 345 678`, `84912345678`, `0084912345678` and `+84912345678` are one number.
    """
    bare = _SEPARATORS.sub("", written)
    if not bare.removeprefix("+").isdecimal() or not bare.isascii():
        return written
    if bare.startswith("+"):
        return bare
    if bare.startswith("00"):
        return f"+{bare[2:]}"
    if bare.startswith("0"):
        return f"+84{bare[1:]}"
    return f"+{bare}" if len(bare) > _SHORT_CODE_DIGITS else written


_SHORT_CODE_DIGITS = 8  # a shorter one is a service number and belongs to no country


def dialled(phone: str) -> bool:
    """Whether the E.164 number could be dialled: its length, and for Vietnam its first digits."""
    pattern = _VIETNAM if phone.startswith("+84") else _E164
    return pattern.fullmatch(phone) is not None


def landline(phone: str) -> bool:
    """Whether it is a Vietnamese landline, which takes no SMS."""
    return _LANDLINE.fullmatch(phone) is not None

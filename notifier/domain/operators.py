"""The mobile operators of Vietnam, by the words in which providers name them.

A phone's prefix never tells its operator: numbers are ported. What a provider told does. The pairs
of MCC and MNC are those of ITU-T E.212; `telcoid` is eSMS' (developers.esms.vn, read 2026-04).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Operator(StrEnum):
    VIETTEL = "viettel"
    MOBIFONE = "mobifone"
    VINAPHONE = "vinaphone"
    VIETNAMOBILE = "vietnamobile"
    GMOBILE = "gmobile"
    ITEL = "itel"
    REDDI = "reddi"


_NAMED: Mapping[Operator, tuple[str, ...]] = MappingProxyType(
    {
        Operator.VIETTEL: ("viettel", "viettelmobile", "vtl", "vte", "45204", "45206"),
        Operator.MOBIFONE: ("mobifone", "mobi", "vms", "45201"),
        Operator.VINAPHONE: ("vinaphone", "vina", "gpc", "vnp", "45202"),
        Operator.VIETNAMOBILE: ("vietnamobile", "vnm", "45205"),
        Operator.GMOBILE: ("gmobile", "gtel", "45207"),
        Operator.ITEL: ("itel", "itelecom", "indochina", "45208"),
        Operator.REDDI: ("reddi", "wintel", "mobicast", "45209"),
    }
)
_BY_WORD = MappingProxyType({word: one for one, words in _NAMED.items() for word in words})


def named(word: str) -> Operator | None:
    """Whom a provider means: a name, its short form, or MCC and MNC; none for any other word."""
    return _BY_WORD.get("".join(filter(str.isalnum, word.casefold())))

"""What a template will look like on a phone: a sample, the longest values, and what to mind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from types import MappingProxyType

from notifier.domain.events import (
    CaseEvent,
    CaseRef,
    Channel,
    EventType,
    Language,
    Recipient,
    Value,
)
from notifier.domain.text import analyse, toneless

_VIETNAM = timezone(timedelta(hours=7))
_SAMPLE_CODE = "000.00.16.H29-261123-0001"
_SAMPLE_DATA: Mapping[Language, Mapping[str, Value]] = MappingProxyType(
    {
        Language.VI: {"noi_nhan": "Quầy 3", "ly_do": "thiếu đơn đề nghị"},
        Language.EN: {"noi_nhan": "desk 3", "ly_do": "the form is missing"},
    }
)
_SAMPLE_EITHER: Mapping[str, Value] = MappingProxyType(
    {
        "le_phi": 15000,
        "ngay_hen_moi": "2026-12-02",
        "han_tra_loi": "2026-12-02",
        "ma_buu_gui": "EB123456789VN",
        "so_phan_anh": "PA-261123-01",
    }
)

# Words that read as others without their tones, with what to say instead: those that the shipped
# words avoid, and those that such a word is taken for ("xin đừng nộp" for "xin dừng nộp").
_AMBIGUOUS: Mapping[str, str] = MappingProxyType(
    {
        "dừng": "ngừng, ngưng",
        "đừng": "không, chưa",
        "đủ": "xong",
        "chờ": "chưa",
        "phát": "giao",
        "muộn": "trễ hẹn",
        "muốn": "cần",
        "chậm": "trễ hẹn",
        "nhắn": "gửi tin",
        "hài lòng": "tốt",
    }
)
_AMBIGUOUS_WORDS = {word: re.compile(rf"(?i)(?<!\w){word}(?!\w)") for word in _AMBIGUOUS}


@dataclass(frozen=True, slots=True)
class Forcing:
    """A character that forces UCS-2: where it stands, counted from 0, and what could stand there.

    `instead` is empty where nothing plain says the same: it is removed.
    """

    position: int
    character: str
    instead: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A word that reads as another without its tones, and what to say instead."""

    position: int
    word: str
    instead: str


def sample_event(event_type: EventType, channel: Channel, language: Language) -> CaseEvent:
    """An event of this situation that brings every value."""
    return CaseEvent(
        id="sample",
        type=event_type,
        occurred_at=datetime(2026, 11, 23, 9, tzinfo=_VIETNAM),
        case=CaseRef(
            code=_SAMPLE_CODE,
            office="sample",
            channel=channel,
            due_at=datetime(2026, 11, 25, 17, tzinfo=_VIETNAM),
        ),
        recipient=Recipient(name=None, phone="", language=language),
        data={**_SAMPLE_EITHER, **_SAMPLE_DATA[language]},
    )


def forcing(text: str) -> tuple[Forcing, ...]:
    """Every character of the text, in NFC, that keeps it from the GSM alphabet."""
    counted = analyse(text)
    wanted = set(counted.forcing)
    return tuple(
        Forcing(position, character, _plain(character))
        for position, character in enumerate(counted.text)
        if character in wanted
    )


def _plain(character: str) -> str:
    plain = toneless(character)
    return "" if analyse(plain).forcing else plain


def ambiguous(text: str) -> tuple[Ambiguous, ...]:
    """The words of a Vietnamese text that another reading is taken for, in their order."""
    found = [
        Ambiguous(match.start(), match[0], _AMBIGUOUS[word])
        for word, pattern in _AMBIGUOUS_WORDS.items()
        for match in pattern.finditer(text)
    ]
    return tuple(sorted(found, key=lambda one: one.position))

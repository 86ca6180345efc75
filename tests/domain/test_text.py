"""The text engine against a second transcription of the standard and a second packer."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.text import (
    Encoding,
    LoneSurrogate,
    analyse,
    analyse_forms,
    clean,
    split,
    toneless,
)

# 3GPP TS 23.038 §6.2.1, by code point, row by row of the table; 0x1B is the escape.
DEFAULT = [
    0x40, 0xA3, 0x24, 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, 0x0A, 0xD8, 0xF8, 0x0D, 0xC5, 0xE5,
    0x394, 0x5F, 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E, None, 0xC6, 0xE6,
    0xDF, 0xC9, 0x20, 0x21, 0x22, 0x23, 0xA4, *range(0x25, 0x40), 0xA1, *range(0x41, 0x5B), 0xC4,
    0xD6, 0xD1, 0xDC, 0xA7, 0xBF, *range(0x61, 0x7B), 0xE4, 0xF6, 0xF1, 0xFC, 0xE0,
]  # fmt: skip
EXTENSION = [0x0C, 0x5E, 0x7B, 0x7D, 0x5C, 0x5B, 0x7E, 0x5D, 0x7C, 0x20AC]
GSM7 = [chr(code) for code in DEFAULT + EXTENSION if code is not None]

BASES = "aăâeêioôơuưy"
TONES = ["", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323"]
ACCENTED = [
    letter
    for base in BASES + BASES.upper()
    for tone in TONES
    if not (letter := unicodedata.normalize("NFC", base + tone)).isascii()
] + ["đ", "Đ"]


def test_the_default_alphabet_has_its_128_places() -> None:
    assert len(DEFAULT) == 128


def test_there_are_134_accented_letters() -> None:
    assert len(set(ACCENTED)) == 134


@pytest.mark.parametrize("letter", ACCENTED)
def test_a_letter_counts_alike_composed_and_decomposed(letter: str) -> None:
    composed = unicodedata.normalize("NFC", letter)
    decomposed = unicodedata.normalize("NFD", letter)
    assert analyse_forms(composed) == analyse_forms(decomposed)
    assert analyse(decomposed).text == composed
    assert analyse(decomposed).units == 1
    assert toneless(decomposed).isascii()
    assert toneless(decomposed).isalpha()
    assert len(toneless(decomposed)) == 1
    assert toneless(letter).isupper() == letter.isupper()


@pytest.mark.parametrize("letter", GSM7)
def test_every_character_of_the_alphabet_stays_gsm7(letter: str) -> None:
    told = analyse(letter)
    assert told.encoding is Encoding.GSM7
    assert told.units == (2 if ord(letter) in EXTENSION else 1)


def test_no_other_character_of_the_bmp_is_gsm7() -> None:
    others = (
        chr(code)
        for code in range(0x10000)
        if not 0xD800 <= code < 0xE000 and chr(code) not in GSM7
    )
    wrong = [
        char
        for char in others
        if analyse(char).encoding is Encoding.GSM7 and unicodedata.normalize("NFC", char) == char
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        ("", "gsm7", 0, 1),
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("€" * 80, "gsm7", 160, 1),
        ("a" * 152 + "€" + "a" * 152, "gsm7", 306, 3),  # the escape pair moves whole
        ("a" * 153 + "€" + "a" * 151, "gsm7", 306, 2),
        ("ạ" * 70, "ucs2", 70, 1),
        ("ạ" * 71, "ucs2", 71, 2),
        ("ạ" * 134, "ucs2", 134, 2),
        ("ạ" * 135, "ucs2", 135, 3),
        ("😀" * 35, "ucs2", 70, 1),
        ("😀" * 67, "ucs2", 134, 3),  # 33 pairs a part: the 67th unit stays empty
        ("à è é ì ò ù É", "gsm7", 13, 1),
        ("Hồ sơ đã có kết quả", "ucs2", 19, 1),
    ],
)
def test_a_text_takes_these_units_and_segments(
    text: str, encoding: str, units: int, segments: int
) -> None:
    told = analyse(text)
    assert (told.encoding, told.units, told.segments) == (encoding, units, segments)


@pytest.mark.parametrize(
    ("text", "over"),
    [("", 0), ("a" * 160, 0), ("a" * 161, 1), ("a" * 307, 1), ("ế" * 70, 0), ("ế" * 135, 1)],
)
def test_so_many_units_less_save_a_segment(text: str, over: int) -> None:
    assert analyse(text).over == over


def test_forcing_names_each_character_once_in_order() -> None:
    assert analyse("ồ a ơ ồ").forcing == ("ồ", "ơ")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Nguyễn Văn Đạt", "Nguyen Van Dat"),
        ("“Giấy hẹn” – ‘mới’…", "\"Giay hen\" - 'moi'..."),
        ("5 000₫ • ½", "5 000d - 1/2"),
        ("a\u00a0b\u2009c", "a b c"),
        ("ẩn\u200bẩn\u00ad\u202e", "anan"),
        ("ＨＳ１２", "HS12"),
        ("😀", "😀"),
    ],
)
def test_toneless_reads_letter_for_letter(text: str, plain: str) -> None:
    assert toneless(text) == plain


def test_clean_keeps_accents_and_drops_what_nobody_sees() -> None:
    assert clean("Đa\u0323t\u200b\u2066") == "Đạt"


@pytest.mark.parametrize("text", ["\ud800", "ok \udc00"])
def test_half_a_surrogate_pair_is_refused(text: str) -> None:
    with pytest.raises(LoneSurrogate):
        analyse(text)


MIXED = st.text(
    st.one_of(st.sampled_from("ab€^{}[]|~\\\f"), st.sampled_from("ạơ😀🏛"), st.sampled_from("a1 ")),
    max_size=420,
)


@given(MIXED)
def test_segments_agree_with_the_fewest_parts_of_a_second_packer(text: str) -> None:
    told = analyse(text)
    assert told.segments == _fewest(told.text)


@given(MIXED)
def test_the_parts_are_the_text_and_as_many_as_counted(text: str) -> None:
    parts = split(text)
    assert "".join(parts) == analyse(text).text
    assert len(parts) == analyse(text).segments


@given(st.text())
def test_toneless_is_the_same_twice_and_for_every_normal_form(text: str) -> None:
    once = toneless(text)
    assert toneless(once) == once
    assert toneless(unicodedata.normalize("NFD", text)) == once


def _fewest(text: str) -> int:
    """The fewest parts by dynamic programming over every cut: slow, and another algorithm."""
    gsm7 = all(char in GSM7 for char in text)
    widths = [
        (2 if ord(char) in EXTENSION else 1) if gsm7 else len(char.encode("utf-16-be")) // 2
        for char in text
    ]
    single, part = (160, 153) if gsm7 else (70, 67)
    if sum(widths) <= single:
        return 1
    sums = [0]
    for one in widths:
        sums.append(sums[-1] + one)

    def best_end(start: int) -> int:
        end = start
        while end < len(text) and sums[end + 1] - sums[start] <= part:
            end += 1
        return end

    count, at = 0, 0
    while at < len(text):
        at, count = best_end(at), count + 1
    return count

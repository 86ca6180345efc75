"""The shipped words, held against the published table of lengths."""

import pytest

from config.seed import load_seed
from notifier.domain.events import Channel, EventType, Language
from notifier.domain.placeholders import PLACEHOLDERS
from notifier.domain.templates import check, longest, parse
from notifier.domain.text import Encoding, analyse, toneless

SEED = load_seed()

# Toneless septets (= accented UCS-2 units), English septets, at every value's maximum.
LENGTHS = {
    "T1": (156, 139), "T2": (158, 137), "T3": (160, 137), "T4": (158, 135), "T5": (153, 147),
    "T6": (157, 155), "T7": (156, 141), "T8": (159, 149), "T9": (159, 140), "T10": (152, 141),
    "T11": (160, 155), "T12": (146, 114), "T13": (160, 153), "T14": (148, 147), "T15": (153, 132),
    "T16": (157, 144), "T17": (158, 150), "T18": (148, 140), "T19": (147, 131), "T20": (160, 134),
    "T21": (159, 157), "T22": (131, 114), "T23": (142, 133),
}  # fmt: skip
ANSWERS = {
    "A1": 117, "A2": 128, "A3": 115, "A4": 113, "A5": 97, "A6": 153, "A7": 108, "A8": 98, "A9": 154,
}  # fmt: skip


@pytest.mark.parametrize("name", LENGTHS)
def test_a_seed_text_has_the_published_lengths(name: str) -> None:
    text = SEED.text(name)
    accented = longest(parse(text.vi), Language.VI)
    english = longest(parse(text.en), Language.EN)
    plain = analyse(toneless(accented))
    assert (plain.encoding, plain.segments) == (Encoding.GSM7, 1)
    assert (analyse(english).encoding, analyse(english).segments) == (Encoding.GSM7, 1)
    assert (plain.units, analyse(english).units) == LENGTHS[name]
    assert analyse(accented).units == LENGTHS[name][0]
    assert analyse(accented).segments == (2 if LENGTHS[name][0] <= 134 else 3)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_the_published_length_and_fits_one_sms(name: str) -> None:
    text = next(one for one in SEED.answers if one.name == name)
    assert analyse(toneless(longest(parse(text.vi), Language.VI))).units == ANSWERS[name]
    assert analyse(longest(parse(text.en), Language.EN)).units <= 147


def test_all_48_cells_are_decided_and_40_of_them_ship_words() -> None:
    cells = {(s.type, ch): name for s in SEED.situations for ch, name in s.cells.items()}
    assert set(cells) == {(t.value, c.value) for t in EventType for c in Channel}
    assert sum(name is not None for name in cells.values()) == 40
    assert {name for name in cells.values() if name} <= set(LENGTHS)


def test_every_text_of_a_cell_passes_the_check_at_save() -> None:
    used = {name for s in SEED.situations for name in s.cells.values() if name}
    problems = {
        (name, language): check(words, language)
        for name in used
        for language, words in (
            (Language.VI, SEED.text(name).vi),
            (Language.EN, SEED.text(name).en),
        )
    }
    assert {key: found for key, found in problems.items() if found} == {}


def test_labels_and_offices_keep_to_their_maxima() -> None:
    for language in Language:
        widest = PLACEHOLDERS["trang_thai"].maximum[language]
        assert all(len(label) <= widest for label in SEED.labels(language).values())
    for office in SEED.offices:
        assert len(office.name) <= PLACEHOLDERS["don_vi"].maximum[Language.VI]
        assert len(office.phone) <= PLACEHOLDERS["so_dien_thoai"].maximum[Language.VI]
        assert len(office.sender) <= 11

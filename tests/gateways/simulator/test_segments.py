import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.simulator.segments import count, counted
from notifier.domain import text as product

_EDGES = [
    ("", "gsm7", [0]),
    ("a" * 160, "gsm7", [160]),
    ("a" * 161, "gsm7", [153, 8]),
    ("a" * 306, "gsm7", [153, 153]),
    ("€" * 80, "gsm7", [160]),
    ("a" * 152 + "€" * 10, "gsm7", [152, 20]),  # an escape pair is not split
    ("ồ" * 70, "ucs2", [70]),
    ("ồ" * 71, "ucs2", [67, 4]),
    ("ồ" * 66 + "🙂" * 5, "ucs2", [66, 10]),  # nor a surrogate pair
    ("à" * 160, "gsm7", [160]),  # GSM-7 has a few accented letters
    ("c̣" * 36, "ucs2", [67, 5]),  # what comes apart is counted apart
    ("ç", "ucs2", [1]),  # GSM-7 has only the capital one
    ("\x1b", "ucs2", [1]),
]


@pytest.mark.parametrize(("text", "encoding", "units"), _EDGES)
def test_segments_are_packed_as_the_standard_packs_them(
    text: str, encoding: str, units: list[int]
) -> None:
    found = counted(text)
    assert found.encoding == encoding
    assert [part.units for part in found.parts] == units
    assert "".join(part.text for part in found.parts) == text
    assert all(part.units <= part.room for part in found.parts)
    assert count(text) == len(units)


def test_letters_sent_apart_from_their_accents_cost_more() -> None:
    text = "đã có kết quả tại quầy một cửa " * 2
    assert count(unicodedata.normalize("NFC", text)) == 1
    assert count(unicodedata.normalize("NFD", text)) == 2


_LETTERS = st.sampled_from("aA@€[à£ΔđồậƯ🙂’…\n")


@given(st.text(_LETTERS, max_size=400))
def test_two_counts_from_two_hands_agree(text: str) -> None:
    expected = product.analyse(text)
    found = counted(expected.text)
    assert found.encoding == expected.encoding
    assert found.forcing == expected.forcing
    assert [part.text for part in found.parts] == product.split(expected.text)
    assert sum(part.units for part in found.parts) == expected.units
    assert count(expected.text) == expected.segments == len(found.parts)


@given(st.characters(exclude_categories=["Cs"]))
def test_two_alphabets_from_two_hands_agree(letter: str) -> None:
    expected = product.analyse(letter)
    found = counted(expected.text)
    assert (found.encoding, found.parts[0].units) == (expected.encoding, expected.units)

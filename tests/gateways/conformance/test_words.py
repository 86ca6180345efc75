"""What every adapter owes of the words."""

import unicodedata

import pytest

from gateways.base import Alphabet, Gateway, Templates
from tests.gateways.conformance.held import Sms, ledger


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Ho so da co ket qua. Moi den nhan.", id="toneless"),
        pytest.param("Hồ sơ đã có kết quả. Mời đến nhận.", id="accented"),
        pytest.param(unicodedata.normalize("NFD", "Hồ sơ đã có kết quả"), id="decomposed"),
        pytest.param("Xong rồi 🎉 1=2 & 3+4 {x} 100%", id="emoji"),
        pytest.param("a [b] ~ € ^ \\ | \n c", id="extension table"),
        pytest.param("x" * 153, id="longest gsm7"),
        pytest.param("ồ" * 67, id="longest ucs2"),
    ],
)
def test_the_words_arrive_as_they_are_in_nfc(
    text: str, gateway: Gateway, control: str, sms: Sms
) -> None:
    able = gateway.capabilities
    if len(text) in {67, 153}:
        text *= 1 if able.templates is Templates.BY_ID else able.max_segments
    kept = "".join(char for char in text if char not in able.refused_characters)
    if Alphabet.UCS2 not in able.alphabets:
        kept = kept.encode("ascii", "ignore").decode() or "x"
    gateway.send(sms(text=kept))
    (row,) = ledger(control)
    assert row["text"] == unicodedata.normalize("NFC", kept)

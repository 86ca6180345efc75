"""What a provider says becomes what both databases keep, wherever it enters."""

import pytest

from gateways.base import (
    Accepted,
    Deferred,
    Fault,
    Found,
    InboundSms,
    OutcomeUnknown,
    Receipt,
    Rejected,
    Report,
)

WORDS = [
    ("SM1", "SM1"),
    ("Không đủ", "Không đủ"),
    ("a\0b", "a\ufffdb"),
    ("a\ud800b", "a?b"),
    ("😀", "😀"),
    ("x" * 9000, "x" * 255),
]


@pytest.mark.parametrize(("said", "kept"), WORDS)
def test_ids_and_codes_are_such_as_both_databases_keep(said: str, kept: str) -> None:
    assert Accepted(said).provider_id == Found(said).provider_id == kept
    receipt = Receipt("twilio", Report.DELIVERED, said, said, said)
    assert (receipt.provider_id, receipt.reference, receipt.code) == (kept, kept, kept)
    for outcome in (Rejected(Fault.NUMBER, said), Deferred(said), OutcomeUnknown(said)):
        assert outcome.code == str(outcome) == kept


def test_a_citizens_words_are_kept_whole_but_for_what_nobody_can_keep() -> None:
    sms = InboundSms("twilio", "1", "+84\x00", "8188", "Đ\0" + "x" * 2000)
    assert (sms.sender, sms.text) == ("+84\ufffd", "Đ\ufffd" + "x" * 2000)

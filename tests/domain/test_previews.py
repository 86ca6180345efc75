"""What to mind in a text: characters that force UCS-2, and words that read as others."""

import pytest

from config.seed import load_seed
from notifier.domain.events import Channel, EventType, Language
from notifier.domain.previews import ambiguous, forcing, sample_event
from notifier.domain.text import analyse, toneless


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("da xong", []),
        ("đã à", [(0, "đ", "d"), (1, "ã", "a")]),  # à is in the GSM alphabet
        ("ồ", [(0, "ồ", "o")]),  # counted in NFC
        ("“xong”", [(0, "“", '"'), (5, "”", '"')]),
        ("xong 🎉!", [(5, "🎉", "")]),
    ],
)
def test_each_character_that_forces_ucs2_is_named_where_it_stands(
    text: str, told: list[tuple[int, str, str]]
) -> None:
    assert [(one.position, one.character, one.instead) for one in forcing(text)] == told


def test_with_every_forcing_character_replaced_the_text_is_gsm() -> None:
    text = "Hồ sơ “H29” đã có kết quả 🎉"
    mended = list(text)
    for one in forcing(text):
        mended[one.position] = one.instead
    assert analyse("".join(mended)).encoding == "gsm7"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hồ sơ đang chờ, sẽ phát sau", [(11, "chờ"), (19, "phát")]),
        ("Dừng giải quyết", [(0, "Dừng")]),
        ("Ông/Bà có hài lòng không", [(10, "hài lòng")]),
        ("đã ngừng giải quyết, trễ hẹn", []),
        ("phátt chờđợi", []),  # inside another word it is another word
    ],
)
def test_a_word_that_reads_as_another_without_tones_is_named(
    text: str, told: list[tuple[int, str]]
) -> None:
    assert [(one.position, one.word) for one in ambiguous(text)] == told
    assert all(one.instead for one in ambiguous(text))


def test_no_shipped_text_reads_two_ways() -> None:
    seed = load_seed()
    assert [text.name for text in (*seed.texts, *seed.answers) if ambiguous(text.vi)] == []


def test_a_sample_is_fit_for_an_sms_in_both_languages() -> None:
    for language in Language:
        event = sample_event(EventType.RESULT_READY, Channel.COUNTER, language)
        for value in event.data.values():
            assert not analyse(toneless(str(value))).forcing

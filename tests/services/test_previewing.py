"""A preview says what the engine would send, and what it would cost."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from config.seed import load_seed
from notifier.domain.events import Channel, EventType, Language
from notifier.domain.versions import TemplateKey
from notifier.services import previewing
from notifier.services.previewing import Preview
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring

KEY = TemplateKey("lai-thieu", EventType.RESULT_READY, Channel.COUNTER, Language.VI)
WORDS = "{don_vi} kính báo: hồ sơ {ma_ho_so} đã có kết quả, mời đến {noi_nhan}."


@pytest.fixture
def preview(wiring: Wiring, hire: Callable[..., Any]) -> Callable[..., Preview]:
    viewer = hire(wiring, "viewer").staff

    def do(text: str = WORDS, key: TemplateKey = KEY) -> Preview:
        return previewing.preview(viewer, key, text, wiring=wiring)

    return do


def test_both_forms_are_counted_and_the_one_that_is_sent_is_marked(
    preview: Callable[..., Preview], wiring: Wiring
) -> None:
    accented, plain = preview().forms
    assert accented.sample is not None
    assert plain.sample is not None
    assert accented.sample.text == (
        "UBND P.Lái Thiêu kính báo: hồ sơ 000.00.16.H29-261123-0001 đã có kết quả, mời đến Quầy 3."
    )
    assert (accented.sample.encoding, accented.sample.segments, accented.sent) == ("ucs2", 2, False)
    assert (plain.sample.encoding, plain.sample.segments, plain.sent) == ("gsm7", 1, True)
    assert "Quay 3" in plain.sample.text
    assert accented.sample.cost == 2 * wiring.settings.segment_cost
    assert (plain.longest.units, plain.longest.segments) == (110, 1)


def test_the_sample_is_what_an_event_of_these_values_would_be_told(
    make_world: Callable[..., Any], hire: Callable[..., Any], new_event: Any
) -> None:
    world = make_world()
    viewer = hire(world.wiring, "viewer").staff
    text = load_seed().text("T17").vi
    shown = previewing.preview(viewer, KEY, text, wiring=world.wiring)
    sample = shown.forms[1].sample
    world.post(new_event(code="000.00.16.H29-261123-0001"))
    world.send()
    assert sample is not None
    assert world.ledger()[0]["text"] == sample.text


def test_english_has_one_form(preview: Callable[..., Preview]) -> None:
    shown = preview("{don_vi}: case {ma_ho_so} is ready at {noi_nhan}.", replace_language())
    assert [(form.form, form.sent) for form in shown.forms] == [("toneless", True)]
    assert shown.forms[0].sample is not None
    assert "desk 3" in shown.forms[0].sample.text


def replace_language() -> TemplateKey:
    return replace(KEY, language=Language.EN)


@pytest.mark.parametrize(
    ("text", "code", "forbids"),
    [
        ("{ma_ho_so", "syntax", True),
        ("{don_vi} {ma_ho_so} xem www.example.vn", "link", True),
        ("{don_vi} {ma_ho_so} 100%", "refused", True),
        ("{don_vi} {ma_ho_so} 🎉", "characters", True),
        ("{ma_ho_so} xong", "missing", True),
        ("{don_vi} {ma_ho_so} " + "x" * 160, "length", False),
    ],
)
def test_what_is_wrong_is_named_as_it_is_at_submission(
    preview: Callable[..., Preview], text: str, code: str, forbids: bool
) -> None:
    assert [(one.code, one.forbids) for one in preview(text).problems] == [(code, forbids)]


def test_a_text_that_cannot_be_read_has_no_forms(preview: Callable[..., Preview]) -> None:
    assert preview("{nobody}").forms == ()


def test_another_offices_words_are_not_previewed(preview: Callable[..., Preview]) -> None:
    with pytest.raises(NotFound):
        preview(WORDS, replace(KEY, office="thuan-an"))


def test_what_a_gateway_of_the_office_would_not_take_is_told(
    make_world: Callable[..., Any], hire: Callable[..., Any]
) -> None:
    world = make_world(gateways=("vnpt", "fpt"))  # vnpt takes no words of ours
    editor = hire(world.wiring, "editor", "lai-thieu").staff

    def told(words: str) -> dict[str, str]:
        shown = previewing.preview(editor, KEY, words, wiring=world.wiring)
        return {one.code: one.detail for one in shown.problems if one.code.startswith("gateway")}

    assert told(WORDS) == {}
    fpt = world.wiring.accounts["fpt"].gateway
    fpt.capabilities = replace(fpt.capabilities, refused_characters=frozenset("'%"))
    assert told(WORDS + "'%") == {"gateway_refused": "fpt: '"}  # the rest everybody refuses
    assert told(WORDS + "x" * 640)["gateway_length"] == "fpt: 3"
    world.execute("UPDATE offices SET vietnamese_form = 'accented'")
    world.execute("UPDATE revisions SET value = value + 1")
    assert "gateway_alphabet" in told(WORDS)

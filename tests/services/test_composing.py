"""Words on their whole way: from an event over the shipped seed to the text of its message."""

from typing import Any

import pytest
from sqlalchemy import update

from config.seed import load_seed
from notifier.domain.text import analyse
from notifier.store import catalogue
from notifier.store.tables import Office, TemplateVersion
from tests.config.test_seed import LENGTHS

SEED = load_seed()
LONGEST = {
    "ly_do": "ệ" * 24,
    "noi_nhan": "ệ" * 18,
    "le_phi": 9_999_999_999,
    "ma_buu_gui": "W" * 16,
    "ngay_hen_moi": "2026-12-30",
}
CELLS = [
    (situation.type, channel, name)
    for situation in SEED.situations
    for channel, name in situation.cells.items()
    if name is not None
]


def change(world: Any, statement: Any) -> None:
    with world.wiring.sessions.begin() as session:
        session.execute(statement)
        catalogue.changed(session)


@pytest.mark.parametrize(
    ("form", "language", "place", "encoding"),
    [("toneless", "vi", 0, "gsm7"), ("toneless", "en", 1, "gsm7"), ("accented", "vi", 0, "ucs2")],
)
def test_every_cell_has_its_published_length_with_every_value_at_its_maximum(
    world: Any, new_event: Any, form: str, language: str, place: int, encoding: str
) -> None:
    change(
        world,
        update(Office).values(
            name="ệ" * 22, phone="0274 3755555", reply_number="8" * 10, vietnamese_form=form
        ),
    )
    posted = world.post(
        *(
            new_event(
                f"e{number}",
                event_type,
                code=f"{number:028}",
                channel=channel,
                language=language,
                data=LONGEST,
            )
            for number, (event_type, channel, _) in enumerate(CELLS)
        )
    )
    assert len(posted) == 40
    for (_, _, name), one in zip(CELLS, posted, strict=True):
        text = world.message(one.messages[0].id).text
        told = analyse(text)
        assert (told.units, told.encoding) == (LENGTHS[name][place], encoding), name
        segments = 1 if encoding == "gsm7" else 2 if told.units <= 134 else 3
        assert told.segments == one.messages[0].segments == segments


def test_a_case_code_beyond_its_maximum_is_sent_whole_in_a_second_segment(
    world: Any, new_event: Any
) -> None:
    code = "#" * 64
    message = world.post(new_event(code=code))[0].messages[0]
    assert code in (world.message(message.id).text or "")
    assert message.segments == 2


@pytest.mark.parametrize(
    ("value", "told"),
    [("Quầy 3", "Quay 3"), ("bit.ly/abc", "Bo phan Mot cua"), ("Quầy #3", "Bo phan Mot cua")],
)
def test_a_value_that_must_not_stand_in_an_sms_takes_its_default(
    world: Any, new_event: Any, value: str, told: str
) -> None:
    message = world.post(new_event(data={"noi_nhan": value}))[0].messages[0]
    assert f"den {told} nhan" in (world.message(message.id).text or "")


def test_an_apology_whose_reason_must_not_be_sent_is_held(world: Any, new_event: Any) -> None:
    data = {"ly_do": "xem evil.com", "ngay_hen_moi": "2026-12-30"}
    message = world.post(new_event(type="extended", data=data))[0].messages[0]
    assert (message.state, message.reason) == ("held", "missing_value")


@pytest.mark.parametrize(
    "words", ["hồ sơ {ma_ho_so} xong", "{don_vi}: {ma_ho_so} xem a.vn", "{don_vi} {ma_ho_so} 50%"]
)
def test_words_that_must_not_be_sent_hold_their_messages(
    world: Any, new_event: Any, words: str
) -> None:
    change(world, update(TemplateVersion).values(text=words))
    message = world.post(new_event())[0].messages[0]
    assert (message.state, message.reason) == ("held", "template_unfit")


def test_a_template_may_say_what_became_of_the_case(world: Any, new_event: Any) -> None:
    change(world, update(TemplateVersion).values(text="{don_vi}: {ma_ho_so} {trang_thai}"))
    message = world.post(new_event(code="H1"))[0].messages[0]
    assert world.message(message.id).text == "UBND P.Lai Thieu: H1 da co ket qua"

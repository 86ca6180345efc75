"""An office's entry in a file: what each field takes."""

from datetime import date

import pytest

from notifier.domain.offices import BadOffice, read

GOOD = {
    "id": "lai-thieu",
    "parent": "thuan-an",
    "name": "UBND P.Lái Thiêu",
    "phone": "0274 3755555",
    "reply_number": "8188",
    "sender": "UBNDLAITHIE",
    "form": "toneless",
    "valid_from": "2025-07-01",
    "valid_to": "",
}


def test_a_whole_entry_is_read_into_columns() -> None:
    entry = read(GOOD)
    assert entry.id == "lai-thieu"
    assert dict(entry.values) == {
        "parent_id": "thuan-an",
        "name": "UBND P.Lái Thiêu",
        "phone": "0274 3755555",
        "reply_number": "8188",
        "sender": "UBNDLAITHIE",
        "vietnamese_form": "toneless",
        "valid_from": date(2025, 7, 1),
        "valid_to": None,
    }


def test_a_field_that_is_not_there_is_left_out() -> None:
    assert dict(read({"id": "a", "name": "A"}).values) == {"name": "A"}


def test_accents_written_as_two_characters_become_one() -> None:
    assert read({"id": "a", "name": "UBND P.La\u0301i Thie\u0302u"}).values["name"] == GOOD["name"]


TAKEN = [
    ("id", "000.00.16.H29"),
    ("id", "H29_1"),
    ("name", "Trung tâm HCC Bình Hòa"),  # 22 characters
    ("phone", "02743755555"),
    ("phone", "1022"),
    ("phone", "0274.3755555"),
    ("reply_number", ""),
    ("reply_number", "0912345678"),
    ("sender", ""),
    ("sender", "A"),
    ("sender", "UBXA_NAMLOC"),
    ("sender", "Bao Tin 1.0"),
    ("sender", "8x-1"),
    ("form", "accented"),
    ("sending_hours", "07:30-20:00"),
    ("office_hours", "07:00-11:30,13:00-17:00"),
    ("weekdays", "1-6"),
    ("weekdays", "1,3,5-6"),
]
REFUSED = [
    ("id", ""),
    ("id", "lái-thiêu"),
    ("id", "a b"),
    ("id", "-a"),
    ("id", "x" * 65),
    ("parent", "a/b"),
    ("name", ""),
    ("name", "Trung tâm HCC Bình Hòa 1"),
    ("name", "UBND & P.Lái Thiêu"),
    ("name", "UBND \U0001f600"),
    ("phone", ""),
    ("phone", "0274 3755555 máy 2"),
    ("phone", "call us"),
    ("reply_number", "81"),
    ("reply_number", "01234567890"),
    ("reply_number", "8188a"),
    ("sender", "UBNDLAITHIEU"),  # 12
    ("sender", "8188"),
    ("sender", "BÁO TIN"),
    ("sender", "A@B"),
    ("sender", "A+B"),
    ("form", "both"),
    ("valid_from", "01/07/2025"),
    ("valid_from", "2025-02-30"),
    ("valid_to", "2025-06-30"),  # before valid_from
    ("hours", "7-17"),
    ("sending_hours", "07:00-11:30,13:00-17:00"),
    ("office_hours", "early"),
    ("weekdays", "0-8"),
    ("holidays_close", "maybe"),
]


@pytest.mark.parametrize(("name", "value"), TAKEN)
def test_it_is_taken(name: str, value: str) -> None:
    assert value in [read({**GOOD, name: value}).id, *read({**GOOD, name: value}).values.values()]


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_it_is_refused_with_the_field_named(name: str, value: str) -> None:
    with pytest.raises(BadOffice) as refused:
        read({**GOOD, name: value})
    assert list(refused.value.problems) == [name]


def test_every_problem_of_an_entry_is_told_at_once() -> None:
    with pytest.raises(BadOffice) as refused:
        read({"id": "!", "name": "", "phone": "x"})
    assert set(refused.value.problems) == {"id", "name", "phone"}
    with pytest.raises(BadOffice, match="id: is missing"):
        read({"name": "A"})

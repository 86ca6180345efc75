"""Offices from a file: line by line, all or nothing, twice the same."""

import json

import pytest

from notifier.services import calendar, office_files, offices
from notifier.services.office_files import UnreadableFile
from notifier.services.offices import BadOffices, Change, Imported
from notifier.services.wiring import Wiring

CSV = """\
id,parent,name,phone,reply_number,sender,form,valid_from
binh-hoa,thuan-an,UBND P.Bình Hòa,0274 3788888,8188,UBNDBINHHOA,toneless,2025-07-01
thuan-giao,thuan-an,UBND P.Thuận Giao,0274 3799999,,,accented,
"""


def take(text: str, wiring: Wiring) -> Imported:
    return offices.import_offices(office_files.read(text.encode()), wiring=wiring)


def test_a_file_creates_then_changes_and_twice_changes_nothing(wiring: Wiring) -> None:
    def revision() -> int:
        with wiring.sessions.read() as session:
            return wiring.catalogue.current(session).revision

    before = revision()
    assert take(CSV, wiring) == Imported(("binh-hoa", "thuan-giao"), (), 0)
    assert revision() == before + 1
    assert take(CSV, wiring) == Imported((), (), 2)
    assert revision() == before + 1
    other = CSV.replace("0274 3788888", "0274 3788889").replace("accented", "toneless")
    assert take(other, wiring) == Imported(
        (), (Change("binh-hoa", ("phone",)), Change("thuan-giao", ("form",))), 0
    )
    told = {one.id: one for one in offices.list_offices(wiring=wiring)}
    assert told["binh-hoa"].phone == "0274 3788889"
    assert told["thuan-giao"].sender == ""
    assert set(told) == {"lai-thieu", "thuan-an", "binh-hoa", "thuan-giao"}


def test_a_field_that_the_file_does_not_have_stays_as_it_is(wiring: Wiring) -> None:
    take(CSV, wiring)
    assert take("id;valid_to\nbinh-hoa;2030-01-01\n", wiring).changed == (
        Change("binh-hoa", ("valid_to",)),
    )
    held = {one.id: one for one in offices.list_offices(wiring=wiring)}["binh-hoa"]
    assert (held.sender, held.reply_number, held.parent) == ("UBNDBINHHOA", "8188", "thuan-an")


def test_hours_in_the_file_are_the_office_s_calendar(wiring: Wiring) -> None:
    text = CSV.splitlines()[0] + ",sending_hours,office_hours,weekdays,holidays_close\n"
    row = 'binh-hoa,thuan-an,UBND P.Bình Hòa,0274 3788888,,,,,7:30-20:00,"7:00-11:30, 13:00-17:00"'
    assert take(f'{text}{row},"1,2,3,4,5,6",yes\n', wiring).created == ("binh-hoa",)
    told = calendar.show("binh-hoa", wiring=wiring)
    assert (told.sending_hours.value, told.sending_hours.said_by) == ("07:30-20:00", "binh-hoa")
    assert told.office_hours.value == "07:00-11:30,13:00-17:00"
    assert (told.weekdays.value, told.holidays_close_sending.value) == ("1-6", True)
    assert take(f"{text}{row},1-6,yes\n", wiring) == Imported((), (), 1)
    assert take("id,sending_hours,holidays_close\nbinh-hoa,,no\n", wiring).changed == (
        Change("binh-hoa", ("sending_hours", "holidays_close")),
    )
    told = calendar.show("binh-hoa", wiring=wiring)
    assert (told.sending_hours.said_by, told.weekdays.value) == ("default", "1-6")
    assert told.holidays_close_sending.value is False


def test_a_parent_may_stand_below_its_child_in_the_file(wiring: Wiring) -> None:
    text = json.dumps(
        [
            {"id": "c", "parent": "b", "name": "C", "phone": "1022"},
            {"id": "b", "parent": "a", "name": "B", "phone": "1022"},
            {"id": "a", "parent": None, "name": "A", "phone": "1022"},
        ]
    )
    assert take(text, wiring).created == ("a", "b", "c")
    assert take(json.dumps({"offices": json.loads(text)}), wiring).unchanged == 3


def test_one_bad_line_and_nothing_is_taken(wiring: Wiring) -> None:
    text = CSV + "x,nowhere,X,1022,,TOOLONGSENDER,,\nbinh-hoa,,B,1022,,,,\nnew,,,,,,,2025-13-01\n"
    with pytest.raises(BadOffices) as bad:
        take(text, wiring)
    assert [(one.place, one.field) for one in bad.value.problems] == [
        ("line 4", "sender"),
        ("line 6", "name"),
        ("line 6", "phone"),
        ("line 6", "valid_from"),
        ("line 5", "id"),
    ]
    assert {one.id for one in offices.list_offices(wiring=wiring)} == {"lai-thieu", "thuan-an"}


@pytest.mark.parametrize(
    ("text", "place", "field"),
    [
        ("id,name\nx,X\n", "line 2", "phone"),
        ("id,parent,name,phone\nx,nowhere,X,1022\n", "line 2", "parent"),
        ("id,parent,name,phone\nx,x,X,1022\n", "line 2", "parent"),
        ("id,parent\nthuan-an,lai-thieu\n", "line 2", "parent"),  # its child, in the database
        ("id,parent,name,phone\nx,y,X,1022\ny,x,Y,1022\n", "line 2", "parent"),
    ],
)
def test_what_is_wrong_only_beside_other_offices_is_told_too(
    wiring: Wiring, text: str, place: str, field: str
) -> None:
    with pytest.raises(BadOffices) as bad:
        take(text, wiring)
    assert (bad.value.problems[0].place, bad.value.problems[0].field) == (place, field)


def test_spreadsheets_files_are_read_as_they_save_them() -> None:
    rows = office_files.read('\ufeffid;name\r\na;"x;y"\r\n;\r\nb;z\r\n'.encode())
    assert [(row.place, dict(row.fields)) for row in rows] == [
        ("line 2", {"id": "a", "name": "x;y"}),
        ("line 4", {"id": "b", "name": "z"}),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"id,name\n",
        "id,name\na,Lái\n".encode("utf-16"),
        "id,name\na,Bình\n".encode("cp1258", errors="replace").replace(b"?", b"\xec"),
        b"id,id\na,b\n",
        b"id,name\na,b,c\n",
        b'id,name\na,"b\n',
        b"[1]",
        b'[{"id": 1}]',
        b"[{",
        b"{}",
        b"[" * 100_000,
    ],
)
def test_a_file_that_is_no_list_of_offices_is_refused_as_a_whole(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        office_files.read(content)

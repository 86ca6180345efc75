"""An office's time: inherited, edited, kept by the sender, and healed after a wrong clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from notifier.domain.calendar import DayKind
from notifier.domain.restraint import Restraint
from notifier.domain.timing import LEASE
from notifier.services import calendar
from notifier.services.calendar import HoursChange, seed_days
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring
from notifier.store import claims as store
from notifier.store.tables import AuditEntry, CalendarDay

VN = ZoneInfo("Asia/Ho_Chi_Minh")
QUIET = Restraint(quiet_hours=True, phone_cap=None)
PARENT, OFFICE = "thuan-an", "lai-thieu"


def vn(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=VN).astimezone(UTC)  # type: ignore[misc,arg-type]  # year to second


@pytest.fixture
def make_quiet(make_world: Callable[..., Any]) -> Callable[..., Any]:
    """A world that keeps quiet hours, at an instant of Vietnam's clock."""

    def make(*at: int) -> Any:
        return make_world(restraint=QUIET, now=vn(*at))

    return make


def test_an_office_that_says_nothing_keeps_the_default_hours(wiring: Wiring) -> None:
    told = calendar.show(OFFICE, wiring=wiring)
    assert (told.sending_hours.value, told.sending_hours.said_by) == ("07:00-21:00", "default")
    assert told.office_hours.value == "07:00-11:30,13:30-17:00"
    assert (told.weekdays.value, told.holidays_close_sending.value) == ("1-5", False)
    assert {day.said_by for day in told.days} == {"shipped"}


def test_an_office_inherits_until_it_speaks_and_again_once_it_is_cleared(wiring: Wiring) -> None:
    calendar.set_hours(PARENT, HoursChange(sending_hours="8:00 - 20:00"), wiring=wiring)
    told = calendar.set_hours(OFFICE, HoursChange(weekdays="1-6"), wiring=wiring)
    assert (told.sending_hours.value, told.sending_hours.said_by) == ("08:00-20:00", PARENT)
    assert (told.weekdays.value, told.weekdays.said_by) == ("1-6", OFFICE)
    told = calendar.clear(OFFICE, None, wiring=wiring)
    assert (told.weekdays.value, told.weekdays.said_by) == ("1-5", "default")


def test_a_day_is_what_the_nearest_office_says(wiring: Wiring) -> None:
    culture_day = date(2026, 11, 24)
    with wiring.sessions.begin() as session:
        seed_days(session, date(2026, 1, 1), ids=wiring.ids)
    calendar.set_day(PARENT, culture_day, DayKind.ORDINARY, "chưa áp dụng", wiring=wiring)
    told = {day.day: day for day in calendar.show(OFFICE, years=[2026], wiring=wiring).days}
    assert (told[culture_day].kind, told[culture_day].said_by) == ("ordinary", PARENT)
    assert (told[date(2026, 8, 22)].kind, told[date(2026, 8, 31)].kind) == ("working", "holiday")
    told = {day.day: day for day in calendar.clear(PARENT, [culture_day], wiring=wiring).days}
    assert (told[culture_day].kind, told[culture_day].said_by) == ("holiday", "shipped")


def test_seeding_again_mends_the_shipped_days_and_leaves_an_offices_own(wiring: Wiring) -> None:
    own, wrong = date(2026, 9, 3), date(2026, 10, 6)
    with wiring.sessions.begin() as session:
        assert seed_days(session, date(2026, 1, 1), ids=wiring.ids) in {True, False}
        assert not seed_days(session, date(2026, 12, 31), ids=wiring.ids)
        withdrawn = CalendarDay(id="d", office_id=None, day=wrong, kind="holiday", name="")
        session.add(withdrawn)
    calendar.set_day(OFFICE, own, DayKind.HOLIDAY, "own", wiring=wiring)
    with wiring.sessions.begin() as session:
        assert seed_days(session, date(2026, 1, 1), ids=wiring.ids)
    days = {one.day for one in calendar.show(OFFICE, wiring=wiring).days}
    assert own in days
    assert wrong not in days


def test_an_edit_is_in_the_audit_log(wiring: Wiring) -> None:
    calendar.set_hours(OFFICE, HoursChange(sending_hours="8:00-20:00"), wiring=wiring)
    calendar.set_day(OFFICE, date(2027, 2, 13), DayKind.WORKING, "Làm bù", wiring=wiring)
    calendar.set_day(OFFICE, date(2027, 2, 13), DayKind.HOLIDAY, "Làm bù", wiring=wiring)
    calendar.clear(OFFICE, None, wiring=wiring)
    with wiring.sessions.read() as session:
        noted = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    day = {"day": "2027-02-13", "kind": "working", "called": "Làm bù"}
    closed = {**day, "kind": "holiday"}
    hours = {"office_hours": None, "weekdays": None, "holidays_close_sending": None}
    assert [(one.action, one.before, one.after) for one in noted if one.office_id == OFFICE] == [
        ("calendar.hours_changed", {"sending_hours": None}, {"sending_hours": "08:00-20:00"}),
        ("calendar.day_changed", None, day),
        ("calendar.day_changed", day, closed),
        (
            "calendar.cleared",
            {"days": [closed], "sending_hours": "08:00-20:00", **hours},
            {"days": "all"},
        ),
    ]


@pytest.mark.parametrize(
    "change",
    [
        HoursChange(),
        HoursChange(sending_hours="21:00-07:00"),
        HoursChange(sending_hours="07:00-11:00,13:00-21:00"),
        HoursChange(office_hours="7 to 5"),
        HoursChange(weekdays="0-5"),
    ],
)
def test_hours_that_make_no_sense_change_nothing(wiring: Wiring, change: HoursChange) -> None:
    before = calendar.show(OFFICE, wiring=wiring)
    with pytest.raises(ValueError, match=r"."):
        calendar.set_hours(OFFICE, change, wiring=wiring)
    assert calendar.show(OFFICE, wiring=wiring) == before


def test_an_unknown_office_has_no_calendar(wiring: Wiring) -> None:
    with pytest.raises(NotFound):
        calendar.show("nowhere", wiring=wiring)
    with pytest.raises(NotFound):
        calendar.set_day("nowhere", date(2026, 1, 2), DayKind.HOLIDAY, "", wiring=wiring)


def test_a_deadline_counts_the_offices_working_days(wiring: Wiring) -> None:
    with wiring.sessions.begin() as session:
        seed_days(session, date(2026, 1, 1), ids=wiring.ids)
    told = calendar.deadline(OFFICE, vn(2026, 8, 28, 15), 1, wiring=wiring)
    assert told.due_at == vn(2026, 9, 3, 15)
    assert told.remind_on == date(2026, 8, 28)
    calendar.set_hours(PARENT, HoursChange(weekdays="1-6"), wiring=wiring)
    told = calendar.deadline(OFFICE, vn(2026, 8, 28, 15), 1, wiring=wiring)
    assert told.due_at == vn(2026, 8, 29, 15)


def test_each_office_keeps_its_own_quiet_hours(
    make_quiet: Callable[..., Any], new_event: Any
) -> None:
    world = make_quiet(2026, 11, 24, 20, 30)
    calendar.set_hours(OFFICE, HoursChange(sending_hours="08:00-20:00"), wiring=world.wiring)
    late, later = new_event("a", code="A"), new_event("b", code="B")
    later["case"]["office"] = PARENT
    closed, open_ = (one.messages[0] for one in world.post(late, later))
    world.send()
    assert world.message(open_.id).state == "sent"
    assert world.message(closed.id).send_at == vn(2026, 11, 25, 8)
    assert world.message(closed.id).valid_until == vn(2026, 11, 30, 20)  # six days of twelve hours
    world.clock.advance(timedelta(hours=11, minutes=30))
    world.send()
    assert world.message(closed.id).state == "sent"


def test_what_became_due_after_closing_time_is_put_off(
    make_quiet: Callable[..., Any], new_event: Any
) -> None:
    world = make_quiet(2026, 11, 24, 20, 59)
    message = world.post(new_event())[0].messages[0]
    world.clock.advance(timedelta(minutes=1))
    world.send()
    assert world.message(message.id).send_at == vn(2026, 11, 25, 7)
    assert world.ledger() == []


def test_a_claim_takes_nothing_of_a_closed_office(world: Any, new_event: Any) -> None:
    world.post(new_event())

    def claim(**closed: Any) -> int:
        with world.wiring.sessions.begin() as session:
            now = world.clock.now()
            return len(store.claim(session, now=now, token="t", lease=LEASE, limit=5, **closed))

    assert claim(but_of={OFFICE: vn(2026, 11, 25, 7)}) == 0
    assert claim(but_of={PARENT: vn(2026, 11, 25, 7)}) == 1


def test_an_unknown_is_not_sent_again_in_the_quiet_hours(
    make_world: Callable[..., Any], new_event: Any
) -> None:
    world = make_world(restraint=QUIET, now=vn(2026, 11, 24, 20, 59))
    world.behave(faults=[{"kind": "reset"}])
    message = world.post(new_event())[0].messages[0]
    world.send()
    world.behave()
    world.clock.advance(timedelta(minutes=2))
    world.send()
    assert world.message(message.id).state == "unknown"
    assert world.ledger() == []
    world.clock.advance(timedelta(hours=10))
    world.send()
    assert (world.message(message.id).state, len(world.ledger())) == ("sent", 1)


def test_holidays_close_sending_only_for_an_office_that_says_so(
    make_quiet: Callable[..., Any], new_event: Any
) -> None:
    world = make_quiet(2026, 2, 17, 9)
    with world.wiring.sessions.begin() as session:
        seed_days(session, date(2026, 1, 1), ids=world.wiring.ids)
    open_ = world.post(new_event("a", code="A"))[0].messages[0]
    world.send()
    assert world.message(open_.id).state == "sent"
    calendar.set_hours(PARENT, HoursChange(holidays_close_sending=True), wiring=world.wiring)
    closed = world.post(new_event("b", code="B"))[0].messages[0]
    world.send()
    assert world.message(closed.id).send_at == vn(2026, 2, 21, 7)


def test_what_waits_follows_a_calendar_that_is_edited(
    make_quiet: Callable[..., Any], new_event: Any
) -> None:
    world = make_quiet(2026, 3, 10, 9)
    calendar.set_hours(PARENT, HoursChange(holidays_close_sending=True), wiring=world.wiring)
    feast = date(2026, 3, 10)
    calendar.set_day(PARENT, feast, DayKind.HOLIDAY, "", wiring=world.wiring)
    message = world.post(new_event())[0].messages[0]
    world.sweep()
    assert world.message(message.id).send_at == vn(2026, 3, 11, 7)
    calendar.clear(PARENT, [feast], wiring=world.wiring)
    world.sweep()
    world.send()
    assert world.message(message.id).state == "sent"


@pytest.mark.parametrize("wrong_when", ["at intake", "at the claim"])
def test_a_clock_that_jumped_forward_and_back_delays_nothing_for_long(
    make_quiet: Callable[..., Any], new_event: Any, wrong_when: str
) -> None:
    world = make_quiet(2026, 11, 24, 12)
    if wrong_when == "at the claim":
        message = world.post(new_event())[0].messages[0]
    world.clock.jump(timedelta(hours=10))
    if wrong_when == "at intake":
        message = world.post(new_event())[0].messages[0]
    world.send()
    assert world.message(message.id).send_at == vn(2026, 11, 25, 7)
    world.clock.jump(timedelta(hours=-10))
    world.sweep()
    world.send()
    assert world.message(message.id).state == "sent"


def test_a_wait_that_a_provider_asked_for_is_not_cut_short(
    make_quiet: Callable[..., Any], new_event: Any
) -> None:
    world = make_quiet(2026, 11, 24, 20, 59, 59)
    world.behave(faults=[{"kind": "http_429"}])
    message = world.post(new_event())[0].messages[0]
    world.send()
    due = world.message(message.id).send_at
    assert due == vn(2026, 11, 24, 21)
    world.sweep()
    assert world.message(message.id).send_at == due

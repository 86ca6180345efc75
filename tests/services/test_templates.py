"""What an office sends in each situation, and whose words they are."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from notifier.domain.events import Channel, EventType, Language
from notifier.domain.versions import TemplateKey
from notifier.services import drafting, publishing, templates
from notifier.services.questions import Question
from notifier.services.template_views import SituationView
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring

WARD = TemplateKey("lai-thieu", EventType.RESULT_READY, Channel.COUNTER, Language.VI)
ABOVE = replace(WARD, office="thuan-an")
WORDS = "{don_vi}: hồ sơ {ma_ho_so} đã có kết quả."


@pytest.fixture
def publish(wiring: Wiring, hire: Callable[..., Any]) -> Callable[..., None]:
    editor, approver = (hire(wiring, role, "thuan-an").staff for role in ("editor", "approver"))

    def do(key: TemplateKey, words: str = WORDS, after: int = 0) -> None:
        number = drafting.save(editor, key, words, "why", after=after, wiring=wiring).number
        drafting.submit(editor, key, number, confirm=set(Question), wiring=wiring)
        publishing.approve(approver, key, number, wiring=wiring)
        publishing.publish(approver, key, number, wiring=wiring)

    return do


@pytest.fixture
def at_ward(wiring: Wiring, hire: Callable[..., Any]) -> Callable[..., SituationView]:
    viewer = hire(wiring, "viewer").staff

    def look(event_type: str = "result_ready", channel: str = "counter") -> SituationView:
        listed = templates.list_situations(viewer, "lai-thieu", wiring=wiring)
        return next(
            one
            for one in listed.situations
            if (one.event_type, one.channel) == (event_type, channel)
        )

    return look


def test_every_situation_is_listed_once(wiring: Wiring, hire: Callable[..., Any]) -> None:
    viewer = hire(wiring, "viewer").staff
    listed = templates.list_situations(viewer, "lai-thieu", wiring=wiring).situations
    assert [(one.event_type, one.channel) for one in listed] == [
        (event_type, channel) for event_type in EventType for channel in Channel
    ]
    assert sum(one.standing == "inherited" for one in listed) == 40
    assert sum(one.standing == "silent" for one in listed) == 8


def test_words_come_from_the_nearest_office_that_has_them(
    publish: Callable[..., None], at_ward: Callable[..., SituationView]
) -> None:
    def told() -> tuple[str, str | None, bool]:
        cell = at_ward()
        words = cell.languages[0].words
        return cell.standing, words.said_by if words else None, cell.languages[0].own

    assert told() == ("inherited", "shipped", False)
    publish(ABOVE)
    assert told() == ("inherited", "thuan-an", False)
    publish(WARD)
    assert told() == ("own", "lai-thieu", True)
    english = at_ward().languages[1].words
    assert english is not None
    assert english.said_by == "shipped"


def test_a_situation_that_sends_without_words_is_missing_and_one_switched_off_is_silent(
    wiring: Wiring, hire: Callable[..., Any], at_ward: Callable[..., SituationView]
) -> None:
    approver = hire(wiring, "approver", "thuan-an").staff
    cell = ("thuan-an", EventType.IN_PROGRESS, Channel.ONLINE)
    assert at_ward("in_progress", "online").standing == "silent"
    publishing.switch(approver, *cell, True, "why", confirm=set(Question), wiring=wiring)
    told = at_ward("in_progress", "online")
    assert (told.standing, told.sends_said_by) == ("missing", "thuan-an")


def test_an_unpublished_draft_is_shown_beside_what_is_sent(
    wiring: Wiring, hire: Callable[..., Any], at_ward: Callable[..., SituationView]
) -> None:
    editor = hire(wiring, "editor").staff
    drafting.save(editor, WARD, WORDS, "why", after=0, wiring=wiring)
    pending = at_ward().languages[0].pending
    assert pending is not None
    assert (pending.number, pending.status) == (1, "draft")
    assert at_ward().standing == "inherited"


def test_a_template_shows_what_may_stand_in_it(wiring: Wiring, hire: Callable[..., Any]) -> None:
    shown = templates.show(hire(wiring, "viewer").staff, WARD, wiring=wiring)
    by_name = {one.name: (one.kind, one.maximum, one.default) for one in shown.placeholders}
    assert by_name["ly_do"] == ("text", 24, "xem văn bản thông báo")
    assert by_name["ngay_hen"] == ("date", 10, None)
    assert (shown.newest, shown.versions, shown.own) == (0, (), False)


def test_versions_are_compared_also_with_what_would_be_inherited(
    wiring: Wiring, hire: Callable[..., Any], publish: Callable[..., None]
) -> None:
    viewer = hire(wiring, "viewer").staff
    publish(ABOVE, "{don_vi}: {ma_ho_so} xong.")
    publish(WARD, "{don_vi}: {ma_ho_so} đã xong.")
    publish(WARD, "{don_vi}: {ma_ho_so} đã xong hết.", after=1)

    def told(old: int, new: int) -> list[tuple[str, str]]:
        pieces = templates.show_diff(viewer, WARD, old, new, wiring=wiring).pieces
        return [(piece.change, piece.text) for piece in pieces if piece.change != "same"]

    assert told(1, 2) == [("added", " hết")]
    assert told(0, 1) == [("added", "đã ")]
    with pytest.raises(NotFound):
        told(1, 9)


def test_another_offices_words_are_not_there(wiring: Wiring, hire: Callable[..., Any]) -> None:
    viewer = hire(wiring, "viewer").staff
    for look in (
        lambda: templates.list_situations(viewer, "thuan-an", wiring=wiring),
        lambda: templates.show(viewer, ABOVE, wiring=wiring),
        lambda: templates.show_version(viewer, ABOVE, 1, wiring=wiring),
        lambda: templates.show_diff(viewer, ABOVE, 0, 1, wiring=wiring),
        lambda: templates.list_situations(viewer, "nowhere", wiring=wiring),
    ):
        with pytest.raises(NotFound):
            look()

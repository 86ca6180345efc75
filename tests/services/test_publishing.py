"""From a draft to the words of the next event: who may do what, in which order."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from notifier.domain.events import Channel, EventType, Language
from notifier.domain.versions import TemplateKey
from notifier.services import drafting, publishing, templates
from notifier.services.actors import Staff
from notifier.services.questions import ConfirmationNeeded, Question
from notifier.services.template_views import (
    OwnWork,
    StaleDraft,
    VersionMovedOn,
    VersionView,
)
from notifier.services.views import BadFields, NotFound, ScopeMissing
from notifier.services.wiring import Wiring

READY = TemplateKey("lai-thieu", EventType.RESULT_READY, Channel.COUNTER, Language.VI)
SHIPPED = (
    "{don_vi} kính báo Ông/Bà: hồ sơ {ma_ho_so} đã có kết quả. Kính mời mang giấy hẹn đến "
    "{noi_nhan} nhận. LH {so_dien_thoai}."
)
NEW = SHIPPED.replace("Kính mời", "Mời Ông/Bà")


@dataclass
class Desk:
    """An editor and two approvers of the ward."""

    world: Any
    wiring: Wiring
    editor: Staff
    approver: Staff
    other: Staff

    def write(self, words: str = NEW, *, after: int = 0, by: Staff | None = None) -> VersionView:
        return drafting.save(
            by or self.editor, READY, words, "shorter", after=after, wiring=self.wiring
        )

    def submit(self, number: int, by: Staff | None = None, **more: Any) -> VersionView:
        return drafting.submit(by or self.editor, READY, number, wiring=self.wiring, **more)

    def approve(self, number: int, by: Staff | None = None) -> VersionView:
        return publishing.approve(by or self.approver, READY, number, wiring=self.wiring)

    def publish(self, number: int, by: Staff | None = None) -> VersionView:
        return publishing.publish(by or self.approver, READY, number, wiring=self.wiring)

    def through(self, words: str = NEW, *, after: int = 0) -> VersionView:
        """Written, submitted, approved and published."""
        number = self.write(words, after=after).number
        self.submit(number, confirm=set(Question))
        self.approve(number)
        return self.publish(number)

    def statuses(self) -> dict[int, str]:
        shown = templates.show(self.editor, READY, wiring=self.wiring)
        return {version.number: version.status for version in shown.versions}


@pytest.fixture
def desk(world: Any, hire: Callable[..., Any]) -> Desk:
    people = [hire(world.wiring, role).staff for role in ("editor", "approver", "approver")]
    return Desk(world, world.wiring, *people)


def test_the_next_event_is_told_in_the_published_words_and_the_last_keeps_its_own(
    desk: Desk, new_event: Any
) -> None:
    desk.world.post(new_event("before", code="c1"))
    desk.through()
    desk.world.post(new_event("after", code="c2"))
    desk.world.send()
    texts = sorted(row["text"] for row in desk.world.ledger())
    assert "ho so c1 da co ket qua. Kinh moi mang giay hen" in texts[0]
    assert "ho so c2 da co ket qua. Moi Ong/Ba mang giay hen" in texts[1]


def test_nothing_is_sent_before_it_is_published(desk: Desk, new_event: Any) -> None:
    number = desk.write().number
    desk.submit(number)
    desk.approve(number)
    desk.world.post(new_event())
    desk.world.send()
    assert "Kinh moi" in desk.world.ledger()[0]["text"]


def test_a_version_tells_who_did_what_with_it(desk: Desk) -> None:
    shown = desk.through()
    assert (shown.author, shown.author_name, shown.reason) == (
        desk.editor.id, "The editor", "shorter",
    )  # fmt: skip
    assert [(step.step, step.by) for step in shown.steps] == [
        ("written", desk.editor.id),
        ("submitted", desk.editor.id),
        ("approved", desk.approver.id),
        ("published", desk.approver.id),
    ]


def test_nobody_approves_what_they_wrote_or_submitted(desk: Desk, hire: Callable[..., Any]) -> None:
    both = hire(desk.wiring, "administrator").staff
    number = desk.write(by=both).number
    desk.submit(number)
    with pytest.raises(OwnWork):
        desk.approve(number, by=both)
    number = desk.write(after=number).number
    desk.submit(number, by=both, confirm={Question.REPLACES_WAITING})
    with pytest.raises(OwnWork):
        desk.approve(number, by=both)
    assert desk.approve(number).status == "approved"


@pytest.mark.parametrize(
    ("done", "refused"),
    [
        ("", "approve publish"),
        ("submit", "submit publish"),
        ("submit approve", "submit approve"),
        ("submit approve publish", "submit approve publish"),
    ],
)
def test_steps_are_taken_in_order_and_once(desk: Desk, done: str, refused: str) -> None:
    number = desk.write().number
    for step in done.split():
        getattr(desk, step)(number)
    for step in refused.split():
        with pytest.raises(VersionMovedOn):
            getattr(desk, step)(number)


def test_an_editor_decides_nothing_and_an_approver_writes_nothing(
    desk: Desk, hire: Callable[..., Any]
) -> None:
    number = desk.write().number
    desk.submit(number)
    for refused in (
        lambda: desk.approve(number, by=desk.editor),
        lambda: desk.publish(number, by=desk.editor),
        lambda: publishing.inherit(desk.editor, READY, "why", wiring=desk.wiring),
        lambda: publishing.roll_back(desk.editor, READY, number, "why", wiring=desk.wiring),
        lambda: drafting.send_back(desk.editor, READY, number, "why", wiring=desk.wiring),
        lambda: desk.write(by=desk.approver, after=number),
        lambda: desk.submit(number, by=desk.approver),
    ):
        with pytest.raises(ScopeMissing):
            refused()
    elsewhere = TemplateKey("thuan-an", READY.event_type, READY.channel, READY.language)
    with pytest.raises(NotFound):
        drafting.save(desk.editor, elsewhere, NEW, "why", after=0, wiring=desk.wiring)


def test_an_edit_of_what_somebody_else_changed_is_refused_and_theirs_kept(desk: Desk) -> None:
    theirs = desk.write(NEW)
    with pytest.raises(StaleDraft) as stale:
        desk.write(SHIPPED, by=desk.editor)
    assert stale.value.newest is not None
    assert (stale.value.newest.number, stale.value.newest.text) == (theirs.number, NEW)
    assert desk.statuses() == {1: "draft"}


def test_of_two_who_save_at_once_one_is_told(desk: Desk) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def save() -> None:
        start.wait()
        try:
            desk.write()
            outcomes.append("kept")
        except StaleDraft:
            outcomes.append("stale")

    threads = [threading.Thread(target=save) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept", "stale"]


def test_a_newer_draft_displaces_nothing_that_waits_until_it_is_submitted(desk: Desk) -> None:
    desk.submit(desk.write().number)
    desk.write(SHIPPED, after=1)
    desk.write(NEW, after=2)
    assert desk.statuses() == {3: "draft", 2: "retired", 1: "submitted"}
    listed = templates.list_situations(desk.editor, READY.office, wiring=desk.wiring)
    waits = [of.pending for one in listed.situations for of in one.languages if of.pending]
    assert [(one.number, one.status) for one in waits] == [(1, "submitted")]
    desk.submit(3, confirm={Question.REPLACES_WAITING})
    assert desk.statuses() == {3: "submitted", 2: "retired", 1: "retired"}
    with pytest.raises(VersionMovedOn):
        desk.approve(1)


def test_a_submission_leaves_what_is_approved_to_be_published(desk: Desk) -> None:
    desk.submit(desk.write().number)
    desk.approve(1)
    desk.submit(desk.write(SHIPPED, after=1).number)
    assert desk.statuses() == {2: "submitted", 1: "approved"}
    assert desk.publish(1).status == "published"
    assert desk.statuses() == {2: "submitted", 1: "published"}


@pytest.mark.parametrize("words", ["{don_vi}: {ma_ho_so} xong 🎉", "{ma_ho_so} xong"])
def test_words_meant_to_be_submitted_that_may_not_be_sent_are_not_kept(
    desk: Desk, words: str
) -> None:
    desk.submit(desk.write().number)
    with pytest.raises(BadFields):
        drafting.save(desk.editor, READY, words, "why", after=1, sendable=True, wiring=desk.wiring)
    assert desk.statuses() == {1: "submitted"}


def test_what_is_sent_back_goes_to_its_author_with_a_remark(desk: Desk) -> None:
    number = desk.write().number
    desk.submit(number)
    with pytest.raises(BadFields):
        drafting.send_back(desk.approver, READY, number, " ", wiring=desk.wiring)
    back = drafting.send_back(desk.approver, READY, number, "too long", wiring=desk.wiring)
    assert (back.status, back.steps[-1].remark) == ("draft", "too long")
    assert desk.submit(number).status == "submitted"


def test_publishing_retires_what_was_sent_and_what_was_approved_before(desk: Desk) -> None:
    desk.through(NEW)
    desk.submit(desk.write(SHIPPED, after=1).number)
    desk.approve(2)
    desk.submit(desk.write(NEW + " ", after=2).number)
    desk.approve(3)
    desk.publish(3)
    assert desk.statuses() == {3: "published", 2: "retired", 1: "retired"}


def test_a_rollback_is_a_new_version_with_the_old_words(desk: Desk, new_event: Any) -> None:
    desk.through(NEW)
    desk.through(SHIPPED, after=1)
    with pytest.raises(VersionMovedOn):
        publishing.roll_back(desk.approver, READY, 2, "published now", wiring=desk.wiring)
    back = publishing.roll_back(desk.approver, READY, 1, "clearer", wiring=desk.wiring)
    assert (back.number, back.text, back.back_to, back.status) == (3, NEW, 1, "published")
    assert desk.statuses() == {3: "published", 2: "retired", 1: "retired"}
    desk.world.post(new_event())
    desk.world.send()
    assert "Moi Ong/Ba" in desk.world.ledger()[0]["text"]


def test_what_was_never_published_is_no_way_back(desk: Desk) -> None:
    desk.write()
    desk.write(SHIPPED, after=1)
    with pytest.raises(VersionMovedOn):
        publishing.roll_back(desk.approver, READY, 1, "why", wiring=desk.wiring)


def test_an_office_goes_back_to_the_inherited_words(desk: Desk, new_event: Any) -> None:
    desk.through()
    shown = publishing.inherit(desk.approver, READY, "why", wiring=desk.wiring)
    assert (shown.own, shown.words and shown.words.said_by) == (False, "shipped")
    desk.world.post(new_event())
    desk.world.send()
    assert "Kinh moi" in desk.world.ledger()[0]["text"]
    with pytest.raises(NotFound):
        publishing.inherit(desk.approver, READY, "why", wiring=desk.wiring)
    assert desk.statuses() == {1: "retired"}
    publishing.roll_back(desk.approver, READY, 1, "after all", wiring=desk.wiring)
    assert desk.statuses()[2] == "published"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("{don_vi}: {ma_ho_so} xem www.example.vn", "link"),
        ("{ma_ho_so} đã xong", "missing"),
        ("{don_vi}: {ma_ho_so} 100% xong", "refused"),
        ("{don_vi}: {ma_ho_so} xong 🎉", "characters"),
    ],
)
def test_words_that_no_citizen_should_get_are_not_handed_on(
    desk: Desk, words: str, code: str
) -> None:
    with pytest.raises(BadFields) as refused:
        desk.submit(desk.write(words).number, confirm=set(Question))
    assert refused.value.problems[0].code == code


@pytest.mark.parametrize("words", ["", "  ", "x" * 1001, "{ma_ho_so", "{nobody}"])
def test_a_text_that_cannot_be_read_is_not_kept(desk: Desk, words: str) -> None:
    with pytest.raises(BadFields):
        desk.write(words)
    assert desk.statuses() == {}


def test_a_change_of_placeholders_names_the_sources_and_wants_a_yes(
    desk: Desk, new_event: Any
) -> None:
    desk.world.post(
        new_event("a", code="c1", data={"noi_nhan": "Quầy 3", "ly_do": "thiếu đơn"}),
        new_event("b", code="c2"),
        new_event("c", code="c3", type="refused"),
    )
    words = SHIPPED.replace("{noi_nhan}", "quầy 3 ({ly_do}, {le_phi})")
    number = desk.write(words).number
    with pytest.raises(ConfirmationNeeded) as needed:
        desk.submit(number)
    told = {
        effect.name: (
            effect.added,
            effect.default,
            [(one.source, one.looked_at, one.filled) for one in effect.sources],
        )
        for effect in needed.value.questions.effects
    }
    assert told == {
        "ly_do": (True, True, [("demo", 2, 1)]),
        "le_phi": (True, False, [("demo", 2, 0)]),
        "noi_nhan": (False, False, []),
    }
    assert desk.submit(number, confirm=set(Question)).status == "submitted"


def test_a_situation_is_switched_off_on_and_left_to_those_above(desk: Desk, new_event: Any) -> None:
    def posted(number: int) -> str:
        event = new_event(f"e{number}", code=f"c{number}")
        return str(desk.world.post(event)[0].outcome)

    cell = ("lai-thieu", EventType.RESULT_READY, Channel.COUNTER)
    for number, (sends, holds, outcome) in enumerate(
        [
            (False, (False, "lai-thieu"), "silent"),
            (True, (True, "lai-thieu"), "accepted"),
            (None, (True, None), "accepted"),
        ]
    ):
        assert publishing.switch(desk.approver, *cell, sends, "why", wiring=desk.wiring) == holds
        assert posted(number) == outcome
    with pytest.raises(ScopeMissing):
        publishing.switch(desk.editor, *cell, False, "why", wiring=desk.wiring)


def test_every_decision_is_in_the_audit_log(desk: Desk) -> None:
    desk.through()
    cell = (READY.office, READY.event_type, READY.channel)
    for nothing in ("", " "):
        with pytest.raises(BadFields):
            publishing.inherit(desk.approver, READY, nothing, wiring=desk.wiring)
        with pytest.raises(BadFields):
            publishing.switch(desk.approver, *cell, False, nothing, wiring=desk.wiring)
    publishing.inherit(desk.approver, READY, "wrong number", wiring=desk.wiring)
    publishing.switch(desk.approver, *cell, False, "holiday", wiring=desk.wiring)
    with desk.wiring.sessions.read() as session:
        rows = session.execute(
            text(
                'SELECT action, actor, object, office_id, "after" FROM audit'
                " WHERE action NOT LIKE 'user.%' AND action NOT LIKE 'session.%' ORDER BY id"
            )
        ).all()
    key = "lai-thieu/result_ready/counter/vi"
    assert "wrong number" in str(rows[-2][4])
    assert "holiday" in str(rows[-1][4])
    assert [tuple(row[:4]) for row in rows] == [
        ("template.written", desk.editor.id, key, "lai-thieu"),
        ("template.submitted", desk.editor.id, key, "lai-thieu"),
        ("template.approved", desk.approver.id, key, "lai-thieu"),
        ("template.published", desk.approver.id, key, "lai-thieu"),
        ("template.inherited", desk.approver.id, key, "lai-thieu"),
        ("situation.switched", desk.approver.id, "lai-thieu/result_ready/counter", "lai-thieu"),
    ]

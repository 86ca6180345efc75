"""Deciding on words: another person approves them, they are published, and others come back.

What is published is what the next event is told in; messages that exist keep their own words.
"""

from collections.abc import Collection
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from notifier.domain.events import Channel, EventType
from notifier.domain.people import Permission
from notifier.domain.versions import PENDING, Status, Step, TemplateKey
from notifier.services import actors, audit, drafting, questions, templates
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.questions import Questions
from notifier.services.template_views import OwnWork, TemplateView, VersionMovedOn, VersionView
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring
from notifier.store import catalogue, situations
from notifier.store import templates as rows
from notifier.store.templates import VersionRow

log = structlog.get_logger(__name__)

_APPROVE = Permission.TEMPLATES_APPROVE
_PUBLISHED = frozenset({Status.PUBLISHED})


def approve(actor: Actor, key: TemplateKey, number: int, *, wiring: Wiring) -> VersionView:
    """Say that these words may be sent; never one's own.

    Raises `NotFound`, `ScopeMissing`, `VersionMovedOn`, or `OwnWork` for whoever wrote or
    submitted them.
    """
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        known = wiring.catalogue.current(session)
        _may(actor, key.office, known)
        row = drafting.locked(session, key, number)
        steps = rows.steps(session, [row.id]).get(row.id, [])
        took_part = {step.by for step in steps if step.step in {Step.WRITTEN, Step.SUBMITTED}}
        if actor.id == row.author or actor.id in took_part:
            raise OwnWork("another person approves")
        return drafting.take_step(session, Step.APPROVED, actor, key, row, now, wiring)


def publish(actor: Actor, key: TemplateKey, number: int, *, wiring: Wiring) -> VersionView:
    """Send these words from the next event on; what was sent so far retires.

    Raises `NotFound`, `ScopeMissing`, `VersionMovedOn` unless it is approved, or `BadFields` for
    words that must not be sent any more.
    """
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        known = wiring.catalogue.current(session)
        _may(actor, key.office, known)
        row = drafting.locked(session, key, number)
        if row.status != Status.APPROVED:
            raise VersionMovedOn(row.status)
        drafting.require_sendable(row.text, key, known)
        _retire_others(session, row.template_id, row.number, actor, now, wiring)
        shown = drafting.take_step(session, Step.PUBLISHED, actor, key, row, now, wiring)
        catalogue.changed(session)
    return shown


def roll_back(
    actor: Actor,
    key: TemplateKey,
    number: int,
    reason: str,
    *,
    confirm: Collection[str] = (),
    wiring: Wiring,
) -> VersionView:
    """Send the words of a version that was published before, as a new version, at once.

    They were approved then. Raises `NotFound`, `ScopeMissing`, `BadFields` without a reason or for
    words that must not be sent any more, `VersionMovedOn` where they were never published or
    are published now, or `ConfirmationNeeded` for other placeholders that `confirm` does not name.
    """
    reason = drafting.said(reason, "reason")
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        known = wiring.catalogue.current(session)
        _may(actor, key.office, known)
        old = drafting.locked(session, key, number)
        steps = rows.steps(session, [old.id]).get(old.id, [])
        was_published = any(step.step == Step.PUBLISHED for step in steps)
        if old.status != Status.RETIRED or not was_published:
            raise VersionMovedOn(old.status)
        drafting.require_sendable(old.text, key, known)
        asked = questions.effects(session, key, old.text, known, wiring)
        Questions(effects=asked).require(confirm)
        row = VersionRow(
            id=wiring.ids.new("ver"),
            template_id=old.template_id,
            number=rows.newest_number(session, old.template_id) + 1,
            text=old.text,
            status=Status.PUBLISHED,
            created_at=now,
            author=actor.id,
            reason=reason,
            back_to=number,
        )
        _retire_others(session, row.template_id, row.number, actor, now, wiring)
        rows.add_version(session, row)
        drafting.note(session, row.id, Step.PUBLISHED, actor, now, wiring)
        drafting.record(session, "template.rolled_back", actor, key, row.number, now, wiring)
        catalogue.changed(session)
        shown = templates.versions_of(session, [row])[0]
    log.info("template_rolled_back", version=row.id, by=actor.id)
    return shown


def inherit(
    actor: Actor, key: TemplateKey, reason: str, *, confirm: Collection[str] = (), wiring: Wiring
) -> TemplateView:
    """Send the inherited words again: the office's own retire, its drafts stay.

    Raises `BadFields` without a reason, `NotFound` where it sends none of its own, `ScopeMissing`,
    or `ConfirmationNeeded` for what `confirm` does not name: other placeholders, no words at all.
    """
    reason = drafting.said(reason, "reason")
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        known = wiring.catalogue.current(session)
        _may(actor, key.office, known)
        template_id = rows.find(session, key, for_update=True)
        gone = (
            drafting.retire(session, template_id, actor, now, wiring, standing=_PUBLISHED)
            if template_id
            else []
        )
        if not gone:
            raise NotFound("the office has no words of its own here")
        if (above := known.inherited_by(key)) is not None:
            asked = questions.effects(session, key, above[0].text, known, wiring)
            Questions(effects=asked).require(confirm)
        else:
            then, cell = wiring.catalogue.fresh(session), (key.office, key.event_type, key.channel)
            Questions(no_words=questions.lacks_words(then, *cell)).require(confirm)
        _record(
            session, "template.inherited", actor, str(key), key.office, now, wiring,
            after={"reason": reason},
        )  # fmt: skip
        catalogue.changed(session)
        shown = templates.view(session, key, wiring.catalogue.fresh(session))
    log.info("template_inherited", version=gone[0], by=actor.id)
    return shown


def switch(
    actor: Actor,
    office: str,
    event_type: EventType,
    channel: Channel,
    sends: bool | None,
    reason: str,
    *,
    confirm: Collection[str] = (),
    wiring: Wiring,
) -> tuple[bool, str | None]:
    """Let a situation send or be silent; empty: as those above say. What holds now, and by whom.

    Raises `BadFields` without a reason, `NotFound`, `ScopeMissing`, or `ConfirmationNeeded` where
    it would begin to send without words, and `confirm` does not name that.
    """
    reason = drafting.said(reason, "reason")
    with wiring.sessions.begin() as session:
        catalogue.changing(session)
        now = wiring.sessions.now(session)
        known = wiring.catalogue.current(session)
        _may(actor, office, known)
        before = situations.own(session, office, event_type, channel)
        situations.set_own(session, office, event_type, channel, sends, wiring.ids.new("sit"))
        cell, then = (office, event_type, channel), wiring.catalogue.fresh(session)
        if not known.sends(*cell):
            Questions(no_words=questions.lacks_words(then, *cell)).require(confirm)
        _record(
            session,
            "situation.switched",
            actor,
            f"{office}/{event_type}/{channel}",
            office,
            now,
            wiring,
            before={"sends": before},
            after={"sends": sends, "reason": reason},
        )
        catalogue.changed(session)
        holds = then.sends_by(*cell)
    log.info("situation_switched", office=office, sends=sends, by=actor.id)
    return holds


def _retire_others(
    session: Session, template_id: str, number: int, actor: Actor, now: datetime, wiring: Wiring
) -> None:
    """What is published now, and what was approved before this: both are older words."""
    drafting.retire(session, template_id, actor, now, wiring, standing=_PUBLISHED)
    drafting.retire(session, template_id, actor, now, wiring, standing=PENDING, below=number)


def _may(actor: Actor, office: str, known: Known) -> None:
    actors.require_at(actor, _APPROVE, office, known, sees=Permission.TEMPLATES_READ)


def _record(
    session: Session,
    action: str,
    actor: Actor,
    object_id: str,
    office: str,
    now: datetime,
    wiring: Wiring,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    audit.record(
        session,
        ids=wiring.ids,
        at=now,
        actor=actor.id,
        action=action,
        object_id=object_id,
        office=office,
        before=before,
        after=after,
    )

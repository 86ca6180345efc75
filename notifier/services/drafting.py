"""Writing words: a draft is kept as a version, handed to another person, and sent back."""

from collections.abc import Collection, Iterable
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from notifier.domain.people import Permission
from notifier.domain.templates import Problem, TemplateError, check, parse
from notifier.domain.text import clean
from notifier.domain.versions import (
    STATUS_MOVES,
    Status,
    Step,
    TemplateKey,
)
from notifier.services import actors, audit, questions, templates
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.template_views import StaleDraft, VersionMovedOn, VersionView
from notifier.services.views import BadFields, FieldProblem, NotFound
from notifier.services.wiring import Wiring
from notifier.store import templates as rows
from notifier.store.templates import StepRow, VersionRow

log = structlog.get_logger(__name__)

LONGEST_TEXT = 1000
LONGEST_REASON = 500
_DRAFTS = frozenset({Status.DRAFT})
_WAITING = frozenset({Status.SUBMITTED})


def save(
    actor: Actor,
    key: TemplateKey,
    text: str,
    reason: str,
    *,
    after: int,
    sendable: bool = False,
    wiring: Wiring,
) -> VersionView:
    """Keep the text as a new draft; older drafts retire, what waits for approval or is approved
    stays as it is.

    `after` is the newest number that the writer has seen: another is `StaleDraft`, and nothing is
    kept. Raises `NotFound`, `ScopeMissing`, or `BadFields` for a text that cannot be read, or leads
    where the office's words may not lead; where it is to be `sendable`, for any that may not be
    sent.
    """
    text, reason = _readable(text), said(reason, "reason")
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        known = wiring.catalogue.current(session)
        _may(actor, Permission.TEMPLATES_WRITE, key, known)
        problems = check(text, key.language, links=known.links(key.office))
        _refuse(one for one in problems if one.forbids and (sendable or one.code == "link"))
        template_id = rows.lock(session, key, wiring.ids.new("tpl"))
        newest = rows.newest_number(session, template_id)
        if newest != after:
            row = rows.version(session, template_id, newest)
            raise StaleDraft(templates.versions_of(session, [row])[0] if row else None)
        retire(session, template_id, actor, now, wiring, standing=_DRAFTS)
        row = VersionRow(
            id=wiring.ids.new("ver"),
            template_id=template_id,
            number=newest + 1,
            text=text,
            status=Status.DRAFT,
            created_at=now,
            author=actor.id,
            reason=reason,
            back_to=None,
        )
        rows.add_version(session, row)
        note(session, row.id, Step.WRITTEN, actor, now, wiring)
        record(session, "template.written", actor, key, row.number, now, wiring)
        shown = templates.versions_of(session, [row])[0]
    log.info("template_written", version=row.id, by=actor.id)
    return shown


def submit(
    actor: Actor,
    key: TemplateKey,
    number: int,
    *,
    confirm: Collection[str] = (),
    wiring: Wiring,
) -> VersionView:
    """Hand the draft to whoever approves, in place of an older one that waits for them.

    Raises `NotFound`, `ScopeMissing`, `VersionMovedOn`, `BadFields` for words that cannot be sent,
    or `ConfirmationNeeded` for what `confirm` does not name: other placeholders than those of the
    words sent now, an older one that waits, messages of many SMS.
    """
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        known = wiring.catalogue.current(session)
        _may(actor, Permission.TEMPLATES_WRITE, key, known)
        row = locked(session, key, number)
        require_sendable(row.text, key, known)
        if row.status == Status.DRAFT:
            questions.of_submission(session, key, row, known, wiring).require(confirm)
            retire(session, row.template_id, actor, now, wiring, standing=_WAITING)
        return take_step(session, Step.SUBMITTED, actor, key, row, now, wiring)


def send_back(
    actor: Actor, key: TemplateKey, number: int, remark: str, *, wiring: Wiring
) -> VersionView:
    """Give it back to its author with what is to be changed.

    Raises `NotFound`, `ScopeMissing`, `VersionMovedOn`, `BadFields` without a remark.
    """
    remark = said(remark, "remark")
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        known = wiring.catalogue.current(session)
        _may(actor, Permission.TEMPLATES_APPROVE, key, known)
        row = locked(session, key, number)
        return take_step(session, Step.SENT_BACK, actor, key, row, now, wiring, remark=remark)


def locked(session: Session, key: TemplateKey, number: int) -> VersionRow:
    """The version, its template locked until the transaction's end. Raises `NotFound`."""
    template_id = rows.find(session, key, for_update=True)
    row = rows.version(session, template_id, number) if template_id else None
    if row is None:
        raise NotFound("there is no such version")
    return row


def require_sendable(text: str, key: TemplateKey, known: Known) -> None:
    """Raises `BadFields` for words that must not be sent, there and now."""
    _refuse(one for one in check(text, key.language, links=known.links(key.office)) if one.forbids)


def _refuse(problems: Iterable[Problem]) -> None:
    if found := [FieldProblem("text", one.code, one.message) for one in problems]:
        raise BadFields(*found)


def take_step(
    session: Session,
    step: Step,
    actor: Actor,
    key: TemplateKey,
    row: VersionRow,
    now: datetime,
    wiring: Wiring,
    *,
    remark: str | None = None,
) -> VersionView:
    """Move the version and note who did it. Raises `VersionMovedOn`."""
    if not rows.move(session, row.template_id, STATUS_MOVES[step], number=row.number):
        raise VersionMovedOn(row.status)
    note(session, row.id, step, actor, now, wiring, remark=remark)
    record(
        session, f"template.{step}", actor, key, row.number, now, wiring,
        before=row.status, after=STATUS_MOVES[step].to,
    )  # fmt: skip
    log.info("template_moved", version=row.id, step=step, by=actor.id)
    return templates.versions_of(session, [templates.require_version(session, key, row.number)])[0]


def retire(
    session: Session,
    template_id: str,
    actor: Actor,
    now: datetime,
    wiring: Wiring,
    *,
    standing: frozenset[Status],
    below: int | None = None,
) -> list[str]:
    """Retire the template's versions that stand so; answers which."""
    gone = rows.move(
        session, template_id, STATUS_MOVES[Step.RETIRED], standing=standing, below=below
    )
    for version_id in gone:
        note(session, version_id, Step.RETIRED, actor, now, wiring)
    return gone


def note(
    session: Session,
    version_id: str,
    step: Step,
    actor: Actor,
    now: datetime,
    wiring: Wiring,
    *,
    remark: str | None = None,
) -> None:
    rows.add_step(session, wiring.ids.new("stp"), StepRow(version_id, step, actor.id, now, remark))


def record(
    session: Session,
    action: str,
    actor: Actor,
    key: TemplateKey,
    number: int,
    now: datetime,
    wiring: Wiring,
    *,
    before: str | None = None,
    after: str | None = None,
) -> None:
    audit.record(
        session,
        ids=wiring.ids,
        at=now,
        actor=actor.id,
        action=action,
        object_id=str(key),
        office=key.office,
        before={"status": before} if before else None,
        after={"number": number, **({"status": after} if after else {})},
    )


def _may(actor: Actor, permission: Permission, key: TemplateKey, known: Known) -> None:
    actors.require_at(actor, permission, key.office, known, sees=Permission.TEMPLATES_READ)


def _readable(text: str) -> str:
    """The text in its normal form. Raises `BadFields`."""
    text = clean(text).strip()
    if not text:
        raise BadFields(FieldProblem("text", "required", "A text has words."))
    if len(text) > LONGEST_TEXT:
        said = f"{len(text)} characters, and a text takes {LONGEST_TEXT}."
        raise BadFields(FieldProblem("text", "too_long", said))
    try:
        parse(text)
    except TemplateError as problem:
        said = f"{problem} at character {problem.position + 1}"
        raise BadFields(FieldProblem("text", "syntax", said)) from None
    return text


def said(text: str, path: str) -> str:
    """A reason or a remark in one line. Raises `BadFields` without one."""
    line = " ".join(text.split())
    if not line:
        raise BadFields(FieldProblem(path, "required", "Say why, in a few words."))
    if len(line) > LONGEST_REASON:
        raise BadFields(FieldProblem(path, "too_long", f"At most {LONGEST_REASON} characters."))
    return line

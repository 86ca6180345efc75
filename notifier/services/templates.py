"""Templates to look at: what an office sends in each situation, its versions, their differences."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlalchemy.orm import Session

from notifier.domain.events import Channel, EventType, Language
from notifier.domain.ids import earliest
from notifier.domain.people import Permission
from notifier.domain.placeholders import PLACEHOLDERS
from notifier.domain.registrations import Registration
from notifier.domain.templates import TemplateError, parse
from notifier.domain.versions import TemplateKey, diff
from notifier.services import actors, registrations
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.template_views import (
    SHIPPED,
    DiffView,
    LanguageView,
    PendingView,
    PlaceholderView,
    SituationList,
    SituationView,
    StepView,
    TemplateView,
    VersionView,
    WordsView,
)
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring
from notifier.store import people, usage
from notifier.store import templates as rows
from notifier.store.catalogue import Words
from notifier.store.templates import VersionRow

LATELY = timedelta(days=30)
_READ = Permission.TEMPLATES_READ


def list_situations(actor: Actor, office: str, *, wiring: Wiring) -> SituationList:
    """Every situation of the office. Raises `NotFound`, `ScopeMissing`."""
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        actors.require_at(actor, _READ, office, known, sees=_READ)
        pending = rows.pending(session, office)
        since = earliest("msg", wiring.sessions.now(session) - LATELY)
        used = usage.by_situation(session, office, since_id=since)
    return SituationList(
        office,
        tuple(
            _situation(office, event_type, channel, known, pending, used)
            for event_type in EventType
            for channel in Channel
        ),
    )


def show(actor: Actor, key: TemplateKey, *, wiring: Wiring) -> TemplateView:
    """The template with all its versions. Raises `NotFound`, `ScopeMissing`."""
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        actors.require_at(actor, _READ, key.office, known, sees=_READ)
        return view(session, key, known)


def show_version(actor: Actor, key: TemplateKey, number: int, *, wiring: Wiring) -> VersionView:
    """One version. Raises `NotFound`, `ScopeMissing`."""
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        actors.require_at(actor, _READ, key.office, known, sees=_READ)
        return versions_of(session, [require_version(session, key, number)])[0]


def show_diff(actor: Actor, key: TemplateKey, old: int, new: int, *, wiring: Wiring) -> DiffView:
    """Two versions as one text; 0 stands for the words that would be inherited.

    Raises `NotFound`, `ScopeMissing`.
    """
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        actors.require_at(actor, _READ, key.office, known, sees=_READ)
        before, after = (_text_of(session, key, number, known) for number in (old, new))
    return DiffView(old, new, diff(before, after))


def view(session: Session, key: TemplateKey, known: Known) -> TemplateView:
    """The template as this transaction sees it."""
    template_id = rows.find(session, key)
    kept = rows.versions(session, template_id) if template_id else []
    sends, said_by = known.sends_by(key.office, key.event_type, key.channel)
    language = _language(key.office, key.event_type, key.channel, key.language, known, None)
    return TemplateView(
        key=key,
        sends=sends,
        sends_said_by=said_by or SHIPPED,
        words=language.words,
        registered=_registered(session, language.words),
        own=language.own,
        inherited=_words(known.inherited_by(key)),
        newest=kept[0].number if kept else 0,
        versions=versions_of(session, kept),
        placeholders=tuple(
            PlaceholderView(
                one.name, one.kind, one.maximum[key.language], one.default.get(key.language)
            )
            for one in PLACEHOLDERS.values()
        ),
    )


def versions_of(session: Session, kept: Iterable[VersionRow]) -> tuple[VersionView, ...]:
    """These versions with what was done with them, by people's names."""
    kept = list(kept)
    ids = [row.id for row in kept]
    steps, registered = rows.steps(session, ids), registrations.states_of(session, ids)
    by = {step.by for of in steps.values() for step in of}
    names = people.names(session, by | {row.author for row in kept if row.author})
    return tuple(
        VersionView(
            id=row.id,
            number=row.number,
            status=row.status,
            text=row.text,
            author=row.author,
            author_name=names.get(row.author, row.author) if row.author else None,
            reason=row.reason,
            back_to=row.back_to,
            created_at=row.created_at,
            placeholders=placeholders_of(row.text),
            steps=tuple(
                StepView(step.step, step.by, names.get(step.by, step.by), step.at, step.remark)
                for step in steps.get(row.id, [])
            ),
            registered=tuple(registered.get(row.id, ())),
        )
        for row in kept
    )


def _registered(session: Session, words: WordsView | None) -> tuple[Registration, ...]:
    if words is None:
        return ()
    return tuple(registrations.states_of(session, [words.version_id]).get(words.version_id, ()))


def placeholders_of(text: str) -> tuple[str, ...]:
    """The placeholders in the text, each once; none where it cannot be read."""
    try:
        return tuple(dict.fromkeys(parse(text).names))
    except TemplateError:
        return ()


def require_version(session: Session, key: TemplateKey, number: int) -> VersionRow:
    """The version. Raises `NotFound`."""
    template_id = rows.find(session, key)
    row = rows.version(session, template_id, number) if template_id else None
    if row is None:
        raise NotFound("there is no such version")
    return row


def _text_of(session: Session, key: TemplateKey, number: int, known: Known) -> str:
    if number:
        return require_version(session, key, number).text
    inherited = known.inherited_by(key)
    return inherited[0].text if inherited else ""


def _situation(
    office: str,
    event_type: EventType,
    channel: Channel,
    known: Known,
    pending: dict[rows.Cell, VersionRow],
    used: Mapping[tuple[str, str], int],
) -> SituationView:
    sends, said_by = known.sends_by(office, event_type, channel)
    languages = tuple(
        _language(
            office, event_type, channel, language, known,
            pending.get((event_type, channel, language)),
        )
        for language in Language
    )  # fmt: skip
    vietnamese = languages[0]
    if not sends:
        standing = "silent"
    elif vietnamese.words is None:
        standing = "missing"
    else:
        standing = "own" if vietnamese.own else "inherited"
    return SituationView(
        office=office,
        event_type=event_type,
        channel=channel,
        sends=sends,
        sends_said_by=said_by or SHIPPED,
        standing=standing,
        languages=languages,
        used=used.get((event_type, channel), 0),
    )


def _language(
    office: str,
    event_type: EventType,
    channel: Channel,
    language: Language,
    known: Known,
    pending: VersionRow | None,
) -> LanguageView:
    found = known.words_by(office, event_type, channel, language)
    return LanguageView(
        language=language,
        words=_words(found),
        own=found is not None and found[1] == office,
        pending=PendingView(pending.number, pending.status) if pending else None,
    )


def _words(found: tuple[Words, str | None] | None) -> WordsView | None:
    return WordsView(found[0].version_id, found[0].text, found[1] or SHIPPED) if found else None

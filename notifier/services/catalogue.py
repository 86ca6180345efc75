"""What is said in a situation: the words an office uses, its own or inherited."""

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from config.seed import load_seed
from notifier.domain import calendar, routing
from notifier.domain.budgets import Budget
from notifier.domain.calendar import SILENT, CalendarPart, OfficeHours, SendingHours
from notifier.domain.events import Channel, EventType, Language
from notifier.domain.restraint import Restraint
from notifier.domain.routing import Route
from notifier.domain.templates import Form, OfficeConstants, Template, parse, unsendable
from notifier.domain.versions import TemplateKey
from notifier.store import catalogue as rows
from notifier.store.catalogue import Cell, OfficeRow, Rows, Words
from notifier.store.limits import LimitRow
from notifier.store.routes import RouteRow


@dataclass(frozen=True, slots=True)
class Speech:
    """The words for an event; none where the situation sends but nobody wrote any."""

    version_id: str
    template: Template
    language: Language
    unfit: bool  # its words must not be sent, whatever the values


class Known:
    """One revision of the catalogue. Immutable; templates are parsed once, when first used."""

    def __init__(
        self, read: Rows, restraint: Restraint, labels: Mapping[Language, Mapping[str, str]]
    ) -> None:
        self._rows = read
        self._parsed: dict[tuple[str, frozenset[str]], tuple[Template, Language, bool]] = {}
        self._labels = labels
        self._source_cap = restraint.source_cap
        self._hours = {
            office_id: calendar.sending_hours(self.calendar_chain(office_id))
            for office_id in (read.offices if restraint.quiet_hours else ())
        }
        self._only = {
            office_id: frozenset[bytes]().union(
                *(read.test_numbers.get(one, ()) for one in self.lineage(office_id))
            )
            for office_id in (read.offices if restraint.only_live else ())
            if not self.is_live(office_id)
        }
        self._links = {
            office_id: frozenset[str]().union(
                *(read.link_hosts.get(one, ()) for one in self.lineage(office_id))
            )
            for office_id in read.offices
        }
        self._sharing: dict[SendingHours, set[str]] = {}
        for office_id, hours in self._hours.items():
            self._sharing.setdefault(hours, set()).add(office_id)

        self._below: dict[str, set[str]] = {}
        for office_id in read.offices:
            for above in self.lineage(office_id):
                self._below.setdefault(above, set()).add(office_id)

        by_route: dict[str, list[str]] = {}
        for office_id in read.offices if read.routes else ():
            if (own := self.route(office_id)) is not None:
                by_route.setdefault(own[1], []).append(office_id)
        # Each office's own route, with the offices that have it or inherit it.
        self.routed = [(read.routes[one], offices) for one, offices in by_route.items()]
        self._reach: dict[tuple[int, tuple[str, ...]], frozenset[str]] = {}

    @property
    def revision(self) -> int:
        return self._rows.revision

    def may_post(self, source_id: str, office_id: str) -> bool:
        """Whether the source may post for the office; an unknown office is told alike."""
        return office_id in self._rows.offices_of_source.get(source_id, frozenset())

    def offices_of(self, source_id: str) -> frozenset[str]:
        return self._rows.offices_of_source.get(source_id, frozenset())

    def office(self, office_id: str) -> OfficeRow:
        return self._rows.offices[office_id]

    @property
    def office_ids(self) -> frozenset[str]:
        return frozenset(self._rows.offices)

    def lineage(self, office_id: str) -> Iterator[str]:
        """The office, its parent, and so on up."""
        seen: set[str] = set()
        at: str | None = office_id
        while at is not None and at not in seen:
            seen.add(at)
            yield at
            at = self._rows.offices[at].parent_id

    def route(self, office_id: str) -> tuple[RouteRow, str] | None:
        """The nearest office's route, and whose it is; none: all gateways in their order."""
        for at in self.lineage(office_id):
            if at in self._rows.routes:
                return self._rows.routes[at], at
        return None

    def reach(self, route: Route, in_use: Sequence[str]) -> frozenset[str]:
        """Every gateway in use that some message on the route may be tried at; worked out once."""
        key = (id(route), tuple(in_use))
        if key not in self._reach:
            self._reach[key] = routing.reach(route, in_use)
        return self._reach[key]

    def below(self, office_id: str) -> Set[str]:
        """The office, and all below it."""
        return self._below.get(office_id, frozenset())

    def asks_operators(self, office_id: str) -> bool:
        """Whether a phone's operator decides on the way of the office's messages."""
        own = self.route(office_id) if self._rows.routes else None
        return own is not None and own[0].route.asks_operators

    @property
    def routes(self) -> Mapping[str, RouteRow]:
        """By office that has one of its own."""
        return self._rows.routes

    @property
    def budgets(self) -> Mapping[str, Budget]:
        """By office that has one: what it may spend."""
        return self._rows.budgets

    @property
    def limits(self) -> Mapping[str, LimitRow]:
        """By gateway of which a person said it: what its account may be given."""
        return self._rows.limits

    def constants(self, office_id: str) -> OfficeConstants:
        """What an office fills into its templates."""
        office = self.office(office_id)
        return OfficeConstants(
            name=office.name,
            phone=office.phone,
            reply_number=office.reply_number,
            links=self.links(office_id),
        )

    def links(self, office_id: str) -> frozenset[str]:
        """The hosts that its words may lead to: its own and those of the offices above."""
        return self._links[office_id]

    def is_unfit(self, text: str, office_id: str) -> bool:
        """Whether words that were published must not be sent for the office any more."""
        return bool(unsendable(parse(text), links=self.links(office_id)))

    def leading_to(self, host: str, office_id: str) -> int:
        """How many published words that the office and those below it use lead there."""
        of: set[str | None] = {*self.lineage(office_id), *self.below(office_id), None}
        return sum(
            cell[0] in of and host in words.text.lower()
            for (cell, _), words in self._rows.words.items()
        )

    def form(self, office_id: str) -> Form:
        return Form(self.office(office_id).vietnamese_form)

    def sending_hours(self, office_id: str) -> SendingHours | None:
        """When the office's messages may go; none where there are no quiet hours."""
        return self._hours.get(office_id)

    def office_hours(self, office_id: str) -> OfficeHours:
        """When the office works."""
        return calendar.office_hours(self.calendar_chain(office_id))

    def closed(self, now: datetime) -> dict[str, datetime]:
        """The offices in their quiet hours, each with its next opening."""
        return {
            office_id: opening
            for hours, offices in self._sharing.items()
            if (opening := calendar.next_opening(now, hours)) > now
            for office_id in offices
        }

    def openings_after_this(self, now: datetime) -> dict[str, datetime]:
        """The offices whose messages may go now, each with its opening after this one."""
        return {
            office_id: calendar.opening_after_this(now, hours)
            for hours, offices in self._sharing.items()
            if calendar.next_opening(now, hours) == now
            for office_id in offices
        }

    def daily_cap(self, source_id: str) -> int | None:
        """How many messages the source may make in a day; none: as many as it likes."""
        if self._source_cap is None:
            return None
        return self._rows.daily_caps.get(source_id, self._source_cap) or None

    def says_live(self, office_id: str) -> OfficeRow | None:
        """The nearest office that says whether this one is live; none: nobody did, so it is not."""
        chain = map(self.office, self.lineage(office_id))
        return next((office for office in chain if office.live is not None), None)

    def is_live(self, office_id: str) -> bool:
        said = self.says_live(office_id)
        return said is not None and said.live is True

    def goes_out(self, office_id: str, phone_hash: bytes) -> bool:
        """Whether the office is live, or the phone a test number of it or of one above it."""
        only = self._only.get(office_id)
        return only is None or phone_hash in only

    def calendar_chain(self, office_id: str) -> list[CalendarPart]:
        """What the office, those above it and the shipped set say of their time."""
        chain = [*self.lineage(office_id), None]
        return [self._rows.calendars.get(one, SILENT) for one in chain]

    def sends(self, office_id: str, event_type: EventType, channel: Channel) -> bool:
        """Whether the situation sends there, by the nearest office that says so."""
        return self.sends_by(office_id, event_type, channel)[0]

    def sends_by(
        self, office_id: str, event_type: EventType, channel: Channel
    ) -> tuple[bool, str | None]:
        """Whether the situation sends there, and which office says so; none: the shipped set."""
        for cell in self._cells(office_id, event_type, channel):
            if cell in self._rows.sends:
                return self._rows.sends[cell], cell[0]
        return True, None  # nobody decided on silence: a missing word is held, not swallowed

    def speech(
        self, office_id: str, event_type: EventType, channel: Channel, language: Language
    ) -> Speech | None:
        """The nearest office's words, in the language or else in Vietnamese."""
        for wanted in dict.fromkeys((language, Language.VI)):
            for cell in self._cells(office_id, event_type, channel):
                words = self._rows.words.get((cell, wanted))
                if words is not None:
                    return Speech(
                        words.version_id, *self._template(words, wanted, self.links(office_id))
                    )
        return None

    def labels(self, language: Language) -> Mapping[str, str]:
        """What an event type is called."""
        return self._labels[language]

    def words_by(
        self, office_id: str, event_type: EventType, channel: Channel, language: Language
    ) -> tuple[Words, str | None] | None:
        """The words in this very language, and whose they are; none: the shipped set's."""
        for cell in self._cells(office_id, event_type, channel):
            words = self._rows.words.get((cell, language))
            if words is not None:
                return words, cell[0]
        return None

    def inherited_by(self, key: TemplateKey) -> tuple[Words, str | None] | None:
        """What the office would say without words of its own, and whose as in `words_by`."""
        for cell in self._cells(key.office, key.event_type, key.channel):
            words = self._rows.words.get((cell, key.language))
            if words is not None and cell[0] != key.office:
                return words, cell[0]
        return None

    def inheriting(self, key: TemplateKey) -> frozenset[str]:
        """The office and those below it that use its words, or would if it had any."""

        def uses(office_id: str) -> bool:
            for at in self.lineage(office_id):
                if at == key.office:
                    return True
                if ((at, key.event_type, key.channel), key.language) in self._rows.words:
                    return False
            return False

        return frozenset(filter(uses, self.office_ids))

    def sources_of(self, offices: Collection[str]) -> frozenset[str]:
        """The sources that may post for any of these offices."""
        return frozenset(
            source
            for source, theirs in self._rows.offices_of_source.items()
            if not theirs.isdisjoint(offices)
        )

    def _template(
        self, words: Words, language: Language, links: frozenset[str]
    ) -> tuple[Template, Language, bool]:
        parsed = self._parsed.get((words.version_id, links))
        if parsed is None:
            template = parse(words.text)
            parsed = (template, language, bool(unsendable(template, links=links)))
            self._parsed[words.version_id, links] = parsed
        return parsed

    def _cells(self, office_id: str, event_type: EventType, channel: Channel) -> Iterator[Cell]:
        for at in self.lineage(office_id):
            yield (at, event_type, channel)
        yield (None, event_type, channel)


class Catalogue:
    """The catalogue as this process last read it; read again when its revision moved."""

    def __init__(self, restraint: Restraint) -> None:
        self._restraint = restraint
        shipped = load_seed()
        self._labels = {language: shipped.labels(language) for language in Language}
        self._lock = threading.Lock()
        self._known: Known | None = None

    def current(self, session: Session) -> Known:
        """What holds in this transaction."""
        revision = rows.revision(session)
        with self._lock:
            if self._known is None or self._known.revision != revision:
                self._known = self.fresh(session)
            return self._known

    def fresh(self, session: Session) -> Known:
        """What will hold once this transaction is committed."""
        return Known(rows.read(session), self._restraint, self._labels)

    def closed(self, session: Session, now: datetime) -> dict[str, datetime]:
        """The offices in their quiet hours, each with its next opening. Asks only if there are."""
        return self.current(session).closed(now) if self._restraint.quiet_hours else {}

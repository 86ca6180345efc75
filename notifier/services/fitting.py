"""What a gateway can take of a message, known before any call.

Words go to a gateway as they are, in an earlier version that its provider has approved, or not
at all: then the next gateway is asked about, and the message is held where none is left.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.orm import Session

from gateways.base import Alphabet, Capabilities, Parameter, RegisteredTemplate, Templates
from notifier.domain.events import CaseEvent, Language
from notifier.domain.registrations import Registration, in_force
from notifier.domain.states import Reason
from notifier.domain.templates import MissingValue, fill, in_form, parse, write_values
from notifier.domain.text import analyse
from notifier.services.calling import open_text
from notifier.services.catalogue import Catalogue, Known
from notifier.services.composing import mended, open_body, open_values, read_body
from notifier.services.gateways import Accounts
from notifier.store import events, registrations
from notifier.store.registrations import Candidate
from notifier.store.sealing import Sealer


class Fittable(Protocol):
    """What is asked of a message."""

    @property
    def message_id(self) -> str: ...
    @property
    def event_id(self) -> str: ...
    @property
    def office_id(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def template_version_id(self) -> str | None: ...
    @property
    def text_cipher(self) -> bytes: ...
    @property
    def values_cipher(self) -> bytes | None: ...
    @property
    def encoding(self) -> str | None: ...
    @property
    def segments(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Wording:
    """How a message's words go to one gateway."""

    template: RegisteredTemplate | None = None
    reworded: "Reworded | None" = None  # other words than the message has


@dataclass(frozen=True, slots=True)
class Reworded:
    """A message's words in the version that a provider knows."""

    version_id: str
    text: str = field(repr=False)


_AS_IT_IS = Wording()


@dataclass(frozen=True, slots=True)
class Fitter:
    """Looks at groups of messages."""

    sealer: Sealer
    accounts: Accounts
    catalogue: Catalogue

    def look(self, session: Session, messages: Sequence[Fittable]) -> "Fits":
        """Read what the group's wordings need: nothing where no provider registers words."""
        asking = [name for name in self.accounts.route if self._registers(name)]
        versions = {m.template_version_id for m in messages if m.template_version_id}
        if not asking or not versions:
            return Fits(self, None, {}, {})
        known = self.catalogue.current(session)
        offices = {above for m in messages for above in known.lineage(m.office_id)}
        found: dict[tuple[str, str], list[Candidate]] = {}
        for one in registrations.candidates(session, versions, gateways=asking, offices=offices):
            found.setdefault((one.pinned_id, one.registration.gateway), []).append(one)
        bodies = events.bodies(session, {m.event_id for m in messages}) if found else {}
        return Fits(self, known, found, bodies)

    def _registers(self, name: str) -> bool:
        return self.accounts[name].gateway.capabilities.templates is not Templates.NONE


@dataclass(frozen=True, slots=True)
class Fits:
    """What a group's messages need, read once."""

    fitter: Fitter
    known: Known | None
    candidates: Mapping[tuple[str, str], Sequence[Candidate]]  # by pinned version and gateway
    bodies: Mapping[str, bytes | None] = field(repr=False)  # by event

    def wording(self, message: Fittable, gateway: str) -> Wording | Reason:
        """How the message goes through the gateway, or why it cannot."""
        able = self.fitter.accounts[gateway].gateway.capabilities
        wording: Wording | Reason = _AS_IT_IS
        if able.templates is not Templates.NONE:
            wording = self._registered(message, gateway, able.templates)
        if isinstance(wording, Reason):
            return wording
        return self._beyond(message, wording, able) or wording

    def _registered(self, message: Fittable, gateway: str, wants: Templates) -> Wording | Reason:
        by_id = wants is Templates.BY_ID
        versions = list(self._versions(message, gateway))
        if not versions:
            # What was never written down here may well be registered: the provider looks itself.
            return Reason.NOT_REGISTERED if by_id else _AS_IT_IS
        for version, rows in versions:
            registered = in_force(rows, message.office_id)
            if registered is None or (by_id and not registered.provider_id):
                continue
            if not by_id and version.version_id == message.template_version_id:
                return _AS_IT_IS
            return self._said(message, version, registered, by_id=by_id)
        return Reason.NOT_REGISTERED

    def _versions(
        self, message: Fittable, gateway: str
    ) -> Iterator[tuple[Candidate, list[Registration]]]:
        """The versions that concern the message, its own first, then earlier, then inherited."""
        found = self.candidates.get((message.template_version_id or "", gateway), ())
        if not found or self.known is None:
            return
        lineage: list[str | None] = [*self.known.lineage(message.office_id), None]
        pinned = found[0].pinned_office
        # An office that moved under another one since: its message's words stay as they were.
        above = lineage[lineage.index(pinned) :] if pinned in lineage else [pinned]
        rows: dict[str, list[Registration]] = {}
        for one in found:
            if one.registration.office in {message.office_id, ""}:
                rows.setdefault(one.version_id, []).append(one.registration)
        versions = {one.version_id: one for one in found if one.office in above}
        for one in sorted(versions.values(), key=lambda v: (above.index(v.office), -v.number)):
            if one.version_id in rows:
                yield one, rows[one.version_id]

    def _said(
        self, message: Fittable, version: Candidate, registered: Registration, *, by_id: bool
    ) -> Wording | Reason:
        """The version's words with the event's values."""
        event = self._event(message)
        if event is None or self.known is None:
            return Reason.MISSING_VALUE
        template, language = parse(version.text), Language(message.language)
        form = self.known.form(message.office_id)
        try:
            written = write_values(
                template,
                office=self.known.constants(message.office_id),
                event=event,
                language=language,
                labels=self.known.labels(language),
            ).written
        except MissingValue:
            return Reason.MISSING_VALUE
        told = None
        if by_id:
            parameters = []
            for spec in registered.parameters:
                value = in_form(written[spec.placeholder], language, form)
                if not spec.takes(value):
                    return Reason.TOO_LONG if spec.kind.takes(value) else Reason.CHARACTERS
                parameters.append(Parameter(spec.name, value))
            told = RegisteredTemplate(registered.provider_id, tuple(parameters))
        text = in_form(fill(template, written), language, form)
        if version.version_id == message.template_version_id and text == self._text(message):
            return Wording(told)
        return Wording(told, Reworded(version.version_id, text))

    def _event(self, message: Fittable) -> CaseEvent | None:
        cipher, sealer = self.bodies.get(message.event_id), self.fitter.sealer
        if cipher is None:
            return None
        raw = json.loads(open_body(sealer, message.event_id, cipher))
        filled_in = open_values(sealer, message.message_id, message.values_cipher)
        return read_body(json.dumps(mended(raw, filled_in)))

    def _text(self, message: Fittable) -> str:
        return open_text(self.fitter.sealer, message.message_id, message.text_cipher)

    def _beyond(self, message: Fittable, wording: Wording, able: Capabilities) -> Reason | None:
        """Why the provider would not take these words, as far as it tells beforehand."""
        encoding, segments = message.encoding, message.segments or 1
        if wording.reworded is not None:
            counted = analyse(wording.reworded.text)
            encoding, segments = counted.encoding, counted.segments
        if encoding is not None and Alphabet(encoding) not in able.alphabets:
            return Reason.CHARACTERS
        if segments > able.max_segments:
            return Reason.TOO_LONG
        if able.refused_characters:
            text = wording.reworded.text if wording.reworded else self._text(message)
            if not able.refused_characters.isdisjoint(text):
                return Reason.CHARACTERS
        return None

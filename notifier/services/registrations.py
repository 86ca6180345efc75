"""Templates registered with providers: written down, submitted, approved or refused.

Báo Tin keeps where each version stands; the registering itself is done with the provider. Until a
new version is approved there, the last approved one is sent (`fitting`).
"""

from collections.abc import Collection, Iterable, Sequence

import structlog
from sqlalchemy.orm import Session

from notifier.domain.events import Channel, EventType, Language
from notifier.domain.people import Permission
from notifier.domain.placeholders import PLACEHOLDERS
from notifier.domain.registrations import (
    Network,
    ParameterSpec,
    Registration,
    RegistrationStatus,
)
from notifier.domain.templates import Form, Template, fill, in_form, parse
from notifier.services import actors, audit
from notifier.services.actors import Actor
from notifier.services.catalogue import Known
from notifier.services.registration_views import GivenRegistration, RegistrationView
from notifier.services.template_views import VersionMovedOn
from notifier.services.views import BadFields, FieldProblem, NotFound
from notifier.services.wiring import Wiring
from notifier.store import messages
from notifier.store import registrations as rows
from notifier.store.registrations import RegistrationRow

log = structlog.get_logger(__name__)

_MAY = Permission.GATEWAYS_WRITE


def list_registrations(
    gateway: str, status: RegistrationStatus | None = None, *, wiring: Wiring
) -> list[RegistrationView]:
    """What is written down of a gateway's templates. Raises `NotFound` for one not in use."""
    _require(gateway, None, wiring)
    with wiring.sessions.read() as session:
        known = wiring.catalogue.current(session)
        return [_view(row, known) for row in rows.of_gateway(session, gateway, status)]


def states_of(session: Session, version_ids: Collection[str]) -> dict[str, list[Registration]]:
    """By template version: where it stands with each provider that heard of it."""
    found: dict[str, list[Registration]] = {}
    for one in rows.of_versions(session, version_ids):
        found.setdefault(one.version_id, []).append(one)
    return found


def record(
    gateway: str, given: Sequence[GivenRegistration], *, by: Actor | None, wiring: Wiring
) -> list[RegistrationView]:
    """Write registrations down, over what stood there; all of them or none.

    `by` is nobody for a command. Raises `ScopeMissing`, `NotFound` for a gateway not in use, or
    `BadFields` saying which entry names what is not there.
    """
    _require(gateway, by, wiring)
    with wiring.sessions.begin() as session:
        known = wiring.catalogue.current(session)
        problems: list[FieldProblem] = []
        told = [
            _read(session, gateway, one, f"templates.{place}", known, problems)
            for place, one in enumerate(given)
        ]
        if problems:
            raise BadFields(*problems)
        kept = [
            _keep(session, one, remark, by, wiring)
            for one, remark in zip(told, (one.remark for one in given), strict=True)
            if one is not None
        ]
        released = _release(session, kept, wiring)
        views = [_view(row, known) for row in kept]
    _after(gateway, kept, released, wiring)
    return views


def draft(gateway: str, office: str, *, by: Actor | None, wiring: Wiring) -> list[RegistrationView]:
    """Write a draft for all words that the office sends now and that the gateway lacks.

    Raises `ScopeMissing`, or `NotFound` for a gateway not in use or an office not there.
    """
    _require(gateway, by, wiring)
    with wiring.sessions.begin() as session:
        known = wiring.catalogue.current(session)
        if office not in known.office_ids:
            raise NotFound(f"there is no office {office}")
        words = dict(_words(known, office))
        there = states_of(session, words)
        kept = []
        for version_id, text in words.items():
            mine = [one for one in there.get(version_id, ()) if one.gateway == gateway]
            if any(one.office in {office, ""} for one in mine):
                continue
            parameters = _parameters(parse(text), office)
            new = Registration(
                version_id=version_id,
                gateway=gateway,
                network=Network.ALL,
                office=office,
                status=RegistrationStatus.DRAFT,
                provider_id="",
                parameters=parameters,
            )
            kept.append(_keep(session, new, None, by, wiring))
        return [_view(row, known) for row in kept]


def step(
    registration_id: str,
    to: RegistrationStatus,
    *,
    gateway: str | None = None,
    provider_id: str | None = None,
    remark: str | None = None,
    by: Actor | None,
    wiring: Wiring,
) -> RegistrationView:
    """Say that it was submitted, approved or rejected; approved words go from then on.

    Raises `ScopeMissing`, `NotFound`, or `VersionMovedOn` where it stands elsewhere.
    """
    if by is not None:
        actors.require_everywhere(by, _MAY)
    with wiring.sessions.begin() as session:
        known = wiring.catalogue.current(session)
        row = rows.one(session, registration_id, for_update=True)
        if row is None or gateway not in {None, row.registration.gateway}:
            raise NotFound("there is no such registration")
        at = wiring.sessions.now(session)
        moved = rows.step(
            session, registration_id, to, provider_id=provider_id, remark=remark, at=at
        )
        if not moved:
            raise VersionMovedOn(row.registration.status)
        after = _again(session, registration_id)
        _record(session, after, row.registration.status, by, wiring)
        released = _release(session, [after], wiring)
        view = _view(after, known)
    _after(row.registration.gateway, [after], released, wiring)
    return view


def _require(gateway: str, by: Actor | None, wiring: Wiring) -> None:
    if by is not None:
        actors.require_everywhere(by, _MAY)
    if wiring.accounts.get(gateway) is None:
        raise NotFound(f"no gateway {gateway} in use")


def _read(
    session: Session,
    gateway: str,
    given: GivenRegistration,
    path: str,
    known: Known,
    problems: list[FieldProblem],
) -> Registration | None:
    """What was given, against the words that it is about."""
    if given.office and given.office not in known.office_ids:
        problems.append(
            FieldProblem(f"{path}.office", "unknown_office", "There is no such office.")
        )
        return None
    found = rows.version_at(
        session,
        office=given.template_office or None,
        event_type=given.event_type,
        channel=given.channel,
        language=given.language,
        number=given.number,
    )
    if found is None:
        problems.append(FieldProblem(path, "no_template", "There is no such template version."))
        return None
    version_id, text = found
    template = parse(text)
    parameters = given.parameters
    if parameters is None:
        parameters = _parameters(template, given.office)
    needed = {name for name in template.names if not given.office or _varies(name)}
    told = {one.placeholder for one in parameters}
    # None at all: a provider that compares words wants no parameters.
    if parameters and not needed <= told <= set(template.names):
        differ = ", ".join(sorted((needed - told) | (told - set(template.names))))
        said = f"The words and the parameters differ in {differ}."
        problems.append(FieldProblem(f"{path}.parameters", "invalid", said))
    return Registration(
        version_id=version_id,
        gateway=gateway,
        network=given.network,
        office=given.office,
        status=given.status,
        provider_id=given.provider_id,
        parameters=parameters,
    )


def _varies(name: str) -> bool:
    return not PLACEHOLDERS[name].constant


def _parameters(template: Template, office: str) -> tuple[ParameterSpec, ...]:
    """Every placeholder once, in the order of the words; an office's constants are words."""
    names = dict.fromkeys(template.names)
    return tuple(
        ParameterSpec(name, name, maximum=max(PLACEHOLDERS[name].maximum.values()))
        for name in names
        if not office or _varies(name)
    )


def _words(known: Known, office: str) -> Iterable[tuple[str, str]]:
    """Version and text of all that the office sends now."""
    for event_type in EventType:
        for channel in Channel:
            if not known.sends(office, event_type, channel):
                continue
            for language in Language:
                if found := known.words_by(office, event_type, channel, language):
                    yield found[0].version_id, found[0].text


def _keep(
    session: Session, new: Registration, remark: str | None, by: Actor | None, wiring: Wiring
) -> RegistrationRow:
    at = wiring.sessions.now(session)
    kept_id = rows.keep(session, wiring.ids.new("reg"), new, remark=remark, at=at)
    row = _again(session, kept_id)
    _record(session, row, None, by, wiring)
    return row


def _record(
    session: Session,
    row: RegistrationRow,
    before: RegistrationStatus | None,
    by: Actor | None,
    wiring: Wiring,
) -> None:
    told = row.registration
    audit.record(
        session,
        ids=wiring.ids,
        at=row.status_at,
        actor=by.id if by else audit.COMMAND,
        action=f"registration.{told.status}",
        object_id=row.id,
        office=told.office or None,
        before={"status": before} if before else None,
        after={"version": told.version_id, "gateway": told.gateway, "network": told.network},
    )


def _release(session: Session, kept: Iterable[RegistrationRow], wiring: Wiring) -> int:
    """Queue what was held for want of an approval; the claim looks at the words again."""
    approved = {
        (row.event_type, row.language)
        for row in kept
        if row.registration.status is RegistrationStatus.APPROVED
    }
    if not approved:
        return 0
    return messages.release_unregistered(session, approved, at=wiring.sessions.now(session))


def _after(gateway: str, kept: Sequence[RegistrationRow], released: int, wiring: Wiring) -> None:
    log.info("templates_registered", gateway=gateway, count=len(kept), released=released)
    if released:
        wiring.queue.ring_send()


def _again(session: Session, registration_id: str) -> RegistrationRow:
    row = rows.one(session, registration_id)
    if row is None:
        raise NotFound("there is no such registration")
    return row


def _view(row: RegistrationRow, known: Known) -> RegistrationView:
    told = row.registration
    return RegistrationView(
        id=row.id,
        gateway=told.gateway,
        network=told.network,
        office=told.office,
        template_office=row.office or "",
        event_type=row.event_type,
        channel=row.channel,
        language=row.language,
        number=row.number,
        words=_as_registered(row, known),
        status=told.status,
        provider_id=told.provider_id,
        parameters=told.parameters,
        remark=row.remark,
        status_at=row.status_at,
    )


def _as_registered(row: RegistrationRow, known: Known) -> str:
    """The words as a provider gets them, an office's constants in their places."""
    template, office = parse(row.text), row.registration.office
    places = {name: f"{{{name}}}" for name in template.names}
    form = Form.ACCENTED
    if office in known.office_ids:
        constants, form = known.constants(office), known.form(office)
        places |= {
            "don_vi": constants.name,
            "so_dien_thoai": constants.phone,
            "dau_so": constants.reply_number,
        }
    return in_form(fill(template, places), Language(row.language), form)

"""The shipped words in the database, and in the demo its offices, source and key.

Twice is harmless: what is there stays; the shipped words follow the release.
"""

import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.seed import Seed, SeedSituation, demo_template_id, load_seed
from config.settings import Settings
from gateways.base import Templates
from notifier.domain.calendar import local
from notifier.domain.registrations import (
    Network,
    ParameterSpec,
    Registration,
    RegistrationStatus,
)
from notifier.domain.templates import parse
from notifier.domain.versions import Status
from notifier.services import calendar, demo_staff, keys
from notifier.services.wiring import Wiring, wire
from notifier.store import catalogue, registrations
from notifier.store.tables import (
    ApiKey,
    Office,
    Situation,
    Source,
    SourceOffice,
    Template,
    TemplateVersion,
)

DEMO_SOURCE = "demo"
DEMO_KEY_FILE = "demo-key"


@dataclass(frozen=True, slots=True)
class SeedReport:
    """What seeding made; the key is the demo's, with every scope."""

    api_key: str | None = field(repr=False)


def seed(settings: Settings) -> SeedReport:
    """Seed the configured database."""
    wiring = wire(settings)
    try:
        report = seed_with(wiring)
        if settings.is_demo:
            demo_staff.ensure(wiring=wiring)
        return report
    finally:
        wiring.close()


def seed_with(wiring: Wiring) -> SeedReport:
    """Seed through what is wired already."""
    shipped, demo = load_seed(), wiring.settings.is_demo
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        changed = _words(session, shipped, wiring, all_on=demo, now=now)
        changed = calendar.seed_days(session, local(now).date(), ids=wiring.ids) or changed
        if demo:
            changed = _demo(session, shipped, now) or changed
            _register(session, wiring, now)
        if changed:
            catalogue.changed(session)
    return SeedReport(_demo_key(wiring) if demo else None)


def _words(session: Session, shipped: Seed, wiring: Wiring, *, all_on: bool, now: datetime) -> bool:
    """The shipped situations, templates and versions; whether anything was new."""
    situations = {
        (one.event_type, one.channel)
        for one in session.scalars(select(Situation).where(Situation.office_id.is_(None)))
    }
    published = {
        (t.event_type, t.channel, t.language): (t, v)
        for t, v in session.execute(
            select(Template, TemplateVersion)
            .join(TemplateVersion, TemplateVersion.template_id == Template.id)
            .where(Template.office_id.is_(None), TemplateVersion.status == Status.PUBLISHED)
        )
    }
    changed = False
    for situation in shipped.situations:
        for channel, name in situation.cells.items():
            if (situation.type, channel) not in situations:
                changed = True
                session.add(_situation(situation, channel, name, wiring, all_on))
            if name is None:
                continue
            text = shipped.text(name)
            for language, words in (("vi", text.vi), ("en", text.en)):
                before = published.get((situation.type, channel, language))
                if before is None or before[1].text != words:
                    changed = True
                    _publish(session, before, situation.type, channel, language, words, wiring, now)
    return changed


def _situation(
    situation: SeedSituation, channel: str, name: str | None, wiring: Wiring, all_on: bool
) -> Situation:
    return Situation(
        id=wiring.ids.new("sit"),
        office_id=None,
        event_type=situation.type,
        channel=channel,
        sends=name is not None and (all_on or not situation.optional),
        purge_after=None,
    )


def _publish(
    session: Session,
    before: tuple[Template, TemplateVersion] | None,
    event_type: str,
    channel: str,
    language: str,
    words: str,
    wiring: Wiring,
    now: datetime,
) -> None:
    if before is None:
        template = Template(
            id=wiring.ids.new("tpl"),
            office_id=None,
            event_type=event_type,
            channel=channel,
            language=language,
            purge_after=None,
        )
        session.add(template)
        session.flush()
        template_id, number = template.id, 1
    else:
        before[1].status = Status.RETIRED
        session.flush()  # before the new one is there: only one is published
        template_id, number = before[0].id, before[1].number + 1
    session.add(
        TemplateVersion(
            id=wiring.ids.new("ver"),
            template_id=template_id,
            number=number,
            text=words,
            status=Status.PUBLISHED,
            created_at=now,
            purge_after=None,
        )
    )


def _demo(session: Session, shipped: Seed, now: datetime) -> bool:
    """The demo's offices and its source; whether anything was new."""
    if session.get(Source, DEMO_SOURCE) is not None:
        return False
    for office in shipped.offices:
        session.add(
            Office(
                id=office.id,
                parent_id=office.parent,
                name=office.name,
                phone=office.phone,
                reply_number=office.reply_number,
                sender=office.sender,
                vietnamese_form=office.vietnamese_form,
                valid_from=office.valid_from,
                valid_to=None,
                live=None if office.parent else True,
                live_at=None if office.parent else now,
                purge_after=None,
            )
        )
        session.flush()
    session.add(Source(id=DEMO_SOURCE, name="Demo", created_at=now, purge_after=None))
    session.flush()
    for office in shipped.offices:
        session.add(SourceOffice(source_id=DEMO_SOURCE, office_id=office.id, purge_after=None))
    return True


def _register(session: Session, wiring: Wiring, now: datetime) -> None:
    """The shipped words, approved at once where the demo's provider takes templates alone."""
    session.flush()
    published = session.scalars(
        select(TemplateVersion)
        .join(Template, Template.id == TemplateVersion.template_id)
        .where(Template.office_id.is_(None), TemplateVersion.status == Status.PUBLISHED)
    ).all()
    there = registrations.of_versions(session, [version.id for version in published])
    known = {(one.version_id, one.gateway) for one in there}
    for account in wiring.accounts.by_name.values():
        if account.gateway.capabilities.templates is not Templates.BY_ID:
            continue
        for version in published:
            if (version.id, account.name) not in known:
                names = dict.fromkeys(parse(version.text).names)
                approved = Registration(
                    version_id=version.id,
                    gateway=account.name,
                    network=Network.ALL,
                    office="",
                    status=RegistrationStatus.APPROVED,
                    provider_id=demo_template_id(version.text),
                    parameters=tuple(ParameterSpec(name, name) for name in names),
                )
                registrations.keep(session, wiring.ids.new("reg"), approved, remark=None, at=now)


def _demo_key(wiring: Wiring) -> str:
    """The demo's key from its file in the data folder; a fresh one where that is no key."""
    path = wiring.settings.data_folder / DEMO_KEY_FILE
    if path.exists():
        token = path.read_text().strip()
        if _is_valid(token, wiring):
            return token
    token = keys.create(DEMO_SOURCE, keys.SCOPES, wiring=wiring).token
    _write_private(path, token)
    return token


def _is_valid(token: str, wiring: Wiring) -> bool:
    with wiring.sessions.read() as session:
        key = session.scalar(select(ApiKey).where(ApiKey.secret_hash == keys.hash_of(token)))
        if key is None or key.revoked_at is not None:
            return False
        # One from an older release lacks the scopes that came since.
        return set(key.scopes) >= keys.SCOPES


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)

"""Template versions as they stand with providers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from notifier.domain.registrations import (
    STEPS,
    Network,
    ParameterKind,
    ParameterSpec,
    Registration,
    RegistrationStatus,
)
from notifier.domain.versions import Status, Step
from notifier.store import tables
from notifier.store.tables import Template, TemplateStep, TemplateVersion

_R = tables.Registration


@dataclass(frozen=True, slots=True)
class Candidate:
    """A registered version that may stand in for the one a message pins, or is that one."""

    pinned_id: str
    pinned_office: str | None  # whose template the pinned one is; none: the shipped set's
    office: str | None  # whose template this one is
    version_id: str
    number: int
    text: str
    registration: Registration


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """A registration with the words that it is about."""

    id: str
    office: str | None  # whose template it is; none: the shipped set's
    event_type: str
    channel: str
    language: str
    number: int
    text: str
    remark: str | None
    status_at: datetime
    registration: Registration


def candidates(
    session: Session,
    version_ids: Collection[str],
    *,
    gateways: Collection[str],
    offices: Collection[str],
) -> list[Candidate]:
    """What is registered for the situations of these versions, of the offices or shipped.

    Newer versions than the pinned one are left out, and so is what was never published.
    """
    pinned, key = aliased(TemplateVersion), aliased(Template)
    was_sent = or_(
        Template.office_id.is_(None),  # the shipped words are published without a step
        exists().where(
            TemplateStep.version_id == TemplateVersion.id, TemplateStep.step == Step.PUBLISHED
        ),
    )
    rows = session.execute(
        select(
            pinned.id.label("pinned_id"),
            key.office_id.label("pinned_office"),
            Template.office_id.label("template_office"),
            TemplateVersion.number,
            TemplateVersion.text,
            *_columns(),
        )
        .select_from(pinned)
        .join(key, key.id == pinned.template_id)
        .join(
            Template,
            and_(
                Template.event_type == key.event_type,
                Template.channel == key.channel,
                Template.language == key.language,
            ),
        )
        .join(TemplateVersion, TemplateVersion.template_id == Template.id)
        .join(_R, _R.version_id == TemplateVersion.id)
        .where(
            pinned.id.in_(version_ids),
            _R.gateway.in_(gateways),
            _R.office.in_([*offices, ""]),
            or_(Template.office_id.is_(None), Template.office_id.in_(offices)),
            or_(
                TemplateVersion.id == pinned.id,
                and_(
                    or_(Template.id != key.id, TemplateVersion.number < pinned.number),
                    or_(
                        TemplateVersion.status == Status.PUBLISHED,
                        and_(TemplateVersion.status == Status.RETIRED, was_sent),
                    ),
                ),
            ),
        )
    )
    return [
        Candidate(
            pinned_id=row.pinned_id,
            pinned_office=row.pinned_office,
            office=row.template_office,
            version_id=row.version_id,
            number=row.number,
            text=row.text,
            registration=_registration(row),
        )
        for row in rows
    ]


def of_gateway(
    session: Session, gateway: str, status: RegistrationStatus | None = None
) -> list[RegistrationRow]:
    """Every registration at a gateway, in the order of its templates."""
    statement = _with_words().where(_R.gateway == gateway)
    if status is not None:
        statement = statement.where(_R.status == status)
    return [_row(row) for row in session.execute(statement)]


def of_versions(session: Session, version_ids: Collection[str]) -> list[Registration]:
    """Where these versions stand, at whichever gateway."""
    rows = session.execute(
        select(*_columns())
        .where(_R.version_id.in_(version_ids))
        .order_by(_R.gateway, _R.network, _R.office)
    )
    return [_registration(row) for row in rows]


def one(
    session: Session, registration_id: str, *, for_update: bool = False
) -> RegistrationRow | None:
    statement = _with_words().where(_R.id == registration_id)
    if for_update:
        statement = statement.with_for_update(of=_R)
    row = session.execute(statement).first()
    return _row(row) if row else None


def keep(
    session: Session, new_id: str, given: Registration, *, remark: str | None, at: datetime
) -> str:
    """Write a registration down, or over what stood there; answers its id."""
    values: dict[str, Any] = {
        "status": given.status,
        "provider_id": given.provider_id,
        "parameters": _written(given.parameters),
        "remark": remark,
        "status_at": at,
    }
    there = session.scalar(
        update(_R)
        .where(
            _R.version_id == given.version_id,
            _R.gateway == given.gateway,
            _R.network == given.network,
            _R.office == given.office,
        )
        .values(**values)
        .returning(_R.id)
        .execution_options(synchronize_session=False)
    )
    if there is not None:
        return there
    session.add(
        _R(
            id=new_id,
            version_id=given.version_id,
            gateway=given.gateway,
            network=given.network,
            office=given.office,
            purge_after=None,
            **values,
        )
    )
    session.flush()
    return new_id


def step(
    session: Session,
    registration_id: str,
    to: RegistrationStatus,
    *,
    provider_id: str | None,
    remark: str | None,
    at: datetime,
) -> bool:
    """Move a registration where it may go; whether it went."""
    values: dict[str, Any] = {"status": to, "remark": remark, "status_at": at}
    if provider_id is not None:
        values["provider_id"] = provider_id
    moved = session.scalar(
        update(_R)
        .where(_R.id == registration_id, _R.status.in_(STEPS[to]))
        .values(**values)
        .returning(_R.id)
        .execution_options(synchronize_session=False)
    )
    return moved is not None


def version_at(
    session: Session,
    *,
    office: str | None,
    event_type: str,
    channel: str,
    language: str,
    number: int | None,
) -> tuple[str, str] | None:
    """Id and words of a template's version; without a number, of the one that is published."""
    whose = Template.office_id.is_(None) if office is None else Template.office_id == office
    which = (
        TemplateVersion.status == Status.PUBLISHED
        if number is None
        else TemplateVersion.number == number
    )
    row = session.execute(
        select(TemplateVersion.id, TemplateVersion.text)
        .join(Template, Template.id == TemplateVersion.template_id)
        .where(
            whose,
            which,
            Template.event_type == event_type,
            Template.channel == channel,
            Template.language == language,
        )
    ).first()
    return (row.id, row.text) if row else None


def _columns() -> Sequence[Any]:
    return (
        _R.version_id,
        _R.gateway,
        _R.network,
        _R.office.label("registered_office"),
        _R.status,
        _R.provider_id,
        _R.parameters,
    )


def _with_words() -> "Select[Any]":
    return (
        select(
            _R.id,
            _R.remark,
            _R.status_at,
            Template.office_id,
            Template.event_type,
            Template.channel,
            Template.language,
            TemplateVersion.number,
            TemplateVersion.text,
            *_columns(),
        )
        .join(TemplateVersion, TemplateVersion.id == _R.version_id)
        .join(Template, Template.id == TemplateVersion.template_id)
        .order_by(
            Template.event_type,
            Template.channel,
            Template.language,
            TemplateVersion.number,
            _R.network,
            _R.office,
        )
    )


def _row(row: Row[Any]) -> RegistrationRow:
    return RegistrationRow(
        id=row.id,
        office=row.office_id,
        event_type=row.event_type,
        channel=row.channel,
        language=row.language,
        number=row.number,
        text=row.text,
        remark=row.remark,
        status_at=row.status_at,
        registration=_registration(row),
    )


def _registration(row: Row[Any]) -> Registration:
    return Registration(
        version_id=row.version_id,
        gateway=row.gateway,
        network=Network(row.network),
        office=row.registered_office,
        status=RegistrationStatus(row.status),
        provider_id=row.provider_id,
        parameters=tuple(map(_spec, row.parameters)),
    )


def _spec(told: Mapping[str, Any]) -> ParameterSpec:
    return ParameterSpec(
        told["placeholder"], told["name"], ParameterKind(told["kind"]), told["maximum"]
    )


def _written(parameters: Sequence[ParameterSpec]) -> list[dict[str, str | int | None]]:
    return [
        {
            "placeholder": one.placeholder,
            "name": one.name,
            "kind": one.kind.value,
            "maximum": one.maximum,
        }
        for one in parameters
    ]

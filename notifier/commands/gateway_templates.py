"""`baotin gateways templates`."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notifier.commands.failing import Failed
from notifier.commands.wired import wired

if TYPE_CHECKING:
    from notifier.services.registration_views import RegistrationView
    from notifier.services.wiring import Wiring

_Command = Callable[..., None]


@click.group("templates")
def group() -> None:
    """See and keep where templates stand with a gateway's provider.

    Example: baotin gateways templates list vnpt
    """


@group.command("list")
@click.argument("name")
@click.option(
    "--status",
    type=click.Choice(["draft", "submitted", "approved", "rejected"]),
    help="only those that stand so",
)
@click.option("--json", "as_json", is_flag=True)
def list_(name: str, status: str | None, as_json: bool) -> None:
    """Every template version that the gateway NAME's provider heard of, and where it stands.

    Example: baotin gateways templates list vnpt --status submitted
    """
    from notifier.domain.registrations import RegistrationStatus
    from notifier.services import registrations

    with _told() as wiring:
        wanted = RegistrationStatus(status) if status else None
        _print(registrations.list_registrations(name, wanted, wiring=wiring), as_json)


@group.command()
@click.argument("name")
@click.argument("office")
@click.option("--json", "as_json", is_flag=True)
def draft(name: str, office: str, as_json: bool) -> None:
    """Write a draft for all words that OFFICE sends and the provider of NAME lacks: what is to be
    handed to the provider, the office's constants in their places.

    Example: baotin gateways templates draft vnpt lai-thieu
    """
    from notifier.services import registrations

    with _told() as wiring:
        _print(registrations.draft(name, office, by=None, wiring=wiring), as_json)


@group.command("import")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def import_(name: str, file: Path, as_json: bool) -> None:
    """Write down where the templates of FILE stand with the provider of NAME; all or none.

    FILE is JSON: {"templates": […]} with the fields of docs/gateways/templates.md.

    Example: baotin gateways templates import vnpt registered.json
    """
    from marshmallow import ValidationError

    from notifier.api.registration_schemas import GivenRegistrationsSchema
    from notifier.api.schemas import field_problems
    from notifier.services import registrations

    try:
        given = GivenRegistrationsSchema().load(json.loads(file.read_text(encoding="utf-8-sig")))
    except ValueError:
        raise Failed(f"{file} is not JSON in UTF-8") from None
    except ValidationError as problem:
        told = "; ".join(f"{one.path}: {one.message}" for one in field_problems(problem))
        raise Failed(f"{file} was not taken: {told}") from None
    with _told() as wiring:
        _print(registrations.record(name, given["templates"], by=None, wiring=wiring), as_json)


def _step(verb: str, status: str, does: str) -> _Command:
    def step(registration: str, provider_id: str | None, remark: str | None, as_json: bool) -> None:
        from notifier.domain.registrations import RegistrationStatus
        from notifier.services import registrations

        with _told() as wiring:
            shown = registrations.step(
                registration,
                RegistrationStatus(status),
                provider_id=provider_id,
                remark=remark,
                by=None,
                wiring=wiring,
            )
        _print([shown], as_json)

    step.__doc__ = f"""{does}

    Example: baotin gateways templates {verb} reg_01KB6G --remark "ticket 4711"
    """
    return step


for _verb, _status, _does in (
    ("submit", "submitted", "Say that REGISTRATION was handed to the provider."),
    ("approve", "approved", "Say that the provider approved REGISTRATION: its words go from now."),
    ("reject", "rejected", "Say that the provider refused REGISTRATION, or took it back."),
):
    group.command(_verb)(
        click.argument("registration")(
            click.option("--id", "provider_id", help="the id that the provider gave it")(
                click.option("--remark", help="what the provider said")(
                    click.option("--json", "as_json", is_flag=True)(_step(_verb, _status, _does))
                )
            )
        )
    )


@contextmanager
def _told() -> Iterator["Wiring"]:
    """The installation; a refusal of a service is one line."""
    from notifier.services.views import ServiceError

    with wired() as wiring:
        try:
            yield wiring
        except ServiceError as problem:
            raise Failed(str(problem)) from None


def _print(views: Sequence["RegistrationView"], as_json: bool) -> None:
    if as_json:
        from notifier.api.registration_schemas import RegistrationsSchema

        print(json.dumps(RegistrationsSchema().dump({"templates": views}), ensure_ascii=False))
        return
    for view in views:
        where = f"{view.template_office or 'shipped'}/{view.event_type}/{view.channel}"
        network = "" if view.network == "all" else f", {view.network}"
        of = f" for {view.office}" if view.office else ""
        known = f" as {view.provider_id}" if view.provider_id else ""
        remark = f" ({view.remark})" if view.remark else ""
        print(
            f"{view.id} {view.status}{known}{remark}: {where}/{view.language} "
            f"{view.number}{of}{network}\n    {view.words}"
        )

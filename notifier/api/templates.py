"""Templates: what is sent in each situation, new words for it, and who lets them pass."""

from http import HTTPStatus

from flask import Blueprint, Response, request

from notifier.api import template_schemas as schemas
from notifier.api.people_schemas import OwnTrialSchema
from notifier.api.requests import acting, answer, loaded, queried
from notifier.domain.events import Channel, EventType, Language
from notifier.domain.people import Permission
from notifier.domain.versions import TemplateKey
from notifier.services import (
    drafting,
    previewing,
    publishing,
    templates,
    trying,
    words_waiting,
)
from notifier.services.template_views import SHIPPED
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring

_ONE = "/<office>/<event_type>/<channel>/<language>"
_VERSION = f"{_ONE}/versions/<int:number>"


def blueprint(wiring: Wiring) -> Blueprint:
    """The routes of templates."""
    routes = Blueprint("templates", __name__, url_prefix="/v1/templates")
    _reading(routes, wiring)
    _trying(routes, wiring)
    _writing(routes, wiring)
    _deciding(routes, wiring)
    return routes


def _reading(routes: Blueprint, wiring: Wiring) -> None:
    office_query, diff_query = schemas.OfficeQuerySchema(), schemas.DiffQuerySchema()
    several, one = schemas.SituationListSchema(), schemas.TemplateSchema()
    version, difference = schemas.VersionSchema(), schemas.DiffSchema()
    words, told = schemas.TextSchema(), schemas.PreviewSchema()
    waiting = schemas.WordsWaitingSchema()

    @routes.get("")
    def list_situations() -> Response:
        actor = acting(request, Permission.TEMPLATES_READ, wiring)
        office = queried(request, office_query)["office"]
        return answer(several.dump(templates.list_situations(actor, office, wiring=wiring)))

    @routes.get("/waiting")
    def list_waiting() -> Response:
        actor = acting(request, Permission.TEMPLATES_READ, wiring)
        return answer(waiting.dump(words_waiting.look(actor, wiring=wiring)))

    @routes.get(_ONE)
    def show(**at: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_READ, wiring)
        return answer(one.dump(templates.show(actor, _key(**at), wiring=wiring)))

    @routes.get(_VERSION)
    def show_version(number: int, **at: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_READ, wiring)
        shown = templates.show_version(actor, _key(**at), number, wiring=wiring)
        return answer(version.dump(shown))

    @routes.get(f"{_ONE}/diff")
    def show_diff(**at: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_READ, wiring)
        between = queried(request, diff_query)
        shown = templates.show_diff(actor, _key(**at), **between, wiring=wiring)
        return answer(difference.dump(shown))

    @routes.post(f"{_ONE}/preview")
    def preview(**at: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_READ, wiring)
        text = loaded(request, words)["text"]
        return answer(told.dump(previewing.preview(actor, _key(**at), text, wiring=wiring)))


def _trying(routes: Blueprint, wiring: Wiring) -> None:
    words, told = schemas.TextSchema(), OwnTrialSchema()

    @routes.post(f"{_ONE}/send-test")
    def try_text(**at: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_READ, wiring)
        text = loaded(request, words)["text"]
        return answer(told.dump(trying.try_text(actor, _key(**at), text, wiring=wiring)))

    @routes.post(f"{_VERSION}/send-test")
    def try_version(number: int, **at: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_READ, wiring)
        return answer(told.dump(trying.try_version(actor, _key(**at), number, wiring=wiring)))


def _writing(routes: Blueprint, wiring: Wiring) -> None:
    new, submission = schemas.NewVersionSchema(), schemas.SubmitSchema()
    version = schemas.VersionSchema()

    @routes.post(f"{_ONE}/versions")
    def save(**at: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_WRITE, wiring)
        kept = drafting.save(actor, _key(**at), **loaded(request, new), wiring=wiring)
        return answer(version.dump(kept), HTTPStatus.CREATED)

    @routes.post(f"{_VERSION}/submit")
    def submit(number: int, **at: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_WRITE, wiring)
        given = loaded(request, submission)
        moved = drafting.submit(actor, _key(**at), number, **given, wiring=wiring)
        return answer(version.dump(moved))


def _deciding(routes: Blueprint, wiring: Wiring) -> None:
    back, rollback = schemas.SendBackSchema(), schemas.RollBackSchema()
    dropped, switched = schemas.InheritSchema(), schemas.SwitchSchema()
    version, one, holds = (
        schemas.VersionSchema(),
        schemas.TemplateSchema(),
        schemas.SwitchedSchema(),
    )

    @routes.post(f"{_VERSION}/send-back")
    def send_back(number: int, **at: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_APPROVE, wiring)
        remark = loaded(request, back)["remark"]
        moved = drafting.send_back(actor, _key(**at), number, remark, wiring=wiring)
        return answer(version.dump(moved))

    @routes.post(f"{_VERSION}/approve")
    def approve(number: int, **at: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_APPROVE, wiring)
        return answer(version.dump(publishing.approve(actor, _key(**at), number, wiring=wiring)))

    @routes.post(f"{_VERSION}/publish")
    def publish(number: int, **at: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_APPROVE, wiring)
        return answer(version.dump(publishing.publish(actor, _key(**at), number, wiring=wiring)))

    @routes.post(f"{_ONE}/roll-back")
    def roll_back(**at: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_APPROVE, wiring)
        given = loaded(request, rollback)
        made = publishing.roll_back(actor, _key(**at), **given, wiring=wiring)
        return answer(version.dump(made), HTTPStatus.CREATED)

    @routes.post(f"{_ONE}/inherit")
    def inherit(**at: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_APPROVE, wiring)
        given = loaded(request, dropped)
        return answer(one.dump(publishing.inherit(actor, _key(**at), **given, wiring=wiring)))

    @routes.put("/<office>/<event_type>/<channel>/switch")
    def switch(office: str, event_type: str, channel: str) -> Response:
        actor = acting(request, Permission.TEMPLATES_APPROVE, wiring)
        cell, given = _cell(office, event_type, channel), loaded(request, switched)
        sends, said_by = publishing.switch(actor, *cell, **given, wiring=wiring)
        return answer(holds.dump({"sends": sends, "said_by": said_by or SHIPPED}))


def _cell(office: str, event_type: str, channel: str) -> tuple[str, EventType, Channel]:
    try:
        return office, EventType(event_type), Channel(channel)
    except ValueError:
        raise NotFound("there is no such situation") from None


def _key(office: str, event_type: str, channel: str, language: str) -> TemplateKey:
    if language not in set(Language):
        raise NotFound("there are no words in this language")
    return TemplateKey(*_cell(office, event_type, channel), Language(language))

"""What became of messages, and mending them."""

from http import HTTPStatus

from flask import Blueprint, Response, request
from marshmallow import ValidationError

from notifier.api.attention_schemas import HandledSchema, HandlingSchema
from notifier.api.held_schemas import BatchOfHeldSchema, CancelAllSchema, ReleaseAllSchema
from notifier.api.problems import Problem
from notifier.api.requests import acting, answer, loaded
from notifier.api.schemas import (
    CorrectionSchema,
    FilterSchema,
    MessagePageSchema,
    MessageSchema,
    OtherPhoneSchema,
    SearchSchema,
    field_problems,
)
from notifier.domain.people import Permission
from notifier.services import handling, mending, messages, releasing
from notifier.services.views import FieldProblem, MessageFilter
from notifier.services.wiring import Wiring


def blueprint(wiring: Wiring) -> Blueprint:
    """The routes of messages."""
    routes = Blueprint("messages", __name__, url_prefix="/v1/messages")
    message_schema, page_schema = MessageSchema(), MessagePageSchema()
    search_schema, other_phone = SearchSchema(), OtherPhoneSchema()
    releases, cancels, batch = ReleaseAllSchema(), CancelAllSchema(), BatchOfHeldSchema()
    several, handled = HandlingSchema(), HandledSchema()
    corrections = CorrectionSchema()

    @routes.get("")
    def list_messages() -> Response:
        actor = acting(request, Permission.MESSAGES_READ, wiring)
        page = messages.list_messages(actor, _filter(), wiring=wiring)
        return answer(page_schema.dump(page))

    @routes.post("/search")
    def search() -> Response:
        actor = acting(request, Permission.MESSAGES_READ, wiring)
        page = messages.list_messages(actor, loaded(request, search_schema), wiring=wiring)
        return answer(page_schema.dump(page))

    @routes.get("/<message_id>")
    def show(message_id: str) -> Response:
        actor = acting(request, Permission.MESSAGES_READ, wiring)
        return answer(message_schema.dump(messages.show(actor, message_id, wiring=wiring)))

    @routes.post("/<message_id>/resend")
    def resend(message_id: str) -> Response:
        actor = acting(request, Permission.MESSAGES_WRITE, wiring)
        has_body = request.content_length or "Transfer-Encoding" in request.headers
        to = loaded(request, other_phone)["phone"] if has_body else None
        made = messages.resend(actor, message_id, phone=to, wiring=wiring)
        return answer(message_schema.dump(made), HTTPStatus.CREATED)

    @routes.post("/<message_id>/cancel")
    def cancel(message_id: str) -> Response:
        actor = acting(request, Permission.MESSAGES_WRITE, wiring)
        return answer(message_schema.dump(messages.cancel(actor, message_id, wiring=wiring)))

    @routes.post("/<message_id>/told")
    def mark_told(message_id: str) -> Response:
        actor = acting(request, Permission.MESSAGES_WRITE, wiring)
        return answer(message_schema.dump(mending.mark_told(actor, message_id, wiring=wiring)))

    @routes.post("/<message_id>/release")
    def release(message_id: str) -> Response:
        actor = acting(request, Permission.MESSAGES_WRITE, wiring)
        return answer(message_schema.dump(messages.release(actor, message_id, wiring=wiring)))

    @routes.post("/release")
    def release_all() -> Response:
        by = acting(request, Permission.MESSAGES_WRITE, wiring)
        given = loaded(request, releases)
        return answer(batch.dump(releasing.release_all(**given, by=by, wiring=wiring)))

    @routes.post("/cancel")
    def cancel_all() -> Response:
        by = acting(request, Permission.MESSAGES_WRITE, wiring)
        given = loaded(request, cancels)
        return answer(batch.dump(releasing.cancel_all(**given, by=by, wiring=wiring)))

    @routes.post("/handle")
    def handle() -> Response:
        by = acting(request, Permission.MESSAGES_WRITE, wiring)
        given = loaded(request, several)
        deed, dry_run = given["deed"], given["dry_run"]
        told = handling.handle(by, deed, given["messages"], dry_run=dry_run, wiring=wiring)
        made = {"deed": deed, "dry_run": dry_run, "done": told.done, "left": told.left}
        return answer(handled.dump(made))

    @routes.post("/<message_id>/correct")
    def correct(message_id: str) -> Response:
        actor = acting(request, Permission.MESSAGES_WRITE, wiring)
        correction = loaded(request, corrections)
        mended = messages.correct(actor, message_id, correction, wiring=wiring)
        return answer(message_schema.dump(mended))

    @routes.post("/<message_id>/reveal")
    def reveal(message_id: str) -> Response:
        actor = acting(request, Permission.PHONES_REVEAL, wiring)
        return answer({"phone": messages.reveal(actor, message_id, wiring=wiring)})

    return routes


def _filter() -> MessageFilter:
    repeated = [name for name, values in request.args.lists() if len(values) > 1]
    if repeated:
        problems = [FieldProblem(name, "repeated", "Give this once.") for name in repeated]
        raise Problem("invalid", errors=problems)
    given = dict(request.args)
    for name in ("since", "until"):
        if name in given:
            # An offset's plus sign that was not escaped arrives as a space.
            given[name] = given[name].replace(" ", "+")
    try:
        wanted: MessageFilter = FilterSchema().load(given)
    except ValidationError as error:
        raise Problem("invalid", errors=field_problems(error)) from None
    return wanted

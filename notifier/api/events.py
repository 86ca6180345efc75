"""`POST /v1/events`: one event, or a batch."""

import json
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request
from marshmallow import ValidationError

from notifier.api import strict_json
from notifier.api.problems import Problem, error_json
from notifier.api.requests import authorised, json_body
from notifier.api.schemas import LONGEST_ID, MOST_EVENTS, EventSchema, field_problems
from notifier.domain.events import CaseEvent
from notifier.domain.placeholders import missing_for_type
from notifier.services.intake import Submitted
from notifier.services.views import Caller, EventOutcome, EventResult, FieldProblem
from notifier.services.wiring import Wiring

AHEAD_AT_MOST = timedelta(hours=1)


class InvalidEvent(Exception):
    """An event of the wrong shape."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("invalid event")
        self.problems = tuple(problems)


def blueprint(wiring: Wiring) -> Blueprint:
    """The routes of events."""
    routes = Blueprint("events", __name__)
    schema = EventSchema()

    def read(raw: Any) -> Submitted:
        try:
            event: CaseEvent = schema.load(raw)
        except ValidationError as error:
            raise InvalidEvent(field_problems(error)) from None
        problems = [FieldProblem(p.path, p.code, p.message) for p in missing_for_type(event)]
        if event.occurred_at > wiring.clock.now() + AHEAD_AT_MOST:
            said = "The event lies more than an hour ahead."
            problems.append(FieldProblem("occurred_at", "too_far_ahead", said))
        if problems:
            raise InvalidEvent(problems)
        return Submitted(event, _canonical(raw))

    def one(caller: Caller, raw: Any) -> list[EventResult]:
        try:
            submitted = read(raw)
        except InvalidEvent as invalid:
            raise Problem("invalid", errors=invalid.problems) from None
        result = wiring.intake.accept(caller, [submitted])[0]
        if result.outcome is EventOutcome.INVALID:
            conflict = result.errors[0].code == "event_conflict"
            raise Problem("event_conflict" if conflict else "invalid", errors=result.errors)
        return [result]

    def batch(caller: Caller, raws: Sequence[Any]) -> list[EventResult]:
        results: list[EventResult | None] = []
        good: list[Submitted] = []
        for raw in raws:
            try:
                good.append(read(raw))
                results.append(None)
            except InvalidEvent as invalid:
                results.append(
                    EventResult(_id_of(raw), EventOutcome.INVALID, errors=invalid.problems)
                )
        taken = iter(wiring.intake.accept(caller, good) if good else [])
        return [result if result is not None else next(taken) for result in results]

    @routes.post("/v1/events")
    def post() -> Response:
        caller = authorised(request, "events:write", wiring)
        value = strict_json.loads(json_body(request))
        results = batch(caller, _events_of(value)) if _is_batch(value) else one(caller, value)
        body = json.dumps({"events": [_shown(result) for result in results]}, ensure_ascii=False)
        return Response(body, HTTPStatus.ACCEPTED, content_type="application/json")

    return routes


def _is_batch(value: Any) -> bool:
    return isinstance(value, dict) and "events" in value


def _events_of(value: dict[str, Any]) -> list[Any]:
    events = value["events"]
    unknown = [name for name in value if name != "events"]
    if unknown:
        problems = [FieldProblem(name, "unknown_field", "Unknown field.") for name in unknown]
        raise Problem("invalid", errors=problems)
    if not isinstance(events, list) or not events:
        said = "Takes a list of 1 to 1,000 events."
        raise Problem("invalid", errors=[FieldProblem("events", "invalid", said)])
    if len(events) > MOST_EVENTS:
        raise Problem("too_many_events")
    return events


def _canonical(raw: Any) -> str:
    return json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _id_of(raw: Any) -> str:
    """What a caller can find a refused event by."""
    given = raw.get("id") if isinstance(raw, dict) else None
    return given[:LONGEST_ID] if isinstance(given, str) else ""


def _shown(result: EventResult) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": result.id,
        "outcome": result.outcome,
        "messages": [
            {
                "id": message.id,
                "state": message.state,
                **({"reason": message.reason} if message.reason else {}),
                "to": message.to,
                "segments": message.segments,
                "encoding": message.encoding,
            }
            for message in result.messages
        ],
    }
    if result.reason:
        shown["reason"] = result.reason
    if result.errors:
        shown["errors"] = [error_json(error) for error in result.errors]
    return shown

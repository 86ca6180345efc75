"""The shape of routes over HTTP."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from config.gateways import OnUnknown
from notifier.api.schemas import LONGEST_NAME, Strict, Text
from notifier.domain.events import Language
from notifier.domain.routing import MOST_SHARE, MOST_STEPS
from notifier.domain.text import Encoding
from notifier.services.routes import NewRoute, Question

_MOST_SEGMENTS = 20


class RouteStepSchema(Strict):
    """Gateways of equal rank with their shares; without languages or encodings for all."""

    gateways = fields.Dict(
        keys=Text(),
        values=fields.Integer(strict=True, validate=validate.Range(1, MOST_SHARE)),
        required=True,
        validate=validate.Length(min=1),
    )
    languages = fields.List(
        Text(validate=validate.OneOf([one.value for one in Language])), load_default=list
    )
    encodings = fields.List(
        Text(validate=validate.OneOf([one.value for one in Encoding])), load_default=list
    )


class NewRouteSchema(Strict):
    steps = fields.List(
        fields.Nested(RouteStepSchema), required=True, validate=validate.Length(1, MOST_STEPS)
    )
    cheapest_first = fields.Boolean(load_default=False)
    on_unknown = fields.Enum(OnUnknown, by_value=Text, load_default=None, allow_none=True)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> NewRoute:
        return NewRoute(**data)


class QuestionSchema(Strict):
    office = Text(required=True, validate=validate.Length(1, LONGEST_NAME))
    language = fields.Enum(Language, by_value=Text, load_default=Language.VI)
    encoding = fields.Enum(Encoding, by_value=Text, load_default=Encoding.GSM7)
    segments = fields.Integer(
        strict=True, load_default=1, validate=validate.Range(1, _MOST_SEGMENTS)
    )

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Question:
        return Question(**data)


class RouteSchema(Schema):
    """`said_by` is the office whose route this is, or `default`: all gateways in their order."""

    office = fields.String(required=True)
    said_by = fields.String(required=True)
    steps = fields.List(fields.Nested(RouteStepSchema), required=True)
    cheapest_first = fields.Boolean(required=True)
    on_unknown = fields.String(required=True, allow_none=True)


class ChoiceSchema(Schema):
    gateway = fields.String(required=True)
    taken = fields.Boolean(required=True)
    why = fields.String(required=True)


class WaySchema(Schema):
    office = fields.String(required=True)
    said_by = fields.String(required=True)
    choices = fields.List(fields.Nested(ChoiceSchema), required=True)


class AlertSchema(Schema):
    """Something a person should know; `subject` is what it is about, `detail` why."""

    kind = fields.String(required=True)
    subject = fields.String(required=True)
    detail = fields.String(required=True)
    raised_at = fields.AwareDateTime(required=True)


class AlertsSchema(Schema):
    alerts = fields.List(fields.Nested(AlertSchema), required=True)

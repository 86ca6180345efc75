"""The shape of routes over HTTP."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from config.gateways import MOST_PER_SECOND, OnUnknown, RateUnit
from notifier.api.schemas import LONGEST_NAME, Strict, Text
from notifier.domain.events import Language
from notifier.domain.operators import Operator
from notifier.domain.routing import MOST_SHARE, MOST_STEPS
from notifier.domain.text import Encoding
from notifier.services.gateways import SaidBy
from notifier.services.routes import NewRoute, Question
from notifier.store.limits import LimitRow

_MOST_SEGMENTS = 20


class RouteStepSchema(Strict):
    """Gateways of equal rank with their shares; a condition that is left out is for all."""

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
    operators = fields.List(
        Text(validate=validate.OneOf([one.value for one in Operator])), load_default=list
    )


class NewRouteSchema(Strict):
    steps = fields.List(
        fields.Nested(RouteStepSchema), required=True, validate=validate.Length(1, MOST_STEPS)
    )
    cheapest_first = fields.Boolean(load_default=False, truthy={True}, falsy={False})
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

    operator = fields.Enum(Operator, by_value=Text, load_default=None, allow_none=True)
    phone = Text(load_default=None, allow_none=True, validate=validate.Length(1, 64))

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
    """`operator` is the one asked about, or the one that `told_by` last told of the phone."""

    office = fields.String(required=True)
    said_by = fields.String(required=True)
    operator = fields.String(required=True, allow_none=True)
    told_by = fields.String(required=True, allow_none=True)
    told_at = fields.AwareDateTime(required=True, allow_none=True)
    choices = fields.List(fields.Nested(ChoiceSchema), required=True)


class _Number(fields.Float):
    """A number as JSON has it: no text that looks like one."""

    def _validated(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class NewLimitSchema(Strict):
    """`per_second` in `rate_unit`; 0 is no limit."""

    per_second = _Number(required=True, validate=validate.Range(0, MOST_PER_SECOND))
    rate_unit = fields.Enum(RateUnit, by_value=Text, load_default=RateUnit.MESSAGES)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> LimitRow:
        return LimitRow(**data)


class LimitSchema(Schema):
    """`per_second` is null without a limit; `said_by` is `person`, `settings` or `adapter`."""

    gateway = fields.String(required=True)
    per_second = fields.Float(required=True, allow_none=True)
    rate_unit = fields.Enum(RateUnit, by_value=True, required=True)
    said_by = fields.Enum(SaidBy, by_value=True, required=True)


class LimitsSchema(Schema):
    limits = fields.List(fields.Nested(LimitSchema), required=True)


class AlertSchema(Schema):
    """Something a person should know; `subject` is what it is about, `detail` why."""

    kind = fields.String(required=True)
    subject = fields.String(required=True)
    detail = fields.String(required=True)
    raised_at = fields.AwareDateTime(required=True)


class AlertsSchema(Schema):
    alerts = fields.List(fields.Nested(AlertSchema), required=True)

"""The shape of trying a gateway."""

from marshmallow import Schema, fields, validate

from notifier.api.schemas import Strict, Text
from notifier.domain.states import Outcome
from notifier.services.gateway_checks import LONGEST_TEST, TEST_TEXT


class TrialSchema(Strict):
    """The sender is the office's; the first one's where none is named. Where the provider takes
    registered templates alone, the text counts for nothing.
    """

    to = Text(required=True, validate=validate.Length(1, 64))
    text = Text(load_default=TEST_TEXT, validate=validate.Length(1, LONGEST_TEST))
    office = Text(load_default="", validate=validate.Length(max=64))


class CheckSchema(Schema):
    """What a provider said without being sent anything. `works` is empty where it could not be
    asked, or can be tried by sending alone.
    """

    gateway = fields.String(required=True)
    works = fields.Boolean(required=True, allow_none=True)
    said = fields.String(required=True)
    balance = fields.Decimal(required=True, allow_none=True, as_string=True)
    currency = fields.String(required=True, allow_none=True)


class TestSchema(Schema):
    """What became of a test SMS."""

    gateway = fields.String(required=True)
    to = fields.String(required=True)
    reference = fields.String(required=True)
    outcome = fields.Enum(Outcome, by_value=True, required=True)
    code = fields.String(required=True, allow_none=True)
    provider_id = fields.String(required=True, allow_none=True)
    segments = fields.Integer(required=True)

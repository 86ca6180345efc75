"""The shape of what offices say of themselves."""

from marshmallow import Schema, fields, validate

from notifier.api.schemas import Strict, Text

_LONGEST_PHONE = 64
_LONGEST_ADDRESS = 500


class SayLiveSchema(Strict):
    """`live`: null leaves it to the parent."""

    live = fields.Boolean(required=True, allow_none=True, truthy={True}, falsy={False})


class NewNumberSchema(Strict):
    phone = Text(required=True, validate=validate.Length(1, _LONGEST_PHONE))


class NewHostSchema(Strict):
    """A host such as dichvucong.gov.vn, or a whole address of which it is taken."""

    host = Text(required=True, validate=validate.Length(1, _LONGEST_ADDRESS))


class LinkHostSchema(Schema):
    """A host that words may lead to, the office whose it is, and how many published words do."""

    host = fields.String(required=True)
    office = fields.String(required=True)
    added_at = fields.AwareDateTime(required=True)
    used = fields.Integer(required=True)


class LinksSchema(Schema):
    """Where an office's words may lead: its own hosts and those of the offices above."""

    office = fields.String(required=True)
    hosts = fields.List(fields.Nested(LinkHostSchema), required=True)


class TestNumberSchema(Schema):
    """A test number, masked, and the office whose it is."""

    id = fields.String(required=True)
    phone = fields.String(required=True)
    office = fields.String(required=True)
    added_at = fields.AwareDateTime(required=True)


class LiveSchema(Schema):
    """Whether an office is live. `said_by` and `said_at` are empty where nobody said it.

    `held_to` is false in a demo and a rehearsal: no SMS reaches a citizen there.
    """

    office = fields.String(required=True)
    live = fields.Boolean(required=True)
    said_by = fields.String(required=True, allow_none=True)
    said_at = fields.AwareDateTime(required=True, allow_none=True)
    held_to = fields.Boolean(required=True)
    held = fields.Integer(required=True)
    test_numbers = fields.List(fields.Nested(TestNumberSchema), required=True)


class DutyPhoneSchema(Schema):
    """The phone that is told of alerts, masked, and the office whose it is; empty: nobody's."""

    office = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    said_by = fields.String(required=True, allow_none=True)
    set_at = fields.AwareDateTime(required=True, allow_none=True)

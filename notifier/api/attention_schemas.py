"""The shape of what needs a person, and of handling several messages at once."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from notifier.api.schemas import LONGEST_NAME, MESSAGE_ID, MessageSchema, Strict, Text
from notifier.domain.states import Reason, State
from notifier.services import handling
from notifier.services.handling import Deed, Stand


class AttentionQuerySchema(Strict):
    """`reason` may be a state, too."""

    office = fields.String(validate=validate.Length(1, LONGEST_NAME))
    reason = fields.String(validate=validate.OneOf(sorted({*Reason, *State})))
    cursor = fields.String(validate=validate.Regexp(MESSAGE_ID))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, handling.MOST))


class GroupSchema(Schema):
    state = fields.String(required=True)
    reason = fields.String(required=True, allow_none=True)
    messages = fields.Integer(required=True)


class AttentionSchema(Schema):
    """All that waits, counted by state and reason, and a page of it, newest first."""

    groups = fields.List(fields.Nested(GroupSchema), required=True)
    messages = fields.List(fields.Nested(MessageSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class StandSchema(Strict):
    """A message and how it stood when it was seen."""

    id = Text(required=True, validate=validate.Regexp(MESSAGE_ID))
    state = Text(required=True, validate=validate.OneOf(sorted(State)))
    reason = Text(load_default=None, validate=validate.OneOf(sorted(Reason)))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Stand:
        return Stand(**data)


class HandlingSchema(Strict):
    """`dry_run` only says what would happen."""

    deed = fields.Enum(Deed, by_value=True, required=True)
    messages = fields.List(
        fields.Nested(StandSchema), required=True, validate=validate.Length(1, handling.MOST)
    )
    dry_run = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class HandledSchema(Schema):
    """Those with which it happened (or would), and those left alone, as they stand now."""

    deed = fields.String(required=True)
    dry_run = fields.Boolean(required=True)
    done = fields.List(fields.Nested(MessageSchema), required=True)
    left = fields.List(fields.Nested(MessageSchema), required=True)

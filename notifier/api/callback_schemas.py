"""The shape of callbacks over HTTP: where a source has them, and what it is sent."""

from marshmallow import Schema, fields, validate

from notifier.api.schemas import Strict, Text
from notifier.domain.callbacks import LONGEST_URL


class NewCallbackSchema(Strict):
    """`new_secret`: another one signs from now on. The first comes by itself."""

    url = Text(required=True, validate=validate.Length(1, LONGEST_URL))
    new_secret = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class CallbackSchema(Schema):
    """`secret` stands in the answer that made it and in no other. `last_problem` is how the last
    try ended, of what waits or was given up.
    """

    source = fields.String(required=True)
    url = fields.String(required=True, allow_none=True)
    set_at = fields.AwareDateTime(required=True, allow_none=True)
    secret = fields.String(required=True, allow_none=True)
    waiting = fields.Integer(required=True)
    last_delivered_at = fields.AwareDateTime(required=True, allow_none=True)
    last_problem = fields.String(required=True, allow_none=True)

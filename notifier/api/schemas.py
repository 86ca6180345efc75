"""The shape of what callers send, and of what they get. Shape only: no rule, no database.

Unknown fields are refused, nothing is coerced, and each `@post_load` builds a frozen value.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from notifier.domain import phones
from notifier.domain.clock import read_instant
from notifier.domain.events import (
    ALERT,
    CaseEvent,
    CaseRef,
    Channel,
    EventType,
    Language,
    Priority,
    Recipient,
)
from notifier.domain.states import Outcome, State
from notifier.services.views import Correction, EventOutcome, FieldProblem, MessageFilter

LONGEST_ID = 128
LONGEST_CASE_CODE = 64
MOST_EVENTS = 1000
MOST_VALUES = 64
LONGEST_VALUE = 2000
MESSAGE_ID = r"^msg_[0-9A-Z]{26}$"
LONGEST_NAME = 64
MOST_LISTED = 1000


class Strict(Schema):
    """Refuses fields it does not name."""

    class Meta:
        unknown = RAISE


class Text(fields.String):
    """A JSON string; a number is not one."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        return value


class Instant(fields.AwareDateTime):
    """RFC 3339 with an offset."""

    default_error_messages = {  # noqa: RUF012 - marshmallow's own hook
        "invalid": "Takes an RFC 3339 time with an offset, such as 2026-11-23T09:00:00+07:00.",
    }

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> datetime:
        try:
            if isinstance(value, str):
                return read_instant(value)
        except ValueError:
            pass
        raise self.make_error("invalid", input=value, obj_type="datetime", format="RFC 3339")


class Value(fields.Field[Any]):
    """A string, a number or a boolean."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str | int | float | bool:
        if not isinstance(value, str | int | float | bool):
            raise ValidationError("Takes text, a number, true or false.")
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            raise ValidationError(f"Takes at most {LONGEST_VALUE} characters.")
        return value


class Values(fields.Dict):
    """Flat values by name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            keys=Text(validate=validate.Length(1, LONGEST_NAME)),
            values=Value(),
            validate=validate.Length(max=MOST_VALUES),
            **kwargs,
        )


class ProcedureSchema(Strict):
    code = Text(validate=validate.Length(1, LONGEST_NAME))
    name = Text(validate=validate.Length(max=500))


class CaseSchema(Strict):
    code = Text(required=True, validate=validate.Length(1, LONGEST_CASE_CODE))
    office = Text(required=True, validate=validate.Length(1, LONGEST_NAME))
    channel = fields.Enum(Channel, by_value=Text, required=True)
    procedure = fields.Nested(ProcedureSchema)
    due_at = Instant()

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> CaseRef:
        procedure = data.get("procedure", {})
        return CaseRef(
            code=data["code"],
            office=data["office"],
            channel=data["channel"],
            procedure_code=procedure.get("code"),
            procedure_name=procedure.get("name"),
            due_at=data.get("due_at"),
        )


class RecipientSchema(Strict):
    name = Text(validate=validate.Length(max=200))
    # A broken number never refuses an event: its message is held until a person mends it.
    phone = Text(required=True, validate=validate.Length(max=64))
    language = fields.Enum(Language, by_value=Text, load_default=Language.VI)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Recipient:
        return Recipient(data.get("name"), data["phone"], data["language"])


class EventSchema(Strict):
    id = Text(required=True, validate=validate.Length(1, LONGEST_ID))
    type = fields.Enum(EventType, by_value=Text, required=True)
    occurred_at = Instant(required=True)
    case = fields.Nested(CaseSchema, required=True)
    recipient = fields.Nested(RecipientSchema, required=True)
    data = Values(load_default=dict)
    priority = fields.Enum(Priority, by_value=Text)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> CaseEvent:
        return CaseEvent(**data)


class BatchSchema(Strict):
    """Documents a batch; its events are read one by one, so that one bad harms no other."""

    events = fields.List(
        fields.Nested(EventSchema), required=True, validate=validate.Length(1, MOST_EVENTS)
    )


class CorrectionSchema(Strict):
    phone = Text(validate=validate.Length(1, 64))
    values = Values()

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Correction:
        if not data:
            raise ValidationError("Give phone, values or both.")
        return Correction(data.get("phone"), tuple(data.get("values", {}).items()))


class OtherPhoneSchema(Strict):
    """A phone in the place of the one that a message went to."""

    phone = Text(required=True, validate=validate.Length(1, 64))


class FilterSchema(Strict):
    """The query of a list of messages; every value is text, as queries are."""

    case = fields.String(validate=validate.Length(1, LONGEST_CASE_CODE))
    state = fields.Enum(State, by_value=True)
    since = Instant()
    until = Instant()
    limit = fields.Integer(load_default=100, validate=validate.Range(1, MOST_LISTED))
    cursor = fields.String(validate=validate.Regexp(MESSAGE_ID))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> MessageFilter:
        return MessageFilter(**data)


class SearchSchema(FilterSchema):
    """What a list of messages is narrowed to, in a body."""

    phone = Text(validate=validate.Length(1, 64))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> MessageFilter:
        typed = data.pop("phone", None)
        phone = phones.parse(typed).e164 if typed is not None else None
        if typed is not None and phone is None:
            raise ValidationError("This is not a phone number.", "phone")
        return MessageFilter(**data, phone=phone)


def _word(words: type[StrEnum], **kwargs: Any) -> fields.String:
    """One of the enumeration's words, as an answer shows it."""
    return fields.String(validate=validate.OneOf([word.value for word in words]), **kwargs)


class ErrorSchema(Schema):
    path = fields.String(required=True)
    code = fields.String(required=True)
    message = fields.String(required=True)


class ProblemSchema(Schema):
    """RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String()
    errors = fields.List(fields.Nested(ErrorSchema))


class MessageSummarySchema(Schema):
    id = fields.String(required=True)
    state = _word(State, required=True)
    reason = fields.String(allow_none=True)
    to = fields.String(required=True)
    segments = fields.Integer(required=True, allow_none=True)
    encoding = fields.String(required=True, allow_none=True)


class EventResultSchema(Schema):
    id = fields.String(required=True)
    outcome = _word(EventOutcome, required=True)
    reason = fields.String()
    messages = fields.List(fields.Nested(MessageSummarySchema), required=True)
    errors = fields.List(fields.Nested(ErrorSchema))


class EventResultsSchema(Schema):
    events = fields.List(fields.Nested(EventResultSchema), required=True)


class AttemptSchema(Schema):
    id = fields.String(required=True)
    gateway = fields.String(required=True)
    outcome = _word(Outcome, allow_none=True)
    code = fields.String(allow_none=True)
    started_at = fields.AwareDateTime(required=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    provider_id = fields.String(allow_none=True)


class ReceiptSchema(Schema):
    gateway = fields.String(required=True)
    report = fields.String(required=True)
    code = fields.String()
    occurred_at = fields.AwareDateTime(allow_none=True)
    received_at = fields.AwareDateTime(required=True)


class MessageSchema(Schema):
    """A message; its words stay inside: they are the citizen's."""

    id = fields.String(required=True)
    state = _word(State, required=True)
    reason = fields.String(allow_none=True)
    missing = fields.List(fields.String(), required=True)
    to = fields.String(required=True)
    case = fields.String(required=True)
    office = fields.String(required=True)
    event = fields.String(required=True)
    event_type = fields.String(
        validate=validate.OneOf([*(one.value for one in EventType), ALERT]), required=True
    )
    template = fields.String(allow_none=True)
    language = fields.String(required=True)
    encoding = fields.String(allow_none=True)
    segments = fields.Integer(allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    send_at = fields.AwareDateTime(required=True)
    valid_until = fields.AwareDateTime(required=True)
    state_at = fields.AwareDateTime(required=True)
    handed_over_at = fields.AwareDateTime(allow_none=True)
    resend_of = fields.String(allow_none=True)
    possible_double = fields.Boolean(required=True)
    no_receipt = fields.Boolean(required=True)
    told_at = fields.AwareDateTime(allow_none=True)
    resent_at = fields.AwareDateTime(allow_none=True)
    resent_as = fields.String(allow_none=True)
    attempts = fields.List(fields.Nested(AttemptSchema), required=True)
    receipts = fields.List(fields.Nested(ReceiptSchema), required=True)


class PhoneSchema(Schema):
    """A phone in full."""

    phone = fields.String(required=True)


class MessagePageSchema(Schema):
    messages = fields.List(fields.Nested(MessageSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class GatewaySchema(Schema):
    """A gateway in use; `reason` and `paused_at` are empty unless it is paused. One that is
    `failing` is left alone, and tried again by itself.
    """

    name = fields.String(required=True)
    adapter = fields.String(required=True)
    failing = fields.Boolean(required=True)
    paused = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)
    paused_at = fields.AwareDateTime(required=True, allow_none=True)


class OutdatedSchema(Schema):
    """A process that runs with other settings of these gateways, or another route, than the
    gateways file has now: it needs a restart.
    """

    role = fields.String(required=True)
    host = fields.String(required=True)
    pid = fields.Integer(required=True)
    gateways = fields.List(fields.String(), required=True)
    route = fields.Boolean(required=True)


class GatewaysSchema(Schema):
    """`outdated` is empty where nothing is, and nothing where Redis cannot tell."""

    gateways = fields.List(fields.Nested(GatewaySchema), required=True)
    outdated = fields.List(fields.Nested(OutdatedSchema), required=True, allow_none=True)


def field_problems(error: ValidationError) -> list[FieldProblem]:
    """marshmallow's nested messages as paths, one problem each."""
    return list(_walk(error.messages_dict, ""))


def _walk(messages: Any, path: str) -> list[FieldProblem]:
    if isinstance(messages, dict):
        found: list[FieldProblem] = []
        for name, inner in messages.items():
            here = path if name in {"_schema", "key", "value"} else f"{path}.{name}".lstrip(".")
            found.extend(_walk(inner, here))
        return found
    return [FieldProblem(path, _code(str(text)), str(text)) for text in messages]


def _code(text: str) -> str:
    if text.startswith("Missing data"):
        return "required"
    if text.startswith("Unknown field"):
        return "unknown_field"
    return "invalid"

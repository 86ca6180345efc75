"""The shape of templates, their versions, and what is done with them."""

from typing import Any

from marshmallow import Schema, fields, validate

from notifier.api.schemas import Strict, Text
from notifier.domain.events import Channel, EventType, Language
from notifier.domain.placeholders import Kind
from notifier.domain.registrations import Network, RegistrationStatus
from notifier.domain.templates import Form
from notifier.domain.text import Encoding
from notifier.domain.versions import Change, Status, Step
from notifier.services.drafting import LONGEST_REASON, LONGEST_TEXT
from notifier.services.questions import Question

_MOST_VERSIONS = 1_000_000


def _one_of(words: Any) -> validate.OneOf:
    return validate.OneOf([word.value for word in words])


class OfficeQuerySchema(Strict):
    office = fields.String(required=True, validate=validate.Length(1, 64))


class DiffQuerySchema(Strict):
    """Version numbers; 0 stands for the words that would be inherited."""

    old = fields.Integer(required=True, validate=validate.Range(0, _MOST_VERSIONS))
    new = fields.Integer(required=True, validate=validate.Range(0, _MOST_VERSIONS))


class NewVersionSchema(Strict):
    """`after` is the newest number that the writer has seen; 0 before the first."""

    text = Text(required=True, validate=validate.Length(1, LONGEST_TEXT))
    reason = Text(required=True, validate=validate.Length(1, LONGEST_REASON))
    after = fields.Integer(required=True, strict=True, validate=validate.Range(0, _MOST_VERSIONS))


def _confirm() -> "fields.List[str]":
    return fields.List(
        Text(validate=_one_of(Question)),
        load_default=(),
        validate=validate.Length(max=len(Question)),
    )


class SubmitSchema(Strict):
    """`confirm` names what a 409 `confirmation_needed` asked."""

    confirm = _confirm()


class SendBackSchema(Strict):
    remark = Text(required=True, validate=validate.Length(1, LONGEST_REASON))


class RollBackSchema(Strict):
    number = fields.Integer(required=True, strict=True, validate=validate.Range(1, _MOST_VERSIONS))
    reason = Text(required=True, validate=validate.Length(1, LONGEST_REASON))
    confirm = _confirm()


class InheritSchema(Strict):
    reason = Text(required=True, validate=validate.Length(1, LONGEST_REASON))
    confirm = _confirm()


class SwitchSchema(Strict):
    """`null`: as the offices above say."""

    sends = fields.Boolean(required=True, allow_none=True, truthy={True}, falsy={False})
    reason = Text(required=True, validate=validate.Length(1, LONGEST_REASON))
    confirm = _confirm()


class SwitchedSchema(Schema):
    sends = fields.Boolean(required=True)
    said_by = fields.String(required=True)


class TextSchema(Strict):
    text = Text(required=True, validate=validate.Length(1, LONGEST_TEXT))


class StepSchema(Schema):
    step = fields.String(required=True, validate=_one_of(Step))
    by = fields.String(required=True)
    by_name = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    remark = fields.String(required=True, allow_none=True)


class RegisteredSchema(Schema):
    """Where words stand with a provider; an empty `office`: for every office."""

    gateway = fields.String(required=True)
    network = fields.String(required=True, validate=_one_of(Network))
    office = fields.String(required=True)
    status = fields.String(required=True, validate=_one_of(RegistrationStatus))


class VersionSchema(Schema):
    """A version; its words never change."""

    id = fields.String(required=True)
    number = fields.Integer(required=True)
    status = fields.String(required=True, validate=_one_of(Status))
    text = fields.String(required=True)
    author = fields.String(required=True, allow_none=True)
    author_name = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    back_to = fields.Integer(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    placeholders = fields.List(fields.String(), required=True)
    steps = fields.List(fields.Nested(StepSchema), required=True)
    registered = fields.List(fields.Nested(RegisteredSchema), required=True)


class PlaceholderSchema(Schema):
    name = fields.String(required=True)
    kind = fields.String(required=True, validate=_one_of(Kind))
    maximum = fields.Integer(required=True)
    default = fields.String(required=True, allow_none=True)


class WordsSchema(Schema):
    """The words that are sent now; `said_by` is an office, or `shipped`."""

    version_id = fields.String(required=True)
    text = fields.String(required=True)
    said_by = fields.String(required=True)


class PendingSchema(Schema):
    number = fields.Integer(required=True)
    status = fields.String(required=True, validate=_one_of(Status))


class LanguageSchema(Schema):
    language = fields.String(required=True, validate=_one_of(Language))
    words = fields.Nested(WordsSchema, required=True, allow_none=True)
    own = fields.Boolean(required=True)
    pending = fields.Nested(PendingSchema, required=True, allow_none=True)


class SituationSchema(Schema):
    """`standing` says whether it sends its own or inherited words, is silent, or lacks words.

    `used` counts its messages with words of the last 30 days.
    """

    event_type = fields.String(required=True, validate=_one_of(EventType))
    channel = fields.String(required=True, validate=_one_of(Channel))
    sends = fields.Boolean(required=True)
    sends_said_by = fields.String(required=True)
    standing = fields.String(
        required=True, validate=validate.OneOf(["own", "inherited", "silent", "missing"])
    )
    languages = fields.List(fields.Nested(LanguageSchema), required=True)
    used = fields.Integer(required=True)


class SituationListSchema(Schema):
    office = fields.String(required=True)
    situations = fields.List(fields.Nested(SituationSchema), required=True)


class TemplateSchema(Schema):
    """`inherited` is what it would send without words of its own."""

    office = fields.String(required=True, attribute="key.office")
    event_type = fields.String(required=True, attribute="key.event_type")
    channel = fields.String(required=True, attribute="key.channel")
    language = fields.String(required=True, attribute="key.language")
    sends = fields.Boolean(required=True)
    sends_said_by = fields.String(required=True)
    words = fields.Nested(WordsSchema, required=True, allow_none=True)
    registered = fields.List(fields.Nested(RegisteredSchema), required=True)
    own = fields.Boolean(required=True)
    inherited = fields.Nested(WordsSchema, required=True, allow_none=True)
    newest = fields.Integer(required=True)
    versions = fields.List(fields.Nested(VersionSchema), required=True)
    placeholders = fields.List(fields.Nested(PlaceholderSchema), required=True)


class WaitingSchema(Schema):
    """A version, by its template and number."""

    office = fields.String(required=True, attribute="key.office")
    event_type = fields.String(required=True, attribute="key.event_type")
    channel = fields.String(required=True, attribute="key.channel")
    language = fields.String(required=True, attribute="key.language")
    number = fields.Integer(required=True)


class WordsWaitingSchema(Schema):
    """What waits for whoever asks: to be approved, to be published, to be changed; 50 of each."""

    to_approve = fields.List(fields.Nested(WaitingSchema), required=True)
    to_publish = fields.List(fields.Nested(WaitingSchema), required=True)
    sent_back = fields.List(fields.Nested(WaitingSchema), required=True)


class PieceSchema(Schema):
    change = fields.String(required=True, validate=_one_of(Change))
    text = fields.String(required=True)


class DiffSchema(Schema):
    old = fields.Integer(required=True)
    new = fields.Integer(required=True)
    pieces = fields.List(fields.Nested(PieceSchema), required=True)


class CountedSchema(Schema):
    """A text as it goes out; `cost` is in whole đồng; `over` units less would save a segment."""

    text = fields.String(required=True)
    encoding = fields.String(required=True, validate=_one_of(Encoding))
    units = fields.Integer(required=True)
    segments = fields.Integer(required=True)
    cost = fields.Integer(required=True)
    over = fields.Integer(required=True)


class FormSchema(Schema):
    """A form of the words, with sample values and with every value at its longest."""

    form = fields.String(required=True, validate=_one_of(Form))
    sent = fields.Boolean(required=True)
    sample = fields.Nested(CountedSchema, required=True, allow_none=True)
    longest = fields.Nested(CountedSchema, required=True)


class WordsProblemSchema(Schema):
    """What a person should mend; one that `forbids` keeps the words from being submitted."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    forbids = fields.Boolean(required=True)


class ForcingSchema(Schema):
    """A character that forces UCS-2, counted from 0; empty `instead`: remove it."""

    position = fields.Integer(required=True)
    character = fields.String(required=True)
    instead = fields.String(required=True)


class AmbiguousSchema(Schema):
    """A word that reads as another without its tones, and what to say instead."""

    position = fields.Integer(required=True)
    word = fields.String(required=True)
    instead = fields.String(required=True)


class PreviewSchema(Schema):
    problems = fields.List(fields.Nested(WordsProblemSchema), required=True)
    forms = fields.List(fields.Nested(FormSchema), required=True)
    forcing = fields.List(fields.Nested(ForcingSchema), required=True)
    ambiguous = fields.List(fields.Nested(AmbiguousSchema), required=True)

"""The shape of templates registered with providers."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from notifier.api.schemas import Strict, Text
from notifier.domain.events import Channel, EventType, Language
from notifier.domain.registrations import (
    Network,
    ParameterKind,
    ParameterSpec,
    RegistrationStatus,
)
from notifier.services.registration_views import GivenRegistration

_MOST = 1000
_MOST_PARAMETERS = 30
_LONGEST = 64
_LONGEST_REMARK = 500


class ParameterSchema(Strict):
    """A parameter in the provider's order; `name` is the provider's for our `placeholder`."""

    placeholder = Text(required=True, validate=validate.Length(1, _LONGEST))
    name = Text(validate=validate.Length(1, _LONGEST))
    kind = fields.Enum(ParameterKind, by_value=Text, load_default=ParameterKind.ANY)
    maximum = fields.Integer(
        strict=True, allow_none=True, load_default=None, validate=validate.Range(1, 1000)
    )

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> ParameterSpec:
        return ParameterSpec(**{"name": data["placeholder"], **data})


class GivenRegistrationSchema(Strict):
    """`template_office` is whose template it is, empty for the shipped set's; without a number it
    is the version that is published. `office` is whose constants stand in the words.
    """

    event_type = fields.Enum(EventType, by_value=Text, required=True)
    channel = fields.Enum(Channel, by_value=Text, required=True)
    language = fields.Enum(Language, by_value=Text, load_default=Language.VI)
    template_office = Text(load_default="", validate=validate.Length(max=_LONGEST))
    number = fields.Integer(
        strict=True, allow_none=True, load_default=None, validate=validate.Range(1, 1_000_000)
    )
    network = fields.Enum(Network, by_value=Text, load_default=Network.ALL)
    office = Text(load_default="", validate=validate.Length(max=_LONGEST))
    status = fields.Enum(RegistrationStatus, by_value=Text, load_default=RegistrationStatus.DRAFT)
    provider_id = Text(load_default="", validate=validate.Length(max=_LONGEST))
    parameters = fields.List(
        fields.Nested(ParameterSchema),
        allow_none=True,
        load_default=None,
        validate=validate.Length(max=_MOST_PARAMETERS),
    )
    remark = Text(allow_none=True, load_default=None, validate=validate.Length(max=_LONGEST_REMARK))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> GivenRegistration:
        told = data.pop("parameters")
        return GivenRegistration(**data, parameters=None if told is None else tuple(told))


class GivenRegistrationsSchema(Strict):
    templates = fields.List(
        fields.Nested(GivenRegistrationSchema),
        required=True,
        validate=validate.Length(1, _MOST),
    )


class DraftsSchema(Strict):
    office = Text(required=True, validate=validate.Length(1, _LONGEST))


class RegistrationStepSchema(Strict):
    """What the provider said: the id it gave, or why it refused."""

    provider_id = Text(allow_none=True, load_default=None, validate=validate.Length(1, _LONGEST))
    remark = Text(allow_none=True, load_default=None, validate=validate.Length(max=_LONGEST_REMARK))


class StatusQuerySchema(Strict):
    status = fields.Enum(RegistrationStatus, by_value=True, load_default=None)


class ShownParameterSchema(Schema):
    placeholder = fields.String(required=True)
    name = fields.String(required=True)
    kind = fields.Enum(ParameterKind, by_value=True, required=True)
    maximum = fields.Integer(required=True, allow_none=True)


class RegistrationSchema(Schema):
    """A template version as it stands with a provider."""

    id = fields.String(required=True)
    gateway = fields.String(required=True)
    network = fields.Enum(Network, by_value=True, required=True)
    office = fields.String(required=True)
    template_office = fields.String(required=True)
    event_type = fields.String(required=True)
    channel = fields.String(required=True)
    language = fields.String(required=True)
    number = fields.Integer(required=True)
    words = fields.String(required=True)
    status = fields.Enum(RegistrationStatus, by_value=True, required=True)
    provider_id = fields.String(required=True)
    parameters = fields.List(fields.Nested(ShownParameterSchema), required=True)
    remark = fields.String(required=True, allow_none=True)
    status_at = fields.AwareDateTime(required=True)


class RegistrationsSchema(Schema):
    templates = fields.List(fields.Nested(RegistrationSchema), required=True)

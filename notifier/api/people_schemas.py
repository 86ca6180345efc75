"""The shape of logins, accounts and the audit log."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from notifier.api.schemas import MOST_LISTED, Strict, Text
from notifier.domain.events import Language
from notifier.domain.people import LONGEST_EMAIL, LONGEST_NAME, LONGEST_PASSWORD, Grant, Role
from notifier.domain.states import Outcome
from notifier.services.audit import EntryFilter

_MOST_ROLES = 50
_LONGEST_OFFICE = 64
_LONGEST_ID = 64


class LoginSchema(Strict):
    email = Text(required=True, validate=validate.Length(1, LONGEST_EMAIL))
    password = Text(required=True, validate=validate.Length(1, LONGEST_PASSWORD))
    code = Text(validate=validate.Length(1, 16))


class OwnPasswordSchema(Strict):
    old = Text(required=True, validate=validate.Length(1, LONGEST_PASSWORD))
    new = Text(required=True, validate=validate.Length(1, LONGEST_PASSWORD))


class RoleSchema(Strict):
    """A role at an office and below it; without an office: everywhere."""

    role = fields.Enum(Role, by_value=Text, required=True)
    office = Text(load_default=None, allow_none=True, validate=validate.Length(1, _LONGEST_OFFICE))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Grant:
        return Grant(**data)


class RolesSchema(Strict):
    roles = fields.List(
        fields.Nested(RoleSchema), required=True, validate=validate.Length(1, _MOST_ROLES)
    )


class NewUserSchema(Strict):
    email = Text(required=True, validate=validate.Length(1, LONGEST_EMAIL))
    name = Text(required=True, validate=validate.Length(1, LONGEST_NAME))
    roles = fields.List(
        fields.Nested(RoleSchema), required=True, validate=validate.Length(1, _MOST_ROLES)
    )


class ResetSchema(Strict):
    second_factor = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class UserSchema(Schema):
    id = fields.String(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.Nested(RoleSchema), required=True, attribute="grants")
    second_factor = fields.Boolean(required=True, attribute="has_second_factor")
    temporary_password = fields.Boolean(required=True, attribute="password_is_temporary")
    created_at = fields.AwareDateTime(required=True)
    disabled_at = fields.AwareDateTime(required=True, allow_none=True)
    manageable = fields.Boolean(required=True)


class UsersSchema(Schema):
    users = fields.List(fields.Nested(UserSchema), required=True)


class NewPasswordSchema(Schema):
    """An account with the password that was made for it, shown this once."""

    user = fields.Nested(UserSchema, required=True)
    password = fields.String(required=True)


class WhoSchema(Schema):
    """Who is logged in."""

    id = fields.String(required=True)
    email = fields.String(required=True)
    name = fields.String(required=True)
    roles = fields.List(fields.Nested(RoleSchema), required=True, attribute="grants")
    second_factor = fields.Boolean(required=True, attribute="has_second_factor")
    temporary_password = fields.Boolean(required=True, attribute="password_is_temporary")


class SessionSchema(Schema):
    """A session just opened; its token is shown this once."""

    token = fields.String(required=True)
    expires_at = fields.AwareDateTime(required=True)
    user = fields.Nested(WhoSchema, required=True, attribute="staff")


class OwnPhoneSchema(Strict):
    """One's own mobile number; the code that goes to it is in that language."""

    phone = Text(required=True, validate=validate.Length(1, 32))
    language = fields.Enum(Language, by_value=Text, load_default=Language.VI)


class CodeSchema(Strict):
    code = Text(required=True, validate=validate.Length(1, 16))


class OwnPhoneViewSchema(Schema):
    """One's own phone, masked."""

    phone = fields.String(required=True)
    verified = fields.Boolean(required=True)
    waits_for_code = fields.Boolean(required=True)


class NoPhoneOrOneSchema(Schema):
    phone = fields.Nested(OwnPhoneViewSchema, required=True, allow_none=True)


class ToldSchema(Schema):
    """What became of an SMS to staff; `unknown` may have arrived, `deferred` surely not."""

    outcome = fields.Enum(Outcome, by_value=True, required=True)
    gateway = fields.String(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)


class CodeSentSchema(Schema):
    phone = fields.Nested(OwnPhoneViewSchema, required=True)
    sms = fields.Nested(ToldSchema, required=True, attribute="told")


class OwnTrialSchema(Schema):
    """Words that went to one's own phone, and what became of them."""

    phone = fields.String(required=True)
    segments = fields.Integer(required=True)
    sms = fields.Nested(ToldSchema, required=True, attribute="told")


class EntryFilterSchema(Strict):
    actor = fields.String(validate=validate.Length(1, _LONGEST_ID))
    object = fields.String(validate=validate.Length(1, _LONGEST_ID))
    action = fields.String(validate=validate.Length(1, _LONGEST_ID))
    limit = fields.Integer(load_default=100, validate=validate.Range(1, MOST_LISTED))
    cursor = fields.String(validate=validate.Regexp(r"^aud_[0-9A-Z]{26}$"))

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> EntryFilter:
        return EntryFilter(**data)


class EntrySchema(Schema):
    """Who changed what: personal values are masked, names and values left out."""

    id = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True)
    actor_name = fields.String(required=True)
    action = fields.String(required=True)
    object = fields.String(required=True)
    office = fields.String(required=True, allow_none=True)
    before = fields.Dict(required=True, allow_none=True)
    after = fields.Dict(required=True, allow_none=True)
    request = fields.String(required=True, allow_none=True)


class EntryPageSchema(Schema):
    entries = fields.List(fields.Nested(EntrySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)

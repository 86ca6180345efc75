"""The shape of letting go, or cancelling, all that an office holds for a reason."""

from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from notifier.api.schemas import LONGEST_NAME, Strict, Text
from notifier.domain.states import HOLDS, RELEASES, Reason


def _one_of(reasons: Iterable[Reason]) -> fields.String:
    return Text(required=True, validate=validate.OneOf(sorted(reasons)))


class _AllSchema(Strict):
    office = Text(required=True, validate=validate.Length(1, LONGEST_NAME))
    dry_run = fields.Boolean(load_default=False, truthy={True}, falsy={False})

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {
            "office_id": data["office"],
            "reason": Reason(data["reason"]),
            "dry_run": data["dry_run"],
        }


class ReleaseAllSchema(_AllSchema):
    """`dry_run` only counts."""

    reason = _one_of(RELEASES)


class CancelAllSchema(_AllSchema):
    """`dry_run` only counts."""

    reason = _one_of(HOLDS)


class BatchOfHeldSchema(Schema):
    """So many were found and so many moved; the rest is still held."""

    office = fields.String(required=True)
    reason = fields.String(required=True)
    dry_run = fields.Boolean(required=True)
    found = fields.Integer(required=True)
    moved = fields.Integer(required=True)

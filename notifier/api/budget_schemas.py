"""The shape of budgets over HTTP."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from notifier.api.schemas import Strict
from notifier.domain.budgets import MOST, Budget


def _limit() -> fields.Integer:
    return fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(0, MOST)
    )


class NewBudgetSchema(Strict):
    """What is left out or null is no limit."""

    daily_segments = _limit()
    monthly_segments = _limit()
    daily_dong = _limit()
    monthly_dong = _limit()

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Budget:
        return Budget(**data)


class SpentSchema(Schema):
    day_segments = fields.Integer(required=True)
    month_segments = fields.Integer(required=True)
    day_dong = fields.Integer(required=True)
    month_dong = fields.Integer(required=True)


class BudgetSchema(Schema):
    """What it and all below it spent, `own` what it did itself.

    `left` has what is left of each limit that is set, `above` the same of offices above it.
    """

    office = fields.String(required=True)
    budget = fields.Nested(NewBudgetSchema, required=True)
    spent = fields.Nested(SpentSchema, required=True)
    own = fields.Nested(SpentSchema, required=True)
    left = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    above = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.Integer()),
        required=True,
    )

"""The shape of a file of routes, budgets and limits."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, post_load

from notifier.api.budget_schemas import NewBudgetSchema
from notifier.api.route_schemas import NewLimitSchema, NewRouteSchema
from notifier.api.schemas import Strict, Text
from notifier.services.routing_files import RoutingFile


class _OrTakenAway(fields.Nested):
    """What a person says of it; `false` takes it away."""

    def _deserialize(
        self,
        value: Any,
        attr: str | None,
        data: Mapping[str, Any] | None,
        partial: Any = None,
        **kwargs: Any,
    ) -> Any:
        if value is False:
            return None
        return super()._deserialize(value, attr, data, partial=partial, **kwargs)


class RoutingFileSchema(Strict):
    routes = fields.Dict(keys=Text(), values=_OrTakenAway(NewRouteSchema), load_default=dict)
    budgets = fields.Dict(keys=Text(), values=_OrTakenAway(NewBudgetSchema), load_default=dict)
    limits = fields.Dict(keys=Text(), values=_OrTakenAway(NewLimitSchema), load_default=dict)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> RoutingFile:
        return RoutingFile(**data)

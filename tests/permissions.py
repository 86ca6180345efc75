"""What the tables of permissions share: the roles, where they hold, and what a row says."""

from dataclasses import dataclass
from typing import Any

from flask import Flask

ROLES = ("viewer", "editor", "approver", "operator", "administrator")
EVERYBODY = frozenset(ROLES)
ADMINISTRATORS = frozenset({"administrator"})
EDITORS = frozenset({"editor", "administrator"})
APPROVERS = frozenset({"approver", "administrator"})
OPERATORS = frozenset({"operator", "administrator"})

# The object stands at the ward; a role there, above it or everywhere reaches it, beside it not.
WARD, ABOVE, BESIDE, EVERYWHERE = "lai-thieu", "thuan-an", "di-an", None
REACH_THE_WARD = frozenset({WARD, ABOVE, EVERYWHERE})
ANYWHERE = frozenset({WARD, ABOVE, BESIDE, EVERYWHERE})  # a list holds what one may see
ALL_AT_ONCE = frozenset({EVERYWHERE})

OK, NO_TOKEN, MAY_NOT, NOT_THERE = "ok", 401, 403, 404


@dataclass(frozen=True)
class Row:
    """Who may call the route, with a role at which offices, and what others are told."""

    roles: frozenset[str]
    offices: frozenset[str | None] = REACH_THE_WARD
    beyond: int = NOT_THERE  # a right role at an office that does not reach
    body: dict[str, Any] | None = None
    query: str = ""
    missing: bool = False  # even whom it lets in finds nothing: there is no such object

    def expected(self, role: str, office: str | None) -> str | int:
        if role not in self.roles:
            return MAY_NOT
        if office not in self.offices:
            return self.beyond
        return NOT_THERE if self.missing else OK


def routes(app: Flask) -> set[tuple[str, str]]:
    """Every method and rule."""
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

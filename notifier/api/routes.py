"""Offices' routes and budgets, gateways' limits, and what a person should know, for operators."""

from typing import Any

from flask import Blueprint, Response, request

from notifier.api import budget_schemas
from notifier.api import route_schemas as schemas
from notifier.api.problems import Problem
from notifier.api.requests import acting, answer, loaded
from notifier.domain.people import Permission
from notifier.domain.routing import RouteError
from notifier.services import attention, budgets, limits, routes
from notifier.services.views import FieldProblem
from notifier.services.wiring import Wiring


def blueprint(wiring: Wiring) -> Blueprint:
    """The routes of routes, budgets, limits and alerts."""
    served = Blueprint("routes", __name__, url_prefix="/v1")
    route, way, new = schemas.RouteSchema(), schemas.WaySchema(), schemas.NewRouteSchema()
    question, open_ones = schemas.QuestionSchema(), schemas.AlertsSchema()
    budget, new_budget = budget_schemas.BudgetSchema(), budget_schemas.NewBudgetSchema()

    limit, several_limits = schemas.LimitSchema(), schemas.LimitsSchema()
    new_limit = schemas.NewLimitSchema()

    @served.post("/routes/preview")
    def preview() -> Response:
        by = acting(request, Permission.GATEWAYS_READ, wiring)
        asked: Any = loaded(request, question)
        return answer(way.dump(routes.preview(asked, by=by, wiring=wiring)))

    @served.get("/routes/<office>")
    def show(office: str) -> Response:
        acting(request, Permission.GATEWAYS_READ, wiring)
        return answer(route.dump(routes.show(office, wiring=wiring)))

    @served.put("/routes/<office>")
    def give(office: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        given: Any = loaded(request, new)
        try:
            return answer(route.dump(routes.give(office, given, by=by, wiring=wiring)))
        except RouteError as problem:
            wrong = FieldProblem(problem.path, "invalid", str(problem))
            raise Problem("invalid", errors=[wrong]) from None

    @served.delete("/routes/<office>")
    def take_away(office: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        return answer(route.dump(routes.take_away(office, by=by, wiring=wiring)))

    @served.get("/budgets/<office>")
    def show_budget(office: str) -> Response:
        acting(request, Permission.GATEWAYS_READ, wiring)
        return answer(budget.dump(budgets.show(office, wiring=wiring)))

    @served.put("/budgets/<office>")
    def give_budget(office: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        given: Any = loaded(request, new_budget)
        return answer(budget.dump(budgets.give(office, given, by=by, wiring=wiring)))

    @served.get("/limits")
    def list_limits() -> Response:
        acting(request, Permission.GATEWAYS_READ, wiring)
        return answer(several_limits.dump({"limits": limits.list_all(wiring=wiring)}))

    @served.get("/limits/<name>")
    def show_limit(name: str) -> Response:
        acting(request, Permission.GATEWAYS_READ, wiring)
        return answer(limit.dump(limits.show(name, wiring=wiring)))

    @served.put("/limits/<name>")
    def give_limit(name: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        given: Any = loaded(request, new_limit)
        return answer(limit.dump(limits.give(name, given, by=by, wiring=wiring)))

    @served.delete("/limits/<name>")
    def take_limit_away(name: str) -> Response:
        by = acting(request, Permission.GATEWAYS_WRITE, wiring)
        return answer(limit.dump(limits.give(name, None, by=by, wiring=wiring)))

    @served.get("/alerts")
    def list_alerts() -> Response:
        by = acting(request, Permission.MESSAGES_READ, wiring)
        return answer(open_ones.dump({"alerts": attention.alerts(by, wiring=wiring)}))

    return served

"""A file of routes, budgets and limits is put in place whole, once, with a trace; or not at all."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from marshmallow import ValidationError
from sqlalchemy import text

from notifier.api.routing_file_schemas import RoutingFileSchema
from notifier.api.schemas import field_problems
from notifier.services import budgets, limits, routes, routing_files
from notifier.services.views import BadFields

EXAMPLE = Path(__file__).parents[2] / "deploy" / "routing" / "routing.example.toml"
IN_USE = ("simulator", "esms", "twilio", "speedsms", "zalo")


def read(words: str) -> Any:
    return RoutingFileSchema().load(tomllib.loads(words))


def traces(world: Any) -> list[tuple[str, str]]:
    with world.wiring.sessions.read() as session:
        rows = session.execute(text("SELECT action, object FROM audit ORDER BY id")).all()
    return [
        (action, of)
        for action, of in rows
        if action.partition(".")[0] in {"route", "budget", "limit"}
    ]


def test_the_example_is_taken_once_and_a_dry_run_changes_nothing(
    make_world: Callable[..., Any],
) -> None:
    world = make_world(gateways=IN_USE)
    example = read(EXAMPLE.read_text(encoding="utf-8"))
    dry = routing_files.import_file(example, dry_run=True, wiring=world.wiring)
    assert [one.path for one in dry.changed] == [
        "routes.thuan-an",
        "budgets.thuan-an",
        "budgets.lai-thieu",
        "limits.esms",
        "limits.twilio",
    ]
    assert dry.unchanged == 2  # what is taken away was not there
    assert traces(world) == []
    done = routing_files.import_file(example, dry_run=False, wiring=world.wiring)
    assert (done.changed, done.unchanged) == (dry.changed, 2)
    assert traces(world) == [
        ("route.given", "thuan-an"),
        ("budget.given", "thuan-an"),
        ("budget.given", "lai-thieu"),
        ("limit.given", "esms"),
        ("limit.given", "twilio"),
    ]
    assert routes.show("lai-thieu", wiring=world.wiring).said_by == "thuan-an"
    assert budgets.show("lai-thieu", wiring=world.wiring).left["daily_segments"] == 2000
    assert limits.show("esms", wiring=world.wiring).per_second == 20
    again = routing_files.import_file(example, dry_run=False, wiring=world.wiring)
    assert (again.changed, again.unchanged) == ((), 7)
    assert len(traces(world)) == 5


def test_what_is_false_is_taken_away_and_what_is_not_named_stays(
    make_world: Callable[..., Any],
) -> None:
    world = make_world(gateways=IN_USE)
    example = read(EXAMPLE.read_text(encoding="utf-8"))
    routing_files.import_file(example, dry_run=False, wiring=world.wiring)
    less = read("routes.thuan-an = false\nbudgets.thuan-an = false\nlimits.esms = false")
    gone = routing_files.import_file(less, dry_run=False, wiring=world.wiring)
    assert [(one.path, one.after) for one in gone.changed] == [
        ("routes.thuan-an", None),
        ("budgets.thuan-an", None),
        ("limits.esms", None),
    ]
    assert routes.show("lai-thieu", wiring=world.wiring).said_by == "default"
    assert budgets.show("thuan-an", wiring=world.wiring).left == {}
    assert budgets.show("lai-thieu", wiring=world.wiring).left != {}
    assert limits.show("twilio", wiring=world.wiring).per_second == 10
    assert limits.show("esms", wiring=world.wiring).said_by != "person"


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("limit.esms = false", "limit"),
        ("limits.esms = true", "limits.esms"),
        ("limits.esms = { per_second = -1 }", "limits.esms.per_second"),
        ("limits.esms = { per_second = '9' }", "limits.esms.per_second"),
        ("limits.esms = { per_second = nan }", "limits.esms.per_second"),
        ("budgets.a = { daily = 1 }", "budgets.a.daily"),
        ("budgets.a = { daily_dong = 1.5 }", "budgets.a.daily_dong"),
        ("routes.a = { steps = [] }", "routes.a.steps"),
        ("routes.a.steps = [{ gateways = { b = 0 } }]", "routes.a.steps.0.gateways.b"),
        ("routes.a.steps = [{ gateways = {} }]", "routes.a.steps.0.gateways"),
        ("routes.a = { on_unknown = 'go' }", "routes.a.on_unknown"),
    ],
)
def test_what_is_not_of_the_shape_is_named_by_its_path(words: str, path: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(words)
    assert path in [one.path for one in field_problems(refused.value)]


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_changed(world: Any) -> None:
    wrong = read(
        "limits.simulator = { per_second = 5 }\n"
        "limits.nowhere = { per_second = 5 }\n"
        "budgets.nowhere = { daily_dong = 5 }\n"
        "routes.nowhere.steps = [{ gateways = { simulator = 1 } }]\n"
        "routes.lai-thieu.steps = [{ gateways = { simulator = 1 } }, { gateways = { esms = 1 } }]\n"
    )
    with pytest.raises(BadFields) as refused:
        routing_files.import_file(wrong, dry_run=False, wiring=world.wiring)
    assert [one.path for one in refused.value.problems] == [
        "routes.nowhere",
        "budgets.nowhere",
        "routes.lai-thieu.steps.1.gateways.esms",
        "limits.nowhere",
    ]
    assert "those are simulator" in refused.value.problems[-1].message
    assert traces(world) == []

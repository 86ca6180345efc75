"""Which gateway takes a message next: order, shares, conditions, price, history."""

from collections import Counter
from typing import Any

import pytest

from notifier.domain.routing import (
    History,
    NoRoute,
    Route,
    RouteError,
    Step,
    Traits,
    candidates,
    choose,
    ordered,
    reach,
    read_steps,
)

A = frozenset({"a"})


def message(id: str = "msg_1", language: str = "vi", encoding: str = "gsm7") -> Traits:
    return Traits(id, language, encoding)


def step(*gateways: str, **conditions: Any) -> Step:
    return Step(dict.fromkeys(gateways, 1), **conditions)


ROUTE = Route(
    (
        step("zalo", languages=frozenset({"vi"}), encodings=frozenset({"gsm7"})),
        step("unicode", encodings=frozenset({"ucs2"})),
        step("main"),
        step("spare"),
    )
)


@pytest.mark.parametrize(
    ("traits", "way"),
    [
        ({}, ["zalo", "main", "spare"]),
        ({"language": "en"}, ["main", "spare"]),
        ({"encoding": "ucs2"}, ["unicode", "main", "spare"]),
    ],
)
def test_a_step_is_for_the_messages_that_it_names(traits: dict[str, Any], way: list[str]) -> None:
    assert candidates(ROUTE, message(**traits)) == way


def test_a_step_for_an_operator_is_for_phones_of_which_it_was_told() -> None:
    route = Route((step("theirs", operators=frozenset({"viettel"})), step("main")))
    for operator, way in (("viettel", ["theirs", "main"]), ("itel", ["main"]), (None, ["main"])):
        assert candidates(route, Traits("msg_1", "vi", "gsm7", operator)) == way
    assert reach(route, ["main", "theirs", "else"]) == {"main", "theirs"}
    (read,) = read_steps([{"gateways": {"a": 1}, "operators": ["itel"]}], known=["a"])
    assert read.operators == {"itel"}
    with pytest.raises(RouteError):
        read_steps([{"gateways": {"a": 1}, "operators": ["091"]}], known=["a"])


def test_shares_hold_over_many_messages_and_one_message_keeps_its_order() -> None:
    route = Route((Step({"a": 3, "b": 1}), step("c")))
    ways = [candidates(route, message(f"msg_{n}")) for n in range(4000)]
    first = Counter(way[0] for way in ways)
    assert 0.72 < first["a"] / 4000 < 0.78
    assert all(sorted(way) == ["a", "b", "c"] and way[2] == "c" for way in ways)
    assert ways[7] == candidates(route, message("msg_7"))


def test_the_cheapest_goes_first_where_the_route_says_so() -> None:
    prices = {"a": 300.0, "b": 500.0}
    route = Route(ordered(["unpriced", "b", "a"]).steps, cheapest_first=True)
    assert candidates(route, message(), prices) == ["a", "b", "unpriced"]
    assert candidates(ordered(["b", "a"]), message(), prices) == ["b", "a"]


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        ([], "steps"),
        ([{"gateways": {"a": 1}}] * 17, "steps"),
        ([{"gateways": {}}], "steps.0.gateways"),
        ([{"gateways": {"a": 1}}, {"gateways": {"x": 1}}], "steps.1.gateways.x"),
        ([{"gateways": {"a": 0}}], "steps.0.gateways.a"),
        ([{"gateways": {"a": 1}, "languages": ["fr"]}], "steps.0.languages"),
        ([{"gateways": {"a": 1}, "encodings": ["utf8"]}], "steps.0.encodings"),
    ],
)
def test_a_route_that_cannot_be_names_what_is_wrong(steps: Any, path: str) -> None:
    with pytest.raises(RouteError) as wrong:
        read_steps(steps, known=["a"])
    assert wrong.value.path == path


def test_steps_are_read_back_as_they_were_written() -> None:
    written = [step.as_json() for step in ROUTE.steps]
    names = ["zalo", "unicode", "main", "spare"]
    assert read_steps(written, known=names) == ROUTE.steps


@pytest.mark.parametrize(
    ("free", "history", "chosen"),
    [
        ({"a", "b"}, History(), "a"),
        ({"b"}, History(), "b"),
        ({"a", "b"}, History(deferred_by="a"), "b"),
        ({"a"}, History(deferred_by="a"), "a"),
        ({"a", "b"}, History(refused_by=A), "b"),
        ({"a"}, History(refused_by=A), NoRoute.BUSY),
        (set(), History(), NoRoute.BUSY),
        ({"a", "b"}, History(refused_by=frozenset({"a", "b"})), NoRoute.REFUSED),
        ({"a", "b"}, History(unknown_at=A), "b"),
        ({"a"}, History(unknown_at=A), NoRoute.BUSY),
        ({"a", "b"}, History(unknown_at=A, refused_by=frozenset({"b"})), NoRoute.REFUSED),
        ({"a", "b"}, History(unknown_at=frozenset({"a", "b"})), NoRoute.BUSY),
    ],
)
def test_the_first_that_may_take_it_now(
    free: set[str], history: History, chosen: str | NoRoute
) -> None:
    assert choose(["a", "b"], free=free, history=history) == chosen

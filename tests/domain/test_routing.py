"""Which gateway takes a message next."""

import pytest

from notifier.domain.routing import History, NoRoute, choose

A = frozenset({"a"})


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

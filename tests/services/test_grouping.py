"""Grouping: requests that wait together are served together, and a bad one harms no other."""

import threading
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from notifier.services.grouping import Grouped
from notifier.store.engine import StoreUnavailable
from tests.waiting import eventually


class Kitchen:
    """Serves numbers doubled, and remembers in which groups."""

    def __init__(self, most: int = 10) -> None:
        self.groups: list[list[int]] = []
        self.open = threading.Event()
        self.serves: Callable[[Sequence[int]], list[int]] = lambda group: [n * 2 for n in group]
        self.order: Grouped[int, int] = Grouped(self._serve, weigh=self._weigh, most=most)

    def _serve(self, group: Sequence[int]) -> list[int]:
        self.groups.append(list(group))
        self.open.wait(30)
        return self.serves(group)

    @staticmethod
    def _weigh(number: int) -> int:
        return max(1, number // 100)

    def together(self, first: int, *others: int) -> dict[int, int | Exception]:
        """Order one, and the others while it is being served; what each got."""
        got: dict[int, int | Exception] = {}

        def order(number: int) -> None:
            try:
                got[number] = self.order(number)
            except Exception as problem:  # noqa: BLE001 - each test looks at its own
                got[number] = problem

        threads = [threading.Thread(target=order, args=(number,)) for number in (first, *others)]
        threads[0].start()
        self._until(lambda: bool(self.groups))
        for count, thread in enumerate(threads[1:], 1):
            thread.start()
            self._until(partial(self._wait, count))
        self.open.set()
        for thread in threads:
            thread.join(30)
        return got

    def _wait(self, count: int) -> bool:
        return len(self.order._waiting) >= count

    @staticmethod
    def _until(look: Callable[[], bool]) -> None:
        eventually(look, every_s=0.001)


def test_alone_it_is_served_at_once() -> None:
    kitchen = Kitchen()
    kitchen.open.set()
    assert (kitchen.order(4), kitchen.groups) == (8, [[4]])


def test_what_waits_meanwhile_is_served_together_and_in_order() -> None:
    kitchen = Kitchen()
    assert kitchen.together(1, 2, 3, 4) == {1: 2, 2: 4, 3: 6, 4: 8}
    assert kitchen.groups == [[1], [2, 3, 4]]


def test_a_group_weighs_no_more_than_it_may_but_one_always_goes() -> None:
    kitchen = Kitchen(most=10)
    kitchen.together(1, 700, 400, 300, 5000, 2)
    assert kitchen.groups == [[1], [700], [400, 300], [5000], [2]]


def test_a_bad_request_harms_no_other() -> None:
    kitchen = Kitchen()

    def serve(group: Sequence[int]) -> list[int]:
        if 3 in group:
            raise ValueError("three")
        return [n * 2 for n in group]

    kitchen.serves = serve
    got = kitchen.together(1, 2, 3, 4)
    assert isinstance(got.pop(3), ValueError)
    assert got == {1: 2, 2: 4, 4: 8}
    assert kitchen.groups == [[1], [2, 3, 4], [2], [3], [4]]


def test_a_database_that_is_away_refuses_the_group_at_once() -> None:
    """One by one each would wait for the same time-out."""
    kitchen = Kitchen()
    away = StoreUnavailable("OperationalError")

    def serve(group: Sequence[int]) -> list[int]:
        raise away

    kitchen.serves = serve
    assert kitchen.together(1, 2, 3) == {1: away, 2: away, 3: away}
    assert kitchen.groups == [[1], [2, 3]]


def test_a_hundred_threads_each_get_their_own_answer() -> None:
    kitchen = Kitchen()
    kitchen.open.set()
    got: dict[int, int] = {}
    start = threading.Barrier(100)

    def order(number: int) -> None:
        start.wait()
        got[number] = kitchen.order(number)

    threads = [threading.Thread(target=order, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == {number: number * 2 for number in range(100)}
    assert sorted(number for group in kitchen.groups for number in group) == list(range(100))


def test_a_count_of_answers_that_does_not_fit_is_an_error_not_a_mix_up() -> None:
    kitchen = Kitchen()
    kitchen.open.set()
    kitchen.serves = lambda group: []
    with pytest.raises(ValueError, match="shorter"):
        kitchen.order(1)


def test_the_task_is_handed_on_until_all_are_served() -> None:
    grouped: Grouped[int, int] = Grouped(
        lambda group: [number + 1 for number in group], weigh=lambda _: 1, most=5
    )
    wrong: list[int] = []

    def ask(first: int) -> None:
        wrong.extend(n for n in range(first, first + 300) if grouped(n) != n + 1)

    threads = [threading.Thread(target=ask, args=(n * 1000,), daemon=True) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (wrong, any(thread.is_alive() for thread in threads)) == ([], False)

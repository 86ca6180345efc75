"""Requests that wait for the same resource are served together, by whichever came first.

No thread of its own: a caller that finds nobody serving serves all that wait, itself included,
and then hands the task to whoever waits longest. That is what makes one fsync carry many requests.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from notifier.store.engine import StoreUnavailable

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class _Ticket(Generic[Request, Answer]):
    __slots__ = ("answer", "error", "request", "turn")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.turn = threading.Lock()  # held until the ticket is served, or is to serve
        self.turn.acquire()
        self.answer: Answer | None = None
        self.error: Exception | None = None

    @property
    def served(self) -> bool:
        return self.answer is not None or self.error is not None


class Grouped(Generic[Request, Answer]):
    """Serves requests in groups. `serve` answers a group in its order, all or nothing.

    A group that fails is redone one request at a time, so that a bad one harms no other; only
    when the database cannot take anything, all are refused at once.
    """

    def __init__(
        self,
        serve: Callable[[Sequence[Request]], Sequence[Answer]],
        *,
        weigh: Callable[[Request], int],
        most: int,
    ) -> None:
        self._serve = serve
        self._weigh = weigh
        self._most = most
        self._guard = threading.Lock()
        self._somebody_serves = False
        self._waiting: list[_Ticket[Request, Answer]] = []

    def __call__(self, request: Request) -> Answer:
        """The answer to this request; raises what serving it raised."""
        ticket: _Ticket[Request, Answer] = _Ticket(request)
        with self._guard:
            self._waiting.append(ticket)
            waits, self._somebody_serves = self._somebody_serves, True
        if waits:
            ticket.turn.acquire()
        if not ticket.served:
            self._serve_waiting()
        if ticket.error is not None:
            raise ticket.error
        assert ticket.answer is not None  # noqa: S101 - `served` and no error
        return ticket.answer

    def _serve_waiting(self) -> None:
        """Serve the next group, the caller's own ticket in it, and hand the task over."""
        group = self._take()
        try:
            self._serve_group(group)
        finally:
            with self._guard:
                heir = self._waiting[0] if self._waiting else None
                self._somebody_serves = heir is not None
            if heir is not None:
                heir.turn.release()
            for ticket in group[1:]:
                ticket.turn.release()

    def _take(self) -> list[_Ticket[Request, Answer]]:
        """The next group, oldest first: as many as weigh no more than `most`, at least one."""
        with self._guard:
            weight = 0
            for count, ticket in enumerate(self._waiting):
                weight += self._weigh(ticket.request)
                if weight > self._most and count:
                    break
            else:
                count = len(self._waiting)
            group, self._waiting = self._waiting[:count], self._waiting[count:]
        return group

    def _serve_group(self, group: Sequence[_Ticket[Request, Answer]]) -> None:
        try:
            answers = self._serve([ticket.request for ticket in group])
        except StoreUnavailable as problem:
            self._refuse(group, problem)
        except Exception as problem:  # noqa: BLE001 - each caller gets its own, below
            if len(group) == 1:
                self._refuse(group, problem)
                return
            for ticket in group:
                self._serve_group([ticket])
        else:
            for ticket, answer in zip(group, answers, strict=True):
                ticket.answer = answer

    @staticmethod
    def _refuse(group: Sequence[_Ticket[Request, Answer]], problem: Exception) -> None:
        for ticket in group:
            ticket.error = problem

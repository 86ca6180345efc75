"""Requests that wait for the same resource are served together, by whichever came first.

No thread of its own: a caller that finds nobody serving serves all that wait, itself included.
That is what makes one fsync carry many requests.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from notifier.store.engine import StoreUnavailable

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class _Ticket(Generic[Request, Answer]):
    __slots__ = ("answer", "error", "request")

    def __init__(self, request: Request) -> None:
        self.request = request
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
        self._serving = threading.Lock()
        self._waiting: list[_Ticket[Request, Answer]] = []

    def __call__(self, request: Request) -> Answer:
        """The answer to this request; raises what serving it raised."""
        ticket: _Ticket[Request, Answer] = _Ticket(request)
        with self._guard:
            self._waiting.append(ticket)
        while not ticket.served:
            with self._serving:
                if not ticket.served:
                    self._serve_group(self._take())
        if ticket.error is not None:
            raise ticket.error
        assert ticket.answer is not None  # noqa: S101 - `served` and no error
        return ticket.answer

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

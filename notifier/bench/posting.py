"""Posts events on kept connections, cheaply: the client shares the machine that it measures."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from gateways.simulator.posting import Courier, Post, Unreachable
from notifier.bench.events import Posting
from notifier.bench.failing import BenchFailed
from notifier.bench.stage import Stage

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Posted:
    """How one request went. `due_at` in Unix seconds: a late client counts against the service."""

    due_at: float
    took_s: float
    phones: Sequence[str]


def post_all(
    stage: Stage, postings: Sequence[Posting], *, connections: int, progress: Progress
) -> list[Posted]:
    """Post one after the other on each of `connections`, as fast as they are answered."""
    return asyncio.run(_post_all(stage, postings, connections, progress))


def post_steadily(
    stage: Stage, postings: Sequence[Posting], *, per_s: float, connections: int, progress: Progress
) -> list[Posted]:
    """Post each at its instant, whatever became of those before."""
    return asyncio.run(_post_steadily(stage, postings, per_s, connections, progress))


async def _post_all(
    stage: Stage, postings: Sequence[Posting], connections: int, progress: Progress
) -> list[Posted]:
    left, posted = iter(postings), list[Posted]()

    async def work() -> None:
        courier = Courier()
        try:
            for posting in left:
                posted.append(await _post(stage, courier, posting, time.time()))
                progress(len(posting.phones))
        finally:
            courier.close()

    await _all(work() for _ in range(min(connections, len(postings))))
    return posted


async def _post_steadily(
    stage: Stage, postings: Sequence[Posting], per_s: float, connections: int, progress: Progress
) -> list[Posted]:
    began = time.time()
    left, posted = iter(enumerate(postings)), list[Posted]()

    async def work() -> None:
        courier = Courier()
        try:
            for place, posting in left:
                due_at = began + place / per_s
                await asyncio.sleep(max(0.0, due_at - time.time()))
                posted.append(await _post(stage, courier, posting, due_at))
                progress(len(posting.phones))
        finally:
            courier.close()

    await _all(work() for _ in range(connections))
    return posted


async def _all(tasks: Iterable[Coroutine[None, None, None]]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for task in tasks:
                group.create_task(task)
    except* BenchFailed as failures:
        raise failures.exceptions[0] from None


async def _post(stage: Stage, courier: Courier, posting: Posting, due_at: float) -> Posted:
    call = Post(
        f"{stage.api}/v1/events",
        posting.body,
        "application/json",
        {"Authorization": f"Bearer {stage.key}"},
    )
    try:
        status = await courier.post(call)
    except Unreachable as problem:
        raise BenchFailed(f"the API did not answer: {problem}") from None
    if status != HTTPStatus.ACCEPTED:
        raise BenchFailed(f"the API answered {status}")
    return Posted(due_at, time.time() - due_at, posting.phones)

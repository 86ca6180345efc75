"""Resealing: every sealed column under the newest key of the ring, so that old keys can go.

Done in stretches, each a short transaction. Begun anew after a death: what is under the newest
key is passed over, and a value is changed only if it still is what was read. The keys that no row
needs any more are noted only after a whole pass that found nothing to do.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from redis import Redis, RedisError
from sqlalchemy import Table

from notifier import pulses
from notifier.domain.clock import Clock
from notifier.domain.timing import UPKEEP_SLICE
from notifier.pulses import Role
from notifier.services import encryption_keys
from notifier.store import encryption_keys as keys
from notifier.store import resealing as rows
from notifier.store.engine import Sessions
from notifier.store.resealing import Sealed
from notifier.store.sealing import SealBroken, Sealer
from notifier.store.stretches import stretch

log = structlog.get_logger(__name__)

_AT_ONCE = 250  # rows of a transaction
_BEGINS_NO_MORE = UPKEEP_SLICE * 0.6  # a step of a slow database may take the rest
_AGAIN_AFTER = timedelta(hours=1)  # where a value does not open, nothing comes of hurry
_TOLD_AT_MOST = 20
_SEALING = frozenset({Role.API, Role.SEND, Role.UPKEEP})


class CannotReseal(Exception):
    """Why old keys cannot be given up now, and what to do; in one line."""


@dataclass(slots=True)
class Progress:
    """How far a resealing came."""

    looked_at: int = 0  # stretches
    resealed: Counter[str] = field(default_factory=Counter)  # rows by table
    broken: int = 0  # values that do not open in this pass
    passes: int = 0
    done: bool = False


@dataclass(slots=True)
class Resealer:
    """Reseals. Outlives a job: it remembers how far a pass came."""

    sessions: Sessions
    sealer: Sealer
    redis: Redis
    clock: Clock
    _progress: Progress = field(default_factory=Progress)
    _pass: Iterator[None] | None = None
    _not_before: float = float("-inf")

    def run(self) -> bool:
        """A slice of the work, if an old key is still needed; whether more is left.

        Twice is harmless. It waits while another process seals with another key.
        """
        ends = self.clock.monotonic() + _BEGINS_NO_MORE.total_seconds()
        if self.clock.monotonic() < self._not_before or not self._is_due():
            return False
        work, self._pass = self._pass or self._steps(self._progress), None
        while self.clock.monotonic() < ends:
            try:
                next(work)
            except StopIteration:
                return False
            except CannotReseal as problem:
                log.warning("reseal_waits", why=str(problem))
                if self._progress.broken:
                    self._not_before = self.clock.monotonic() + _AGAIN_AFTER.total_seconds()
                return False
        self._pass = work
        return True

    def work(self) -> Iterator[Progress]:
        """All of the work at once, telling how far it came. Raises `CannotReseal`."""
        progress = Progress()
        encryption_keys.adopt(sessions=self.sessions, sealer=self.sealer)
        for _ in self._steps(progress):
            yield progress
        yield progress

    def _is_due(self) -> bool:
        with self.sessions.read() as session:
            known = keys.known(session)
        if self.sealer.seals_with not in {key.name for key in known if key.is_needed}:
            encryption_keys.adopt(sessions=self.sessions, sealer=self.sealer)
        if all(key.name == self.sealer.seals_with for key in known if key.is_needed):
            return False
        if self._pass is None:
            self._progress = Progress()
            return not others_sealing(self.redis, self.sealer.seals_with)
        return True

    def _steps(self, progress: Progress) -> Iterator[None]:
        """Pass after pass, until one finds nothing to do; then the old keys are given up."""
        while True:
            refuse_others(self.redis, self.sealer.seals_with)
            with self.sessions.read() as session:
                began_at = self.sessions.now(session)
                old = [
                    key.name
                    for key in keys.known(session)
                    if key.is_needed and key.name != self.sealer.seals_with
                ]
            found = 0
            progress.passes, progress.broken = progress.passes + 1, 0
            for table in rows.tables():
                for count in self._table(table, progress):
                    found += count
                    yield
            if progress.broken:
                raise CannotReseal(
                    f"{progress.broken} values do not open with any key of the ring (see the log):"
                    " the old keys must stay"
                )
            if not found:
                self._give_up(old, began_at)
                progress.done = True
                return

    def _give_up(self, old: Sequence[str], unused_since: datetime) -> None:
        # Who began meanwhile, and is gone again, left its mark in the table.
        refuse_others(self.redis, self.sealer.seals_with)
        with self.sessions.begin() as session:
            now = self.sessions.now(session)
            keys.empty(session, old, unused_since=unused_since, at=now)
        log.info("resealed", given_up=list(old))

    def _table(self, table: Table, progress: Progress) -> Iterator[int]:
        """The stretches of a table: how many rows of each were under another key."""
        after = None
        while True:
            with self.sessions.read() as session:
                where = stretch(session, table, after)
                older = rows.older(session, where, self.sealer.header)
            for start in range(0, len(older), _AT_ONCE):
                self._reseal(table, older[start : start + _AT_ONCE], progress)
                yield min(_AT_ONCE, len(older) - start)
            progress.looked_at += 1
            yield 0
            if where.upto is None:
                return
            after = where.upto

    def _reseal(
        self, table: Table, older: Sequence[tuple[str, Sealed]], progress: Progress
    ) -> None:
        fresh = []
        for row, values in older:
            try:
                fresh.append((row, values, self._anew(table.name, row, values)))
            except SealBroken:
                progress.broken += 1
                if progress.broken <= _TOLD_AT_MOST:
                    log.error("seal_broken", table=table.name, row=row)
        if fresh:
            with self.sessions.begin() as session:
                progress.resealed[table.name] += rows.put(session, table, fresh)

    def _anew(self, table: str, row: str, values: Sealed) -> Sealed:
        made: Sealed = {}
        for name, envelope in values.items():
            if envelope is None or envelope.startswith(self.sealer.header):
                made[name] = envelope
                continue
            column = rows.sealed_as(name)
            plain = self.sealer.open(envelope, table=table, column=column, row=row)
            made[name] = self.sealer.seal(plain, table=table, column=column, row=row)
        return made


def others_sealing(redis: Redis, name: str) -> list[str]:
    """Processes that may seal with another key than this one, in words. Raises `RedisError`."""
    found = []
    for one in pulses.living(redis):
        if one.role not in _SEALING:
            continue
        if one.about is None:
            found.append(f"{one.role} {one.id} of another release")
        elif one.about.encryption_keys[:1] != (name,):
            found.append(f"{one.role} (process {one.about.pid} on {one.about.host})")
    return found


def refuse_others(redis: Redis, name: str) -> None:
    """Raises `CannotReseal` while a process may still seal with another key."""
    try:
        others = others_sealing(redis, name)
    except RedisError as problem:
        raise CannotReseal(
            f"Redis cannot tell which processes live ({type(problem).__name__}): mend it first"
        ) from None
    if others:
        raise CannotReseal(
            f"{others[0]} does not seal with {name}"
            f"{f', nor do {len(others) - 1} more' if others[1:] else ''}:"
            " restart it with the same BAOTIN_ENCRYPTION_KEYS"
        )

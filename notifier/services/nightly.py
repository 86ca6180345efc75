"""What is done once a night, in slices: next year's holidays, and what retention purges.

A pass that a death cut short begins anew; everything in it may be done twice.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Table

from notifier.domain.calendar import local
from notifier.domain.clock import Clock
from notifier.domain.ids import IdSource
from notifier.domain.retention import STEADY_FOR, Keeping, is_night_due
from notifier.domain.timing import UPKEEP_SLICE
from notifier.services import calendar
from notifier.services.jumps import JumpWatch
from notifier.store import catalogue, retention
from notifier.store.engine import Sessions
from notifier.store.stretches import stretch

log = structlog.get_logger(__name__)

NAME = "night"
_BEGINS_NO_MORE = UPKEEP_SLICE * 0.6  # a step of a slow database may take the rest


@dataclass(slots=True)
class Nightly:
    """The night's work. Outlives a job: it remembers how far a pass came."""

    sessions: Sessions
    clock: Clock
    ids: IdSource
    keeping: Keeping
    jumps: JumpWatch
    _steady_since: float = field(init=False)
    _began_at: datetime | None = None
    _pass: Iterator[None] | None = None
    _purged: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._steady_since = self.clock.monotonic()

    def run(self) -> bool:
        """A slice of the night's work, if some is due: at most a second. Whether more is left."""
        ends = self.clock.monotonic() + _BEGINS_NO_MORE.total_seconds()
        if not self._is_due():
            return False
        work, self._pass = self._pass or iter(()), None  # begun anew, should a step fail
        while self.clock.monotonic() < ends:
            try:
                next(work)
            except StopIteration:
                self._finish()
                return False
        self._pass = work
        return True

    def _is_due(self) -> bool:
        with self.sessions.read() as session:
            if not self.jumps.look(partial(self.sessions.now, session)):
                self._steady_since, self._pass = self.clock.monotonic(), None
            now = self.sessions.now(session)
            steady = self.clock.monotonic() - self._steady_since
            if timedelta(seconds=steady) < STEADY_FOR:
                return False
            if self._pass is not None:
                return True
            if not is_night_due(now, retention.last_began(session, NAME)):
                return False
        self._began_at, self._pass, self._purged = now, self._work(now), Counter()
        return True

    def _finish(self) -> None:
        if self._began_at is None:
            return
        with self.sessions.begin() as session:
            ended_at = self.sessions.now(session)
            retention.done(session, NAME, began_at=self._began_at, ended_at=ended_at)
        log.info("night_done", **self._purged)

    def _work(self, now: datetime) -> Iterator[None]:
        """The steps of a pass, each a transaction."""
        with self.sessions.begin() as session:
            if calendar.seed_days(session, local(now).date(), ids=self.ids):
                catalogue.changed(session)
        yield
        for table in retention.tables():
            yield from self._purge(table, now)

    def _purge(self, table: Table, now: datetime) -> Iterator[None]:
        after = None
        while True:
            with self.sessions.read() as session:
                where = stretch(session, table, after)
                due = retention.anything_due(session, where, now)
            if due:
                with self.sessions.begin() as session:
                    if table.name in retention.PERSONAL:
                        blanked = retention.blank(
                            session, where, now=now, kept_for=self.keeping.rows
                        )
                        self._purged[f"{table.name}_blanked"] += blanked
                    self._purged[f"{table.name}_removed"] += retention.remove(
                        session, where, now=now
                    )
            yield
            if where.upto is None:
                return
            after = where.upto

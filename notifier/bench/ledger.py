"""The simulator's ledger, followed as it grows: the only judge of what was sent."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from notifier.bench.failing import BenchFailed
from notifier.bench.stage import Stage

_LOOK_EVERY_S = 0.2
_PAGE = 1000


@dataclass(slots=True)
class Ledger:
    """Reads each row once; what came before it was made is not looked at again."""

    stage: Stage
    stalled_s: float = 30.0  # without a new row
    _after: str = ""
    _seen: set[str] = field(default_factory=set)

    def await_phones(
        self, phones: Sequence[str], *, progress: Callable[[int], None]
    ) -> dict[str, float]:
        """By phone: when its message was taken (Unix seconds). Waits until all of them were.

        Raises `BenchFailed` when no more come, or one comes twice.
        """
        missing, taken = set(phones), dict[str, float]()
        moved_at = time.monotonic()
        while missing:
            rows = self._new_rows()
            for phone, at in rows:
                if phone in self._seen:
                    raise BenchFailed("the ledger shows a message twice")
                self._seen.add(phone)
                taken[phone] = at
            missing.difference_update(taken)
            if rows:
                moved_at = time.monotonic()
                progress(len(rows))
            elif time.monotonic() - moved_at > self.stalled_s:
                raise BenchFailed(f"{len(missing)} of {len(phones)} messages did not come")
            if missing and len(rows) < _PAGE:
                time.sleep(_LOOK_EVERY_S)
        return taken

    def _new_rows(self) -> list[tuple[str, float]]:
        answer = self.stage.ask("GET", f"{self.stage.simulator}/sim/messages?after={self._after}")
        rows = json.loads(answer)["messages"]
        if rows:
            self._after = rows[-1]["id"]
        return [(row["to"], datetime.fromisoformat(row["received_at"]).timestamp()) for row in rows]

"""A case system that posts at a steady rate, each event once: what fails is not tried again."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import urllib3

_THREADS = 24
_ACCEPTED = 202


def event(number: int) -> dict[str, Any]:
    """Each its own case and phone, so that nothing supersedes or caps it."""
    return {
        "id": f"e{number}",
        "type": "result_ready",
        "occurred_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "case": {"code": f"R-{number}", "office": "lai-thieu", "channel": "counter"},
        "recipient": {"phone": f"09{12_000_000 + number}"},
        "data": {"noi_nhan": "Quầy 3"},
    }


@dataclass(slots=True)
class Poster:
    """Posts `rate` events a second until told to stop. `key` answers with the key to use now."""

    url: str
    pem: str
    rate: float
    key: Callable[[], str] = field(repr=False)
    posted: int = 0
    taken: set[int] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)
    late_s: float = 0.0  # the longest that a post began after its time
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        http = urllib3.PoolManager(
            maxsize=_THREADS, retries=False, ca_certs=self.pem, timeout=urllib3.Timeout(30)
        )
        began = time.monotonic()
        for _ in range(_THREADS):
            thread = threading.Thread(target=self._work, args=(http, began), daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _work(self, http: urllib3.PoolManager, began: float) -> None:
        while True:
            with self._guard:
                number, self.posted = self.posted, self.posted + 1
            wait = began + number / self.rate - time.monotonic()
            if self._stopping.wait(max(0.0, wait)):
                with self._guard:
                    self.posted = min(self.posted, number)
                return
            self.late_s = max(self.late_s, -wait)
            self._post(http, number)

    def _post(self, http: urllib3.PoolManager, number: int) -> None:
        headers = {"Authorization": f"Bearer {self.key()}", "Content-Type": "application/json"}
        try:
            reply = http.request(
                "POST", f"{self.url}/v1/events", body=json.dumps(event(number)), headers=headers
            )
        except urllib3.exceptions.HTTPError as problem:
            said = type(problem).__name__
        else:
            if reply.status == _ACCEPTED:
                self.taken.add(number)
                return
            said = str(reply.status)
        with self._guard:
            self.failed.append(f"e{number}: {said}")

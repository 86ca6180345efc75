"""How the posting of one gateway's receipts goes: one line in the log when it begins to fail.

It names the receiver by its origin alone: the rest of the address holds a secret.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog

from gateways.simulator.rows import rfc3339

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Trouble:
    """A receiver that takes no receipts, since when (Unix seconds), and why."""

    receiver: str
    why: str
    since: float
    times: int = 0


class Record:
    """Counts what was posted, and keeps the trouble that there is."""

    def __init__(self, gateway: str) -> None:
        self._gateway = gateway
        self._posted = 0
        self._given_up = 0
        self._trouble: Trouble | None = None

    def posted(self) -> None:
        """A receipt was taken."""
        self._posted += 1
        if self._trouble is not None:
            log.info(
                "receipts_posted_again", gateway=self._gateway, receiver=self._trouble.receiver
            )
            self._trouble = None

    def failed(self, url: str, why: str, at: float) -> None:
        """A receipt was not taken; it may be tried again."""
        receiver = _origin(url)
        now = self._trouble
        if now is None or (now.receiver, now.why) != (receiver, why):
            now = self._trouble = Trouble(receiver, why, at)
            log.warning("receipt_not_posted", gateway=self._gateway, receiver=receiver, why=why)
        now.times += 1

    def gave_up(self) -> None:
        """A receipt is not tried again."""
        self._given_up += 1

    def as_json(self) -> dict[str, object]:
        """What the control API shows."""
        now = self._trouble
        trouble = now and {
            "receiver": now.receiver,
            "why": now.why,
            "since": rfc3339(now.since),
            "times": now.times,
        }
        return {"posted": self._posted, "given_up": self._given_up, "trouble": trouble}


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    except ValueError:
        return "no address"

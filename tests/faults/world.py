"""What the world saw: the simulator's ledger; and what the product says of its messages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import urllib3

_UNSETTLED = ("queued", "sending", "unknown")


@dataclass(frozen=True, slots=True)
class Row:
    """One SMS that the provider took."""

    id: str
    to: str
    text: str
    at: float  # Unix seconds
    gateway: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the API says of one message."""

    id: str
    event_id: str
    state: str
    reason: str | None
    possible_double: bool
    attempts: tuple[float, ...]  # when each began, Unix seconds
    outcomes: tuple[str | None, ...] = ()  # of each; empty while it is open
    gateways: tuple[str, ...] = ()  # of each
    case: str = ""


def ledger(simulator: str, *, after: str = "") -> list[Row]:
    """The ledger, oldest first: all of it, or what came after a row."""
    rows: list[Row] = []
    while True:
        last = rows[-1].id if rows else after
        query = {"after": last} if last else {}
        reply = _http().request("GET", f"{simulator}/sim/messages", fields=query)
        assert reply.status == 200, reply.data
        page = reply.json()["messages"]
        rows += [
            Row(r["id"], r["to"], r["text"], _instant(r["received_at"]), r["gateway"]) for r in page
        ]
        if not page:
            return rows


def messages(api: str, key: str) -> list[Told]:
    """All messages, as the API tells them."""
    return [
        Told(
            m["id"],
            m["event"],
            m["state"],
            m["reason"],
            m["possible_double"],
            tuple(_instant(a["started_at"]) for a in m["attempts"]),
            tuple(a["outcome"] for a in m["attempts"]),
            tuple(a["gateway"] for a in m["attempts"]),
            m["case"],
        )
        for m in _listed(api, key, {"limit": "1000"})
    ]


def unsettled(api: str, key: str) -> dict[str, int]:
    """How many messages stand in each state that is not an end."""
    found = {}
    for state in _UNSETTLED:
        if count := sum(1 for _ in _listed(api, key, {"limit": "1000", "state": state})):
            found[state] = count
    return found


def _listed(api: str, key: str, query: dict[str, str]) -> Iterator[dict[str, Any]]:
    cursor: str | None = ""
    while cursor is not None:
        fields = {**query, "cursor": cursor} if cursor else query
        reply = _http().request(
            "GET", f"{api}/v1/messages", fields=fields, headers={"Authorization": f"Bearer {key}"}
        )
        assert reply.status == 200, reply.data
        page = reply.json()
        yield from page["messages"]
        cursor = page["next_cursor"]


def _http() -> urllib3.PoolManager:
    retry = urllib3.Retry(8, backoff_factor=0.2, status_forcelist=[503])
    return urllib3.PoolManager(retries=retry, timeout=30)


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def states(told: Sequence[Told]) -> dict[str, int]:
    """How many messages stand in each state."""
    counts: dict[str, int] = {}
    for one in told:
        counts[one.state] = counts.get(one.state, 0) + 1
    return dict(sorted(counts.items()))

"""A database of three years, and what a night must leave of it.

The fill draws from a seed; what is expected is worked out from what was drawn, never asked of the
code under test.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from notifier.domain.clock import ManualClock
from notifier.domain.ids import IdSource
from notifier.domain.retention import Keeping
from notifier.services.nightly import Nightly
from notifier.services.wiring import Wiring
from notifier.store.tables import Base

YEARS = timedelta(days=3 * 365)
AT_ONCE = 5000
FINAL = ("sent", "delivered", "undelivered", "failed", "expired", "suppressed", "cancelled")
TO_GO = ("queued", "held", "sending")
PERSONAL = {
    "messages": {"phone_cipher", "phone_hash", "phone_mask", "text_cipher", "values_cipher"},
    "events": {"body_cipher"},
    "inbound": {"phone_cipher", "phone_hash", "text_cipher"},
}
STAMPS = {"purged_at", "purge_after"}

Rows = dict[str, dict[str, dict[str, Any]]]  # by table and primary key


@dataclass
class Past:
    """What was put in, and what a night at `now` must do to it."""

    now: datetime
    rows: Rows = field(default_factory=dict)
    removed: dict[str, set[str]] = field(default_factory=dict)
    blanked: dict[str, set[str]] = field(default_factory=dict)
    messages: Counter[tuple[Any, ...]] = field(default_factory=Counter)  # as they are counted
    segments: Counter[tuple[Any, ...]] = field(default_factory=Counter)

    def add(self, table: str, row: dict[str, Any]) -> None:
        self.rows.setdefault(table, {})[row["id"]] = row


def fill(wiring: Wiring, *, messages: int, now: datetime, seed: int = 1) -> Past:
    """Put in so many messages with all that belongs to them, spread over three years."""
    draw, past, keeping = random.Random(seed), Past(now), Keeping()  # noqa: S311 - a drill's
    with wiring.sessions.read() as session:
        version = session.execute(select(Base.metadata.tables["template_versions"].c.id)).scalar()
    for number in range(messages):
        created = now - YEARS * (1 - number / messages) - timedelta(seconds=draw.random() * 3600)
        ids = IdSource(ManualClock(created))
        _one_case(past, draw, ids, created, keeping, version, number)
        if number % 10 == 0:
            _inbound(past, ids, created, keeping)
            _receipt(past, draw, ids, created, keeping, None)
    for table in Base.metadata.sorted_tables:
        rows = list(past.rows.get(table.name, {}).values())
        for start in range(0, len(rows), AT_ONCE):
            with wiring.sessions.begin() as session:
                session.connection().execute(insert(table), rows[start : start + AT_ONCE])
    _expect(past, keeping)
    return past


def _one_case(
    past: Past,
    draw: random.Random,
    ids: IdSource,
    created: datetime,
    keeping: Keeping,
    version: Any,
    number: int,
) -> None:
    office = draw.choice(["lai-thieu", "thuan-an"])
    older = past.rows.get("cases") and draw.random() < 0.3
    case_id = next(reversed(past.rows["cases"])) if older else ids.case()
    if not older:
        past.add(
            "cases",
            {"id": case_id, "office_id": office, "code": f"C{number}", "created_at": created,
             "purge_after": created + keeping.rows},
        )  # fmt: skip
    event_id, event_type = ids.event(), draw.choice(["result_ready", "received", "stopped"])
    past.add(
        "events",
        {
            "id": event_id, "source_id": "demo", "source_event_id": f"e{number}",
            "case_id": case_id, "office_id": office, "type": event_type, "channel": "counter",
            "occurred_at": created, "received_at": created, "sends": True, "outcome": "accepted",
            "reason": None, "body_hash": b"h", "body_cipher": b"body", "purged_at": None,
            "purge_after": created + keeping.personal,
        },
    )  # fmt: skip
    state = draw.choices([*FINAL, "unknown", *TO_GO], [20] * 7 + [4, 1, 1, 1])[0]
    message_id = ids.message()
    past.add(
        "messages",
        {
            "id": message_id, "event_id": event_id, "case_id": case_id, "office_id": office,
            "source_id": "demo", "event_type": event_type, "occurred_at": created,
            "template_version_id": version, "language": "vi", "state": state, "reason": None,
            "phone_cipher": b"phone", "phone_hash": draw.randbytes(4), "phone_mask": "+84912***678",
            "text_cipher": b"text", "values_cipher": b"values", "encoding": "gsm7",
            "segments": draw.choice([1, 2, None]), "sender": "X",
            "send_at": created, "valid_until": created, "lease_until": None, "claim_token": None,
            "blocks_until": None, "superseded_by": None, "resend_of": None,
            "possible_double": False, "no_receipt": False, "tries": 1, "created_at": created,
            "state_at": created, "handed_over_at": None, "purged_at": None,
            "purge_after": created + keeping.personal,
        },
    )  # fmt: skip
    for _ in range(draw.choice([0, 1, 1, 2])):
        _attempt(past, draw, ids, created, keeping, message_id, state)


def _attempt(
    past: Past,
    draw: random.Random,
    ids: IdSource,
    created: datetime,
    keeping: Keeping,
    message_id: str,
    state: str,
) -> None:
    attempt_id = ids.attempt()
    outcome = draw.choice(["accepted", "rejected", "deferred", "unknown"])
    asks = outcome == "unknown" and state == "unknown" and draw.random() < 0.5
    past.add(
        "attempts",
        {
            "id": attempt_id, "message_id": message_id,
            "gateway": draw.choice(["simulator", "twilio"]),
            "claim_token": "t", "outcome": outcome, "fault": None, "code": None,
            "provider_id": attempt_id, "started_at": created, "closed_at": created,
            "resolve_at": created if asks else None, "absent_counts_at": None, "resolve_tries": 0,
            "poll_at": None, "polls": 0,
            "purge_after": None,
        },
    )  # fmt: skip
    for _ in range(draw.choice([0, 1])):
        _receipt(past, draw, ids, created, keeping, attempt_id)


def _receipt(
    past: Past,
    draw: random.Random,
    ids: IdSource,
    created: datetime,
    keeping: Keeping,
    attempt_id: str | None,
) -> None:
    receipt_id = ids.new("rcp")
    received = created + timedelta(days=draw.choice([0, 0, 1, 20]))
    past.add(
        "receipts",
        {
            "id": receipt_id, "gateway": "simulator", "provider_id": receipt_id, "reference": "",
            "report": "delivered", "code": "", "occurred_at": received, "received_at": received,
            "attempt_id": attempt_id, "purge_after": received + keeping.rows,
        },
    )  # fmt: skip


def _inbound(past: Past, ids: IdSource, created: datetime, keeping: Keeping) -> None:
    row_id = ids.new("inb")
    past.add(
        "inbound",
        {
            "id": row_id, "gateway": "simulator", "provider_id": row_id, "phone_cipher": b"p",
            "phone_hash": b"h", "text_cipher": b"t", "to": "8188", "received_at": created,
            "purged_at": None, "purge_after": created + keeping.personal,
        },
    )  # fmt: skip


def _expect(past: Past, keeping: Keeping) -> None:  # noqa: PLR0912 - one rule after the other
    now, rows = past.now, past.rows
    attempts_of: dict[str, list[dict[str, Any]]] = {}
    for attempt in rows["attempts"].values():
        attempts_of.setdefault(attempt["message_id"], []).append(attempt)
    receipts_of: dict[str, list[dict[str, Any]]] = {}
    for receipt in rows["receipts"].values():
        receipts_of.setdefault(receipt["attempt_id"] or "", []).append(receipt)

    def settled(message: dict[str, Any]) -> bool:
        asked = any(one["resolve_at"] for one in attempts_of.get(message["id"], []))
        return message["state"] not in TO_GO and not asked

    def over(at: datetime, kept: timedelta) -> bool:
        return at + kept <= now

    gone: dict[str, set[str]] = {name: set() for name in rows}
    blank: dict[str, set[str]] = {name: set() for name in PERSONAL}
    for key, one in rows["messages"].items():
        counted = _counted(one, attempts_of.get(key, []))
        past.messages[counted] += 1
        past.segments[counted] += one["segments"] or 0
        if not settled(one) or not over(one["created_at"], keeping.personal):
            continue
        blank["messages"].add(key)
        history = [r for a in attempts_of.get(key, []) for r in receipts_of.get(a["id"], [])]
        if over(one["created_at"], keeping.rows) and all(r["purge_after"] <= now for r in history):
            gone["messages"].add(key)
            gone["attempts"] |= {a["id"] for a in attempts_of.get(key, [])}
            gone["receipts"] |= {r["id"] for r in history}
    gone["receipts"] |= {r["id"] for r in receipts_of[""] if r["purge_after"] <= now}
    by_event = {one["event_id"]: one for one in rows["messages"].values()}
    for key, one in rows["events"].items():
        message = by_event[key]
        if settled(message) and over(one["received_at"], keeping.personal):
            blank["events"].add(key)
            if over(one["received_at"], keeping.rows) and message["id"] in gone["messages"]:
                gone["events"].add(key)
    for key, one in rows["inbound"].items():
        if over(one["received_at"], keeping.personal):
            blank["inbound"].add(key)
            if over(one["received_at"], keeping.rows):
                gone["inbound"].add(key)
    alive = {one["case_id"] for key, one in rows["events"].items() if key not in gone["events"]}
    for key, one in rows["cases"].items():
        if key not in alive and over(one["created_at"], keeping.rows):
            gone["cases"].add(key)
    past.removed = gone
    past.blanked = {name: keys - gone[name] for name, keys in blank.items()}


def _counted(message: dict[str, Any], attempts: list[dict[str, Any]]) -> tuple[Any, ...]:
    best = max(attempts, key=lambda a: (a["outcome"] == "accepted", a["id"]), default=None)
    day = (message["created_at"] + timedelta(hours=7)).date()
    return (
        day,
        message["office_id"],
        message["event_type"],
        message["state"],
        best["gateway"] if best else "",
    )


def dump(wiring: Wiring) -> Rows:
    """Every row of every table that the fill wrote to."""
    names = ("cases", "events", "messages", "attempts", "receipts", "inbound")
    tables = [Base.metadata.tables[name] for name in names]
    with wiring.sessions.read() as session:
        return {
            table.name: {row["id"]: dict(row) for row in session.execute(select(table)).mappings()}
            for table in tables
        }


def wrong(past: Past, before: Rows, after: Rows) -> Iterator[str]:
    """Every difference from what the night must have left."""
    for table, rows in before.items():
        kept = {key for key in rows if key not in past.removed.get(table, set())}
        for key in rows.keys() - after[table].keys() - past.removed[table]:
            yield f"{table} {key} is gone"
        for key in after[table].keys() & past.removed[table]:
            yield f"{table} {key} is still here"
        for key in kept & after[table].keys():
            changed = {name for name, v in after[table][key].items() if v != rows[key][name]}
            if key not in past.blanked.get(table, set()):
                if changed:
                    yield f"{table} {key} changed {sorted(changed)}"
            elif left := (PERSONAL[table] | STAMPS) ^ changed:
                yield f"{table} {key} was blanked but for {sorted(left)}"


def work(nightly: Nightly, *, most: int = 100_000) -> list[float]:
    """Work slice by slice until the night is done; how long each took, in seconds."""
    slices = []
    for _ in range(most):
        began = time.perf_counter()
        more = nightly.run()
        slices.append(time.perf_counter() - began)
        if not more:
            return slices
    raise AssertionError("the night does not end")

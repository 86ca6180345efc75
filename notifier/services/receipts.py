"""Receipts: kept first, then matched to their attempt, then the message moves.

Twice, late, early or out of order, the end state is the same: keeping is idempotent, and the
table of moves lets nothing leave a final state but towards `delivered`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from gateways.base import Receipt, Report
from notifier.domain import states
from notifier.domain.ids import IdSource
from notifier.domain.retention import Keeping
from notifier.domain.states import Outcome
from notifier.domain.timing import MATCH_RECEIPTS_FOR, UNREPORTED_AFTER
from notifier.services import operators, spending
from notifier.services.gateways import Accounts
from notifier.services.grouping import Grouped
from notifier.services.operators import Telling
from notifier.store import attempts, messages
from notifier.store import receipts as rows
from notifier.store.engine import Sessions

log = structlog.get_logger(__name__)

_HANDED_OVER_IN = timedelta(days=14)  # from its creation, whatever validity and holidays allow
_GROUP = 500


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many receipts of a call were new."""

    new: int


class Receipts:
    """Records receipts. One per process: calls that wait together are committed together."""

    def __init__(
        self, *, sessions: Sessions, ids: IdSource, keeping: Keeping, accounts: Accounts
    ) -> None:
        self._sessions = sessions
        self._accounts = accounts
        self._ids = ids
        self._keeping = keeping
        self._grouped: Grouped[Sequence[Receipt], Recorded] = Grouped(
            self._serve, weigh=len, most=_GROUP
        )

    def __call__(self, receipts: Sequence[Receipt]) -> Recorded:
        """Keep receipts, then move their messages. One that came before changes nothing."""
        return self._grouped(receipts) if receipts else Recorded(0)

    def _serve(self, calls: Sequence[Sequence[Receipt]]) -> list[Recorded]:
        return record(
            calls,
            sessions=self._sessions,
            ids=self._ids,
            keeping=self._keeping,
            accounts=self._accounts,
        )


def record(
    calls: Sequence[Sequence[Receipt]],
    *,
    sessions: Sessions,
    ids: IdSource,
    keeping: Keeping,
    accounts: Accounts,
) -> list[Recorded]:
    """Keep the receipts of several calls, then move their messages; an answer for each call."""
    with sessions.begin() as session:
        now = sessions.now(session)
        kept = [[_row(receipt, ids, now, keeping) for receipt in call] for call in calls]
        new = rows.keep(session, [row for call in kept for row in call])
    if new:
        # A transaction of its own: closing an attempt does the same from the other side, so
        # whichever commits last sees both; the sweep repeats the look.
        with sessions.begin() as session:
            _match(session, rows.unmatched_among(session, new), sessions, accounts, keeping)
    return [Recorded(sum(row["id"] in new for row in call)) for call in kept]


def _row(receipt: Receipt, ids: IdSource, now: datetime, keeping: Keeping) -> dict[str, Any]:
    return {
        "id": ids.new("rcp"),
        "gateway": receipt.gateway,
        "provider_id": receipt.provider_id or "",
        "reference": receipt.reference or "",
        "report": receipt.report,
        "code": receipt.code,
        "occurred_at": receipt.occurred_at,
        "received_at": now,
        "operator": receipt.operator,
        "attempt_id": None,
        "purge_after": now + keeping.rows,
    }


def look_for_early(
    attempt_ids: Sequence[str], *, sessions: Sessions, accounts: Accounts, keeping: Keeping
) -> int:
    """Match receipts that came before their attempt was closed."""
    with sessions.read() as session:
        since = sessions.now(session) - MATCH_RECEIPTS_FOR
        early = rows.unmatched_for(session, attempt_ids, since=since)
    if not early:
        return 0
    with sessions.begin() as session:
        return _match(session, early, sessions, accounts, keeping)


def match_late(*, sessions: Sessions, accounts: Accounts, keeping: Keeping, limit: int) -> int:
    """The sweep's look: receipts of the last day whose attempt is known by now."""
    with sessions.begin() as session:
        since = sessions.now(session) - MATCH_RECEIPTS_FOR
        found = rows.unmatched_since(session, since, limit=limit)
        return _match(session, found, sessions, accounts, keeping)


def mark_unreported(*, sessions: Sessions) -> int:
    """Mark what stayed `sent` for a day without a receipt; a late one takes the mark away."""
    with sessions.begin() as session:
        before = sessions.now(session) - UNREPORTED_AFTER
        marked = messages.mark_unreported(session, before=before, since=before - _HANDED_OVER_IN)
    if marked:
        log.warning("messages_unreported", count=marked)
    return marked


def _match(
    session: Session,
    found: Sequence[rows.Unmatched],
    sessions: Sessions,
    accounts: Accounts,
    keeping: Keeping,
) -> int:
    if not found:
        return 0
    attempts.lock(session, {one.attempt_id for one in found})
    now = sessions.now(session)
    # What we did not know to be taken may have gone out by another attempt as well.
    news = [one for one in found if one.outcome != Outcome.ACCEPTED]
    spending.count(session, {one.attempt_id for one in news}, accounts=accounts, at=now)
    attempts.prove_accepted(
        session, [(one.attempt_id, one.provider_id or None) for one in news], at=now
    )
    rows.match(session, found)
    messages.lock(session, {one.message_id for one in found})
    moved = _move(session, found, now)
    if news:
        messages.flag_doubles(session, {one.message_id for one in news})
    # After the messages, as whoever records an answer: never crosswise.
    operators.learn(
        session,
        [
            Telling(one.attempt_id, one.gateway, one.operator, one.received_at)
            for one in found
            if one.operator is not None
        ],
        keeping=keeping,
    )
    for one in found:
        log.info(
            "receipt_matched",
            receipt=one.id,
            attempt=one.attempt_id,
            message=one.message_id,
            report=one.report,
            moved=one.id in moved,
        )
    return len(found)


def _move(session: Session, found: Sequence[rows.Unmatched], now: datetime) -> set[str]:
    """Move the messages; the receipts that moved theirs. `delivered` comes last: it wins."""
    told: dict[str, list[rows.Unmatched]] = {report: [] for report in Report}
    for one in found:
        told[one.report].append(one)
    sent = {one.message_id for one in told[Report.SENT]}
    delivered = {one.message_id for one in told[Report.DELIVERED]}
    went = {Report.SENT: messages.hand_over(session, sent, states.ACCEPT, at=now)}
    went[Report.UNDELIVERED] = []
    for one in told[Report.UNDELIVERED]:
        alone = [messages.no_other_attempt_pending(one.attempt_id)]
        went[Report.UNDELIVERED] += messages.hand_over(
            session, [one.message_id], states.UNDELIVER, at=now, where=alone
        )
    went[Report.DELIVERED] = messages.hand_over(session, delivered, states.DELIVER, at=now)
    moved = {report: set(ids) for report, ids in went.items()}
    return {one.id for one in found if one.message_id in moved[Report(one.report)]}

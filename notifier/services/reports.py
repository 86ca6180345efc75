"""A provider's call with delivery reports: verified, then recorded, or else asked about."""

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from gateways.base import Proof, Receipt, WebhookRequest
from notifier.services.operators import Telling, learn
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring
from notifier.store import operators, polls

log = structlog.get_logger(__name__)


def take(gateway: str, request: WebhookRequest, *, wiring: Wiring) -> int:
    """Record the reports, or ask for what an unsigned call claims; how many were news.

    Raises `NotFound` for a gateway not in use, `BadSignature` or `BadWebhook`.
    """
    account = wiring.accounts.get(gateway)
    if account is None:
        raise NotFound("there is no such gateway")
    receipts = account.gateway.parse_receipts(request)
    if account.gateway.capabilities.receipt_proof is Proof.POLL:
        return _ask(gateway, receipts, wiring)
    return wiring.receipts(receipts).new


def _ask(gateway: str, claims: Sequence[Receipt], wiring: Wiring) -> int:
    """Nobody signed them: the provider itself is asked, at once."""
    with wiring.sessions.begin() as session:
        asked = polls.ask_now(
            session,
            gateway,
            references=[claim.reference for claim in claims if claim.reference],
            provider_ids=[claim.provider_id for claim in claims if claim.provider_id],
            now=wiring.sessions.now(session),
        )
        _learn(session, gateway, claims, wiring)
    if asked:
        wiring.queue.ring_send()
    log.info("receipts_claimed", gateway=gateway, claims=len(claims), asked=asked)
    return asked


def _learn(session: Session, gateway: str, claims: Sequence[Receipt], wiring: Wiring) -> None:
    """Whose phone is at which operator is told by such calls alone, and only orders gateways: the
    secret address is enough to believe it of a message that we handed over.
    """
    told = [one for one in claims if one.operator is not None]
    if not told:
        return
    attempts = operators.claimed(
        session,
        gateway,
        references=[one.reference for one in told if one.reference],
        provider_ids=[one.provider_id for one in told if one.provider_id],
    )
    now = wiring.sessions.now(session)
    tellings = [
        Telling(attempt, gateway, one.operator, now)
        for one in told
        if one.operator is not None
        and (attempt := attempts.get(one.reference or "") or attempts.get(one.provider_id or ""))
    ]
    learn(session, tellings, keeping=wiring.keeping)

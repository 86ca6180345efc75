"""A provider's call with delivery reports: verified by its adapter, then recorded."""

from gateways.base import WebhookRequest
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring


def take(gateway: str, request: WebhookRequest, *, wiring: Wiring) -> int:
    """Record the reports; how many were new.

    Raises `NotFound` for a gateway not in use, `BadSignature` or `BadWebhook`.
    """
    account = wiring.accounts.get(gateway)
    if account is None:
        raise NotFound("there is no such gateway")
    return wiring.receipts(account.gateway.parse_receipts(request)).new

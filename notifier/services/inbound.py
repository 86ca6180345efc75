"""An SMS from a citizen: verified, kept once, sealed. What it asks for comes in a later release."""

import structlog

from gateways.base import WebhookRequest
from notifier.domain import phones
from notifier.services.views import NotFound
from notifier.services.wiring import Wiring
from notifier.store import inbound as rows

log = structlog.get_logger(__name__)


def keep(gateway: str, request: WebhookRequest, *, wiring: Wiring) -> bool:
    """Keep the SMS; whether it is new. Raises `NotFound`, `BadSignature` or `BadWebhook`."""
    account = wiring.accounts.get(gateway)
    if account is None:
        raise NotFound("there is no such gateway")
    sms = account.gateway.parse_inbound(request)
    phone = phones.parse(sms.sender).e164 or sms.sender
    row_id = wiring.ids.new("inb")
    with wiring.sessions.begin() as session:
        now = wiring.sessions.now(session)
        new = rows.keep(
            session,
            {
                "id": row_id,
                "gateway": gateway,
                "provider_id": sms.provider_id,
                "phone_cipher": wiring.sealer.seal(
                    phone, table="inbound", column="phone", row=row_id
                ),
                "phone_hash": wiring.hashes.phone(phone),
                "text_cipher": wiring.sealer.seal(
                    sms.text, table="inbound", column="text", row=row_id
                ),
                "to": sms.to,
                "received_at": now,
                "purge_after": now + wiring.keeping.personal,
            },
        )
    log.info("inbound_kept", inbound=row_id, gateway=gateway, new=new)
    return new

"""One call to a gateway: every way it can end becomes one of the four outcomes, and is heeded."""

import structlog

from gateways.base import Accepted, Deferred, OutboundSms, OutcomeUnknown, Rejected
from notifier.pacing import Pacing
from notifier.services.gateways import Account
from notifier.store.sealing import Sealer

log = structlog.get_logger(__name__)


def hand_over(
    account: Account, sms: OutboundSms
) -> Accepted | Rejected | Deferred | OutcomeUnknown:
    """Call the gateway. Never raises: this is the edge of a pool task."""
    try:
        return account.gateway.send(sms)
    except (Rejected, Deferred, OutcomeUnknown) as outcome:
        return outcome
    except Exception as problem:  # noqa: BLE001 - an adapter's bug must not lose the message
        # The request may have left before the bug struck.
        log.error("adapter_broke", gateway=account.name, error=type(problem).__name__)
        return OutcomeUnknown("adapter_broke")


def heed(pacing: Pacing, gateway: str, answer: object, *, sent: bool = True) -> None:
    """Tell all workers at once when the provider asks to be let be."""
    match answer:
        case Deferred(retry_after_s=float() | int() as wait, only_this=False):
            pacing.ask_to_wait(gateway, wait, tells_rate=sent)
        case Accepted() if sent:
            pacing.note_taken(gateway)
        case _:
            pass


def seal_phone(sealer: Sealer, message_id: str, phone: str) -> bytes:
    return sealer.seal(phone, table="messages", column="phone", row=message_id)


def seal_text(sealer: Sealer, message_id: str, text: str) -> bytes:
    return sealer.seal(text, table="messages", column="text", row=message_id)


def open_phone(sealer: Sealer, message_id: str, cipher: bytes) -> str:
    return sealer.open(cipher, table="messages", column="phone", row=message_id)


def open_text(sealer: Sealer, message_id: str, cipher: bytes) -> str:
    return sealer.open(cipher, table="messages", column="text", row=message_id)

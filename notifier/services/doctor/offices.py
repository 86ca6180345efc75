"""Which offices are not live: their citizens get nothing."""

from collections.abc import Iterator

from notifier.services import going_live
from notifier.services.doctor.findings import Finding, ok, warn
from notifier.services.wiring import Wiring
from notifier.store.engine import StoreUnavailable

_NAMED = 5


def findings(wiring: Wiring) -> Iterator[Finding]:
    try:
        waiting = going_live.not_live(wiring=wiring)
    except StoreUnavailable:
        return
    if not waiting:
        yield ok("offices", "all are live")
        return
    more = f" and {len(waiting) - _NAMED} more" if len(waiting) > _NAMED else ""
    named = ", ".join(waiting[:_NAMED])
    said = f"not live: {named}{more}; only test numbers get their messages"
    yield warn("offices", said, f"once all is tried: baotin offices go-live {waiting[0]}")

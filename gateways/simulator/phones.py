"""What the page shows: the citizens' phones, one phone's messages both ways, one text's count."""

from gateways.simulator.ledger import Ledger
from gateways.simulator.rows import Reply, Row, rfc3339
from gateways.simulator.segments import counted
from notifier.domain import text

_LOOKED_AT = 2_000  # newest rows: a page is for eyes, and a long ledger must not cost its server
_PHONES = 100
_THREAD = 200


def phones(ledger: Ledger) -> dict[str, object]:
    """Phones by their last message, newest first, with how many of the newest are theirs."""
    last: dict[str, Row] = {}
    count: dict[str, int] = {}
    for row in ledger.newest(_LOOKED_AT):
        last.setdefault(row.order.to, row)
        count[row.order.to] = count.get(row.order.to, 0) + 1
    listed = [
        {
            "phone": phone,
            "sender": row.order.sender,
            "text": row.order.text,
            "at": rfc3339(row.received_at),
            "messages": count[phone],
        }
        for phone, row in list(last.items())[:_PHONES]
    ]
    return {"phones": listed, "more": len(last) > _PHONES}


def thread(ledger: Ledger, phone: str, now: float) -> dict[str, object]:
    """One phone's newest messages and replies, oldest first."""
    both: list[Row | Reply] = [
        *ledger.newest(_THREAD + 1, phone=phone),
        *ledger.replies(phone, _THREAD + 1),
    ]
    both.sort(key=lambda one: one.seq)
    shown = [_received(x, now) if isinstance(x, Row) else _written(x) for x in both[-_THREAD:]]
    return {"thread": shown, "more": len(both) > _THREAD}


def on_the_air(words: str) -> dict[str, object]:
    """How a text is packed into SMS, and how it would be without its accents."""
    found, toneless = counted(words), text.toneless(words)
    plain = counted(toneless)
    return {
        "encoding": found.encoding,
        "parts": [{"text": p.text, "units": p.units, "room": p.room} for p in found.parts],
        "forcing": list(found.forcing),
        "toneless": {
            "text": toneless,
            "encoding": plain.encoding,
            "segments": len(plain.parts),
        },
    }


def _received(row: Row, now: float) -> dict[str, object]:
    return {
        "id": row.id,
        "kind": "message",
        "gateway": row.gateway,
        "sender": row.order.sender,
        "text": row.order.text,
        "segments": row.segments,
        "encoding": counted(row.order.text).encoding,
        "status": row.status(now).value,
        "at": rfc3339(row.received_at),
    }


def _written(reply: Reply) -> dict[str, object]:
    return {
        "id": reply.id,
        "kind": "reply",
        "gateway": reply.gateway,
        "to": reply.to,
        "text": reply.text,
        "segments": reply.segments,
        "http_status": reply.http_status,
        "at": rfc3339(reply.written_at),
    }

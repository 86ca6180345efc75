"""Twilio's message resource and its list pages, as its published OpenAPI describes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import parse_qs, urlencode

from gateways.simulator.ledger import Search
from gateways.simulator.numbers import e164
from gateways.simulator.rows import Row, Status, seq_of_sid

API_VERSION = "2010-04-01"
STATUS = {
    Status.ACCEPTED: "queued",
    Status.SENT: "sent",
    Status.DELIVERED: "delivered",
    Status.UNDELIVERED: "undelivered",
}
_ERROR_MESSAGES = {"30003": "Unreachable destination handset", "30007": "Message filtered"}

_PAGE_SIZE = 50
_MOST_PAGE_SIZE = 1_000
_DAY = timedelta(days=1)
_DATE_LENGTH = len("2026-11-23")
_FILTERS = ("To", "From", "DateSent", "DateSent<", "DateSent>")
_AFTER, _BEFORE = "PA", "PB"  # a page token's first letters: the page after, before a message


@dataclass(frozen=True, slots=True)
class PageWanted:
    """A list request as read off its query."""

    wanted: Search
    page: int
    page_size: int
    filters: tuple[tuple[str, str], ...]


def resource(row: Row, messages: str, status: Status) -> dict[str, object]:
    """One message; `messages` is the path of the account's messages."""
    undelivered = status is Status.UNDELIVERED
    # A messaging service picks the sender later; until then Twilio shows neither.
    unassigned = bool(row.order.service) and status is Status.ACCEPTED
    changed_at = {Status.ACCEPTED: row.received_at, Status.SENT: row.fate.sent_at}
    uri = f"{messages}/{row.sid}"
    return {
        "account_sid": messages.split("/")[3],
        "api_version": API_VERSION,
        "body": row.order.text,
        "date_created": _rfc2822(row.received_at),
        "date_sent": None if status is Status.ACCEPTED else _rfc2822(row.fate.sent_at),
        "date_updated": _rfc2822(changed_at.get(status, row.fate.final_at)),
        "direction": "outbound-api",
        "error_code": int(row.fate.code) if undelivered else None,
        "error_message": _ERROR_MESSAGES[row.fate.code] if undelivered else None,
        "from": None if unassigned else row.order.sender or row.order.service,
        "messaging_service_sid": row.order.service or None,
        "num_media": "0",
        "num_segments": "0" if unassigned else str(row.segments),
        "price": None,
        "price_unit": "USD",
        "sid": row.sid,
        "status": "accepted" if unassigned else STATUS[status],
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": row.order.to,
        "uri": f"{uri}.json",
    }


def searched(query: str) -> PageWanted:
    """Read a list request. What cannot be read is ignored, as Twilio does."""
    fields = {name: values[-1] for name, values in parse_qs(query).items()}
    since, until = 0.0, datetime.max.replace(tzinfo=UTC).timestamp()
    for name in ("DateSent", "DateSent>"):
        if span := _span(fields.get(name, "")):
            since = max(since, span[0])
    for name in ("DateSent", "DateSent<"):
        if span := _span(fields.get(name, "")):
            until = min(until, span[1])
    token = fields.get("PageToken", "")
    at = seq_of_sid(f"SM{token[4:]}") if token[2:4] == "SM" else None
    bounds = {}
    if at is not None and token.startswith((_AFTER, _BEFORE)):
        bounds = {"before": at} if token.startswith(_AFTER) else {"after": at}
    size = _whole(fields.get("PageSize", ""), _PAGE_SIZE)
    return PageWanted(
        # The filter is on the sending day; a message not sent yet goes by its creation.
        wanted=Search(
            to=e164(fields.get("To", "")),
            sender=e164(fields.get("From", "")),
            since=since,
            until=until,
            **bounds,
        ),
        page=_whole(fields.get("Page", ""), 0),
        page_size=min(max(size, 1), _MOST_PAGE_SIZE),
        filters=tuple((name, fields[name]) for name in _FILTERS if name in fields),
    )


def listed(rows: Sequence[Row], search: PageWanted, messages: str, now: float) -> dict[str, object]:
    """One list page from one row more than it shows, newest first."""
    size, page = search.page_size, search.page
    backwards = search.wanted.after > 0
    more = len(rows) > size
    shown = rows[-size:] if backwards else rows[:size]

    def uri(page: int, token: str = "") -> str:
        pairs = [*search.filters, ("PageSize", str(size)), ("Page", str(page))]
        return f"{messages}.json?{urlencode([*pairs, *([('PageToken', token)] if token else [])])}"

    following = uri(page + 1, f"{_AFTER}{shown[-1].sid}") if shown else None
    preceding = uri(page - 1, f"{_BEFORE}{shown[0].sid}") if shown and page > 0 else None
    return {
        "end": page * size + max(len(shown) - 1, 0),
        "first_page_uri": uri(0),
        "messages": [resource(row, messages, row.status(now)) for row in shown],
        "next_page_uri": following if more or backwards else None,
        "page": page,
        "page_size": size,
        "previous_page_uri": preceding,
        "start": page * size,
        "uri": uri(page),
    }


def _span(text: str) -> tuple[float, float] | None:
    """Start and end (exclusive) of a filter's day, or of its second if it names a time."""
    if not text:
        return None
    try:
        if len(text) == _DATE_LENGTH:
            day = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
            return day.timestamp(), (day + _DAY).timestamp()
        at = _instant(text)
    except ValueError:
        return None
    return at.timestamp(), at.timestamp() + 1


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = parsedate_to_datetime(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _whole(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and text.isascii() else default


def _rfc2822(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(at), UTC))

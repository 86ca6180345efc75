"""Twilio's message resource and its list pages, as its published OpenAPI describes them."""

import math
import re
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
_AMERICAN = re.compile(r"(\d{2})/(\d{2})/(\d{4}) (.+)")  # 06/11/2019 22:05:25 MST
_AFTER, _BEFORE = "PA", "PB"  # a page token's first letters: the page after, before a message


@dataclass(frozen=True, slots=True)
class PageWanted:
    """A list request as read off its query."""

    wanted: Search
    page: int
    page_size: int
    token: str
    filters: tuple[tuple[str, str], ...]


def resource(row: Row, messages: str, status: Status) -> dict[str, object]:
    """One message; `messages` is the path of the account's messages."""
    undelivered = status is Status.UNDELIVERED
    # A messaging service picks the sender later; until then Twilio shows neither.
    unassigned = bool(row.order.service) and status is Status.ACCEPTED
    changed_at = {Status.ACCEPTED: row.received_at, Status.SENT: row.fate.sent_at}
    uri = f"{messages}/{row.sid}"
    parts = ["media"] if status is Status.ACCEPTED else ["media", "feedback"]
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
        "from": None if unassigned else row.order.sender,
        "messaging_service_sid": row.order.service or None,
        "num_media": "0",
        "num_segments": "0" if unassigned else str(row.segments),
        "price": None,
        "price_unit": "USD",
        "sid": row.sid,
        "status": "accepted" if unassigned else STATUS[status],
        "subresource_uris": {part: f"{uri}/{part.title()}.json" for part in parts},
        "to": row.order.to,
        "uri": f"{uri}.json",
    }


def searched(query: str, now: float) -> PageWanted:
    """Read a list request. What cannot be read is ignored, as Twilio does.

    The dates are those of sending: a message that is not sent by `now` has none, and is in no
    list that asks for one.
    """
    fields = {name: values[-1] for name, values in parse_qs(query).items()}
    since, until = 0.0, math.inf
    # An exact date names its whole day, even where a client writes it as midnight.
    exact = fields.get("DateSent", "")[:_DATE_LENGTH]
    for text in (exact, fields.get("DateSent>", "")):
        if span := _span(text):
            since, until = max(since, span[0]), min(until, now)
    for text in (exact, fields.get("DateSent<", "")):
        if span := _span(text):
            until = min(until, span[1], now)
    token = fields.get("PageToken", "")
    at = seq_of_sid(f"SM{token[4:]}") if token[2:4] == "SM" else None
    bounds = {}
    if at is not None and token.startswith((_AFTER, _BEFORE)):
        bounds = {"before": at} if token.startswith(_AFTER) else {"after": at}
    size = _whole(fields.get("PageSize", ""), _PAGE_SIZE)
    return PageWanted(
        wanted=Search(
            to=e164(fields.get("To", "")),
            sender=e164(fields.get("From", "")),
            since=since,
            until=until,
            **bounds,
        ),
        page=_whole(fields.get("Page", ""), 0),
        page_size=min(max(size, 1), _MOST_PAGE_SIZE),
        token=token if bounds else "",
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
        "uri": uri(page, search.token),
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
    except (ValueError, OverflowError):
        return None
    return at.timestamp(), at.timestamp() + 1


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = parsedate_to_datetime(_AMERICAN.sub(_rfc2822_day, text))
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _rfc2822_day(american: re.Match[str]) -> str:
    month, day, year, rest = american.groups()
    return f"{date(int(year), int(month), int(day)):%d %b %Y} {rest}"


def _whole(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and text.isascii() else default


def _rfc2822(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(int(at), UTC))

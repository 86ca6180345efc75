"""The values of the ledger: what a provider took, and what a citizen wrote back."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

_SCRAMBLE = 0x9E3779B97F4A7C15  # odd: a sid's second half looks random and can be checked
_MASK = (1 << 64) - 1
_MOST_SEQ = (1 << 63) - 1  # what SQLite can hold
_SID_LENGTH = 34


class Status(StrEnum):
    """What the provider knows of a message. `DELIVERED` and `UNDELIVERED` are final."""

    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class Order:
    """A send that a dialect has read and found good."""

    to: str = field(repr=False)  # E.164
    sender: str
    text: str = field(repr=False)
    reference: str  # the caller's, "" if none can be read off the request
    callback_url: str = field(repr=False)  # "" for no receipts
    service: str = ""  # what else the provider keeps: Twilio's service sid, eSMS' campaign


@dataclass(frozen=True, slots=True)
class Fate:
    """What will become of a message, settled when it is taken: so nothing is updated later.

    `sent_at` and `final_at` are Unix seconds; `final` is None for one that stays sent.
    """

    sent_at: float
    final_at: float
    final: Status | None
    code: str = ""  # the dialect's error code of an undelivered one


@dataclass(frozen=True, slots=True)
class Row:
    """A message that a provider took. `seq` rises with every row, across restarts too."""

    seq: int
    gateway: str
    order: Order
    segments: int
    received_at: float  # Unix seconds
    fate: Fate

    @property
    def id(self) -> str:
        """The ledger's id; ids sort as the rows came."""
        return f"sms_{self.seq:016x}"

    @property
    def sid(self) -> str:
        """The same id as Twilio writes it."""
        return sid("SM", self.seq)

    def status(self, at: float) -> Status:
        """What the provider knows at this instant (Unix seconds)."""
        if self.fate.final is not None and at >= self.fate.final_at:
            return self.fate.final
        return Status.SENT if at >= self.fate.sent_at else Status.ACCEPTED

    def as_json(self) -> dict[str, object]:
        """The ledger's row as `GET /sim/messages` shows it."""
        return {
            "id": self.id,
            "gateway": self.gateway,
            "to": self.order.to,
            "from": self.order.sender,
            "text": self.order.text,
            "reference": self.order.reference,
            "segments": self.segments,
            "received_at": rfc3339(self.received_at),
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMS that a citizen wrote, and how its delivery went."""

    seq: int
    gateway: str
    phone: str = field(repr=False)
    to: str
    text: str = field(repr=False)
    written_at: float  # Unix seconds
    segments: int
    http_status: int  # of the receiver's answer; 0 when there was none

    @property
    def id(self) -> str:
        return f"rep_{self.seq:016x}"

    def answered(self, http_status: int) -> Self:
        """The same reply, with what its receiver answered."""
        return replace(self, http_status=http_status)


def seq_of_id(text: str) -> int | None:
    """The sequence number in a ledger id, None if it is not one."""
    prefix, _, digits = text.partition("_")
    if prefix != "sms" or len(digits) != _SID_LENGTH // 2 - 1:
        return None
    return _seq(digits)


def sid(prefix: str, seq: int) -> str:
    """A Twilio sid (two letters, 32 hex digits) that carries the sequence number."""
    return f"{prefix}{seq:016x}{(seq * _SCRAMBLE) & _MASK:016x}"


def seq_of_sid(text: str) -> int | None:
    """The sequence number in a sid of ours, None if it is not one."""
    if len(text) != _SID_LENGTH:
        return None
    seq = _seq(text[2:18])
    return seq if seq is not None and sid(text[:2], seq) == text else None


def _seq(digits: str) -> int | None:
    try:
        seq = int(digits, 16)
    except ValueError:
        return None
    return seq if 0 <= seq <= _MOST_SEQ else None


def rfc3339(at: float) -> str:
    """Unix seconds as RFC 3339 in UTC with microseconds."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")

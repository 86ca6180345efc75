"""The states of a message, the outcomes of an attempt, and the only table of moves.

queued ─▶ sending ─▶ sent ─▶ delivered | undelivered
  │ ▲ ▲      ├─▶ failed
  │ │ └──────┴─▶ unknown ─▶ sent | queued | failed
  │ └── held ◀── (from queued or sending; a person is needed)
  └──▶ suppressed | cancelled | expired   (from held too)

A provider that proves it has the message beats what we believed: `queued` (an attempt that was
taken for absent) and `held` go to sent or delivered as well, so that it is not sent again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType


class State(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    UNKNOWN = "unknown"
    FAILED = "failed"
    EXPIRED = "expired"  # never handed over in time
    SUPPRESSED = "suppressed"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """How an attempt ended; an attempt without one is open."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a message stands where it stands: a machine's word, said to people by the pages."""

    NO_TEMPLATE = "no_template"
    TEMPLATE_UNFIT = "template_unfit"
    PHONE = "phone"
    MISSING_VALUE = "missing_value"
    NOT_LIVE = "not_live"
    PHONE_CAP = "phone_cap"
    SOURCE_CAP = "source_cap"
    BUDGET = "budget"
    CONTENT_REFUSED = "content_refused"
    NOT_REGISTERED = "not_registered"
    TOO_LONG = "too_long"
    CHARACTERS = "characters"
    CHANNEL_REFUSED = "channel_refused"
    NUMBER_REFUSED = "number_refused"
    SUPERSEDED = "superseded"
    OPTED_OUT = "opted_out"
    OUT_OF_TIME = "out_of_time"
    BY_PERSON = "by_person"
    NO_GATEWAY = "no_gateway"  # queued: every gateway of its way is paused, failing or waiting


@dataclass(frozen=True, slots=True)
class Move:
    """From any of these states to that one; nothing else changes a state."""

    allowed_from: frozenset[State]
    to: State


def _move(to: State, *allowed_from: State) -> Move:
    return Move(frozenset(allowed_from), to)


_S = State
CLAIM = _move(_S.SENDING, _S.QUEUED)
REQUEUE = _move(_S.QUEUED, _S.SENDING, _S.UNKNOWN)
HOLD = _move(_S.HELD, _S.QUEUED, _S.SENDING)
RELEASE = _move(_S.QUEUED, _S.HELD)
ACCEPT = _move(_S.SENT, _S.SENDING, _S.UNKNOWN, _S.QUEUED, _S.HELD)
LOSE_SIGHT = _move(_S.UNKNOWN, _S.SENDING)
FAIL = _move(_S.FAILED, _S.SENDING, _S.UNKNOWN)
DELIVER = _move(
    _S.DELIVERED,
    *(_S.SENDING, _S.SENT, _S.UNKNOWN, _S.QUEUED, _S.HELD),
    *(_S.UNDELIVERED, _S.FAILED, _S.EXPIRED),
)
UNDELIVER = _move(_S.UNDELIVERED, _S.SENDING, _S.SENT, _S.UNKNOWN)
SUPPRESS = _move(_S.SUPPRESSED, _S.QUEUED, _S.HELD)
CANCEL = _move(_S.CANCELLED, _S.QUEUED, _S.HELD)
EXPIRE = _move(_S.EXPIRED, _S.QUEUED, _S.HELD)

MOVES: Mapping[str, Move] = MappingProxyType(
    {
        "claim": CLAIM,
        "requeue": REQUEUE,
        "hold": HOLD,
        "release": RELEASE,
        "accept": ACCEPT,
        "lose_sight": LOSE_SIGHT,
        "fail": FAIL,
        "deliver": DELIVER,
        "undeliver": UNDELIVER,
        "suppress": SUPPRESS,
        "cancel": CANCEL,
        "expire": EXPIRE,
    }
)


class Release(StrEnum):
    """How a person lets a held message go."""

    AS_IT_IS = "as_it_is"
    COMPOSED_AGAIN = "composed_again"  # the words that hold by then are filled in


# By what holds a message. A phone that is wrong must be corrected first: it is not among them.
RELEASES: Mapping[Reason, Release] = MappingProxyType(
    {
        Reason.NOT_LIVE: Release.AS_IT_IS,
        Reason.PHONE_CAP: Release.AS_IT_IS,
        Reason.SOURCE_CAP: Release.AS_IT_IS,
        Reason.BUDGET: Release.AS_IT_IS,
        Reason.CONTENT_REFUSED: Release.AS_IT_IS,
        Reason.NOT_REGISTERED: Release.AS_IT_IS,
        Reason.TOO_LONG: Release.AS_IT_IS,
        Reason.CHARACTERS: Release.AS_IT_IS,
        Reason.NO_TEMPLATE: Release.COMPOSED_AGAIN,
        Reason.TEMPLATE_UNFIT: Release.COMPOSED_AGAIN,
        Reason.MISSING_VALUE: Release.COMPOSED_AGAIN,
    }
)
HOLDS = frozenset({*RELEASES, Reason.PHONE})  # every reason for which a message is held

# An earlier message of a case in one of these goes first; `unknown` only for a while.
BLOCKS_ITS_CASE = frozenset({State.QUEUED, State.SENDING})

# Besides an open attempt: an outcome once written may be corrected by one who knows better. The
# answer that a frozen worker finally read beats "unknown", and beats "absent" (a `deferred`).
MAY_CLOSE: Mapping[Outcome, frozenset[Outcome]] = MappingProxyType(
    {
        Outcome.ACCEPTED: frozenset({Outcome.UNKNOWN, Outcome.DEFERRED}),
        Outcome.REJECTED: frozenset({Outcome.UNKNOWN}),
        Outcome.DEFERRED: frozenset({Outcome.UNKNOWN}),
        Outcome.UNKNOWN: frozenset(),
    }
)

# A person is asked to look at these until somebody acts, or says that the citizen was told.
NEEDS_A_PERSON = frozenset({State.HELD, State.UNKNOWN})
# And at these, once they came to their end without reaching the citizen, until somebody sends again
# or says that the citizen was told; for so long.
UNREACHED = frozenset({State.FAILED, State.UNDELIVERED, State.EXPIRED})
UNREACHED_FOR = timedelta(days=30)
# These never went out, and never will.
WITHDRAWN = frozenset({State.CANCELLED, State.SUPPRESSED})
# Of these a person may say that the citizen was told some other way; none of them is on its way.
TELLABLE = frozenset({State.HELD, State.UNKNOWN, State.FAILED, State.UNDELIVERED, State.EXPIRED})

"""Which later events make an earlier message pointless: one table.

What is moot and unsent is suppressed as superseded; all else is sent.
"""

from collections.abc import Mapping
from types import MappingProxyType

from notifier.domain.events import EventType

_T = EventType

# Overtaken by any later event that itself sends: the citizen has newer news.
_BY_ANY_NEWS = frozenset({_T.SUBMITTED, _T.RECEIVED})

# The case is over: asking the citizen to act on it would mislead.
_CLOSING = frozenset({_T.WITHDRAWN, _T.STOPPED, _T.REFUSED, _T.RETURNED})

_BY_THESE: Mapping[EventType, frozenset[EventType]] = MappingProxyType(
    {
        _T.SUPPLEMENT_REQUIRED: _CLOSING | {_T.RESUMED},
        _T.FEE_DUE: _CLOSING | {_T.PAYMENT_CONFIRMED},
        _T.PAUSED: _CLOSING | {_T.RESUMED},
        _T.OVERDUE: frozenset({_T.EXTENDED, _T.RESULT_READY, _T.RESULT_POSTED, _T.RETURNED}),
        _T.RESULT_READY: frozenset({_T.RETURNED}),
        _T.RESULT_POSTED: frozenset({_T.RETURNED}),
    }
)


def is_moot(earlier: EventType, later: EventType, later_sends: bool) -> bool:
    """Whether `later` makes the message of `earlier` pointless.

    `later_sends`: whether the later event's situation sends a message.
    """
    if earlier in _BY_ANY_NEWS and later_sends:
        return True
    return later in _BY_THESE.get(earlier, frozenset())


def moot_types(later: EventType, later_sends: bool) -> frozenset[EventType]:
    """The types whose earlier messages `later` makes pointless."""
    return frozenset(earlier for earlier in EventType if is_moot(earlier, later, later_sends))

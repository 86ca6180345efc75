"""The one table of what makes an earlier message pointless."""

import pytest

from notifier.domain.events import EventType as T
from notifier.domain.mootness import is_moot, moot_types

NEVER_MOOT = [
    T.REFUSED, T.IN_PROGRESS, T.PAYMENT_CONFIRMED, T.RESUMED, T.EXTENDED, T.WITHDRAWN, T.STOPPED,
    T.RETURNED,
]  # fmt: skip
TABLE = {
    T.SUPPLEMENT_REQUIRED: {T.RESUMED, T.WITHDRAWN, T.STOPPED, T.REFUSED, T.RETURNED},
    T.FEE_DUE: {T.PAYMENT_CONFIRMED, T.WITHDRAWN, T.STOPPED, T.REFUSED, T.RETURNED},
    T.PAUSED: {T.RESUMED, T.WITHDRAWN, T.STOPPED, T.REFUSED, T.RETURNED},
    T.OVERDUE: {T.EXTENDED, T.RESULT_READY, T.RESULT_POSTED, T.RETURNED},
    T.RESULT_READY: {T.RETURNED},
    T.RESULT_POSTED: {T.RETURNED},
}


@pytest.mark.parametrize("earlier", T)
@pytest.mark.parametrize("later", T)
@pytest.mark.parametrize("sends", [True, False])
def test_an_earlier_message_is_moot_by_the_table_only(earlier: T, later: T, sends: bool) -> None:
    if earlier in {T.SUBMITTED, T.RECEIVED}:
        expected = sends
    elif earlier in NEVER_MOOT:
        expected = False
    else:
        expected = later in TABLE[earlier]
    assert is_moot(earlier, later, sends) == expected
    assert (earlier in moot_types(later, sends)) == expected

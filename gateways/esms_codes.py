"""eSMS' codes, one by one. Source: developers.esms.vn/esms-api/bang-ma-loi, read 2026-11.

A code that is not here tells nothing certain: the outcome is unknown, and the same RequestId again
is never a second SMS.
"""

from collections.abc import Mapping
from types import MappingProxyType

from gateways.base import Fault, Report
from notifier.domain.operators import Operator

# What a send may be answered with, and whose fault it is; none: it is with eSMS.
CODES: dict[str, Fault | None] = {
    "100": None,  # taken, not delivered
    "124": None,  # our RequestId came before, within 24 hours
    "99": Fault.NUMBER,  # the number is blocked there
    "108": Fault.NUMBER,  # the number's form is wrong
    "104": Fault.CONTENT,  # no such brandname: the office's, so another gateway may have it
    "146": Fault.CONTENT,  # the words are no registered template
    "201": Fault.CONTENT,  # a forbidden word
    "177": Fault.CHANNEL,  # the brandname is not registered with this phone's network
    "101": Fault.ACCOUNT,  # ApiKey or SecretKey is wrong
    "102": Fault.ACCOUNT,  # no price list
    "103": Fault.ACCOUNT,  # no balance
    "118": Fault.ACCOUNT,  # the message type is not open to us
    "140": Fault.ACCOUNT,  # our IP address is not on their list
    "143": Fault.ACCOUNT,  # the account is not active, or locked
    "300": Fault.ACCOUNT,  # no message type
}

# "Not now": surely not sent. Documented for another call only, and safe to heed here.
DEFERS = frozenset({"160"})  # too many requests a second

# SendStatus. 5 is "finished", which may be a failure: see `report`.
_UNDER_WAY = frozenset({"0", "1", "2", "7"})  # draft, to be approved, to be sent, report awaited
_REFUSED = "4"
_FINISHED = "5"


def report(status: str, succeeded: str, failed: str) -> Report | None:
    """What a SendStatus with its counts says of one message; none for a status of no table."""
    if status == _FINISHED:
        if failed not in {"", "0"}:
            return Report.UNDELIVERED
        return Report.DELIVERED if succeeded not in {"", "0"} else Report.SENT
    if status == _REFUSED:
        return Report.UNDELIVERED
    return Report.SENT if status in _UNDER_WAY else None


TELCOS: Mapping[str, Operator] = MappingProxyType(  # `telcoid` of a callback
    {
        "1": Operator.VIETTEL,
        "2": Operator.MOBIFONE,
        "3": Operator.VINAPHONE,
        "4": Operator.VIETNAMOBILE,
        "5": Operator.GMOBILE,
        "6": Operator.ITEL,
        "7": Operator.REDDI,
    }
)

"""The kinds of alert, each told in docs/alerts.md with what raises and what closes it."""

from enum import StrEnum


class AlertKind(StrEnum):
    """What is amiss; in a comment: what the alert is about."""

    GATEWAY_PAUSED = "gateway_paused"  # a gateway
    GATEWAY_FAILING = "gateway_failing"  # a gateway
    NOT_LIVE = "not_live"  # an office
    PHONE_CAP = "phone_cap"  # an office
    BUDGET = "budget"  # an office
    SOURCE_CAP = "source_cap"  # a source
    CALLBACK_GIVEN_UP = "callback_given_up"  # a source


ABOUT_GATEWAYS = frozenset({AlertKind.GATEWAY_PAUSED, AlertKind.GATEWAY_FAILING})
# What they tell of is a message, of one source of the office.
ABOUT_HELD = frozenset({AlertKind.NOT_LIVE, AlertKind.PHONE_CAP, AlertKind.BUDGET})
ABOUT_SOURCES = frozenset({AlertKind.SOURCE_CAP, AlertKind.CALLBACK_GIVEN_UP})

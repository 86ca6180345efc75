"""A message's states, the reasons it stands where it stands, and an attempt's outcomes."""

from collections.abc import Mapping
from types import MappingProxyType

from notifier.domain.states import MOVES, Outcome, Reason, State
from notifier.reference.markdown import code, join, table

_STATES: Mapping[State, str] = MappingProxyType(
    {
        State.QUEUED: "Waits for its time, its turn or a gateway.",
        State.HELD: "A person is needed; `reason` says for what.",
        State.SENDING: "A worker has it.",
        State.SENT: "A gateway took it.",
        State.DELIVERED: "It reached the phone.",
        State.UNDELIVERED: "The provider or the network gave up.",
        State.UNKNOWN: "It may have left, and nobody can say yet; it is being found out.",
        State.FAILED: "It cannot reach this number.",
        State.EXPIRED: "It was never handed over while it made sense.",
        State.SUPPRESSED: "It need not be sent.",
        State.CANCELLED: "A person stopped it.",
    }
)

_REASONS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.NO_TEMPLATE: "Its situation sends, but nobody wrote the words.",
        Reason.TEMPLATE_UNFIT: "Its words must not be sent: `baotin templates check` says why.",
        Reason.PHONE: "The phone is no Vietnamese mobile number.",
        Reason.MISSING_VALUE: "The words need a value that is missing or too long.",
        Reason.NOT_LIVE: "The office is not live, and the phone is none of its test numbers.",
        Reason.PHONE_CAP: "The phone got as many messages this hour as it may.",
        Reason.SOURCE_CAP: "Its source made as many messages this day as it may.",
        Reason.NO_GATEWAY: "Queued: every gateway of its way is paused, failing or asked to be "
        "let be. It is looked at again when one opens, and once a minute.",
        Reason.BUDGET: "Its office has spent what it may, this day or this month.",
        Reason.CONTENT_REFUSED: "Every gateway refused the words.",
        Reason.NOT_REGISTERED: "No gateway's provider has approved these words or earlier ones: "
        "`baotin gateways templates list`.",
        Reason.TOO_LONG: "The words, or a value in them, are longer than any gateway takes.",
        Reason.CHARACTERS: "The words hold characters that no gateway takes.",
        Reason.CHANNEL_REFUSED: "No channel in use reaches this phone.",
        Reason.NUMBER_REFUSED: "The gateway says that the number takes no SMS.",
        Reason.SUPERSEDED: "A later event of the case made it moot.",
        Reason.OPTED_OUT: "The citizen does not want it.",
        Reason.OUT_OF_TIME: "Its time was over.",
        Reason.BY_PERSON: "A person resent it, let it go or cancelled it.",
    }
)

_OUTCOMES: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.ACCEPTED: "The gateway took it.",
        Outcome.REJECTED: "The gateway refused it and did not send it.",
        Outcome.DEFERRED: "Surely not sent: it is tried again, later or elsewhere.",
        Outcome.UNKNOWN: "The request may have left, and no readable answer came.",
    }
)


def page() -> str:
    """States with where they may go, reasons, outcomes."""
    states = [[code(one), _STATES[one], _goes_to(one)] for one in State]
    reasons = [[code(one), _REASONS[one]] for one in Reason]
    outcomes = [[code(one), _OUTCOMES[one]] for one in Outcome]
    return join(
        "`GET /v1/messages` and `/v1/messages/{id}` show messages with attempts and receipts.",
        "## States",
        table(("state", "meaning", "may go to"), states),
        "## Reasons",
        table(("reason", "meaning"), reasons),
        "## Outcomes of an attempt",
        table(("outcome", "meaning"), outcomes),
        "An attempt without an outcome is open: the call is under way.",
    )


def _goes_to(state: State) -> str:
    ways = [move.to for move in MOVES.values() if state in move.allowed_from]
    return ", ".join(code(one) for one in State if one in ways)

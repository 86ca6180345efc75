"""What an installation that reaches citizens holds back. The demo holds back nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Restraint:
    """Which of the rules between a message and a citizen's phone are kept."""

    quiet_hours: bool
    phone_cap: int | None  # messages to a phone in an hour
    source_cap: int | None = None  # messages of a source in a day, 0 for no cap; its own goes first
    only_live: bool = False  # before an office is live, only its test numbers get messages


UNRESTRAINED = Restraint(quiet_hours=False, phone_cap=None)

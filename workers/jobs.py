"""RQ's job functions: each calls one service, and twice is harmless."""

from notifier.services import receipts
from workers.context import current

SLICE_S = 20.0


def send_due() -> None:
    """Send what is due. Twice is harmless: a claim gives each message to one job only."""
    context = current.get()
    context.sender.run(slice_s=SLICE_S, stopping=context.stopping.is_set)


def mark_unreported() -> None:
    """Mark what no receipt came for. Twice is harmless: what is marked is not looked at again."""
    receipts.mark_unreported(sessions=current.get().sweeper.sessions)


def work_nightly() -> None:
    """Do a slice of the night's work. Twice is harmless: what is purged is not found again."""
    current.get().nightly.run()


def reseal() -> None:
    """Reseal a slice of rows under the newest key. Twice is harmless: what is, is passed over."""
    current.get().resealer.run()


def sweep() -> None:
    """Find what a death or an outage left lying. Every step of it is idempotent."""
    current.get().sweeper.sweep()

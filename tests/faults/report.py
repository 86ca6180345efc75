"""A drill's figures as a table for people."""

from collections.abc import Iterator

from tests.faults.drill import Outcome


def table(outcome: Outcome) -> str:
    """The table, with the verdict in its last line."""
    return "\n".join(_lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    verdict = outcome.verdict
    yield f"seed {outcome.seed}, {outcome.gateway}, {outcome.database}: {outcome.took_s:.0f} s"
    yield ""
    yield f"{'after':<44} {'times':>5} {'moving again within':>20}"
    for kind, moving in sorted(verdict.moving.items()):
        yield f"{kind:<44} {moving.times or '':>5} {_seconds(moving.waited_s):>20}"
    yield ""
    settled = "no" if outcome.settled_after_s is None else f"{outcome.settled_after_s:.1f} s"
    for name, value in (
        ("events answered 202", verdict.promised),
        ("SMS for them in the ledger", verdict.sent),
        ("settled without an SMS, with a reason", verdict.settled_unsent),
        ("lost", len(verdict.lost)),
        ("doubled, and flagged", verdict.doubled - len(verdict.silently_doubled)),
        ("doubled silently", len(verdict.silently_doubled)),
        ("flagged as a possible double", verdict.flagged),
        ("case order broken", len(verdict.out_of_order)),
        ("overtaken after its time in doubt, by the rule", verdict.overtaken_after_doubt),
        ("all settled after the end", settled),
        ("moving again, slowest", f"{verdict.slowest_s:.1f} s"),
        ("from 202 to the ledger, longest", f"{verdict.longest_wait_s:.1f} s"),
        ("202 within, 99 of 100", _seconds(outcome.intake_p99_s)),
        ("the same while Valkey was away", _seconds(outcome.intake_p99_while_valkey_away_s)),
        ("answers", outcome.answers),
        ("states", outcome.states),
        ("processes left after Ctrl-C", len(outcome.left_behind)),
        ("orders not obeyed", outcome.missed or 0),
    ):
        yield f"{name:<44} {value}"
    yield ""
    yield f"FAILED: {'; '.join(outcome.failures)}" if outcome.failures else "PASSED"


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} s"

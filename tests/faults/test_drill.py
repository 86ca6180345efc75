"""The fault drill, small: real processes, each named point once, and the ledger as the judge."""

from pathlib import Path

from tests.faults import drill, plan, report
from tests.faults.probe import POINTS


def test_nothing_is_lost_or_doubled_in_silence_whatever_dies(tmp_path: Path) -> None:
    """On the gateway that has it harder: it knows no reference of ours, and is asked by words."""
    outcome = drill.run(
        plan.small(seed=1, events=200),
        seed=1,
        gateway="twilio",
        database="sqlite",
        folder=tmp_path,
        timed=False,  # the machine may be busy: how long it takes is for `make faults`
    )
    assert not outcome.failures, report.table(outcome)
    killed = [kind for kind in outcome.verdict.moving if "kill at" in kind]
    assert len(killed) + len(outcome.missed) == len(POINTS)
    assert len(killed) > len(POINTS) / 2  # a machine that is too busy may be past its traffic

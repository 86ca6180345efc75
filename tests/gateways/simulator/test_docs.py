"""docs/simulator.md against the code: every name, and which faults the ledger holds."""

import re
from pathlib import Path

import pytest

from gateways.simulator.behaviour import TAKING, FaultKind, Receipts
from gateways.simulator.numbers import MAGIC

_PAGE = Path(__file__).parents[3].joinpath("docs/simulator.md").read_text(encoding="utf-8")
_ROWS = {
    row[0].strip("` "): [cell.strip() for cell in row[1:]]
    for row in (line.strip("|").split("|") for line in _PAGE.splitlines() if line.startswith("|"))
}


@pytest.mark.parametrize("name", [*Receipts, *MAGIC])
def test_it_is_documented(name: str) -> None:
    assert _ROWS[name][0]


@pytest.mark.parametrize("kind", FaultKind)
def test_a_fault_says_whether_the_ledger_holds_it(kind: FaultKind) -> None:
    assert _ROWS[kind][-1] == ("yes" if kind in TAKING else "no")


def test_nothing_is_documented_that_is_not_there() -> None:
    rows = {name for name in _ROWS if re.fullmatch(r"[a-z_0-9]+|\+\d+", name)}
    headings = {"call", "fault", "receipts", "number"}
    assert rows - headings == {*FaultKind, *Receipts, *MAGIC}

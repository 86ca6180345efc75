"""What a provider's statuses say of a message: words, numbers, ranges of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateways.base import Report
from gateways.described.reading import Table

_REPORTS = {report.value: report for report in Report}
_MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Statuses:
    """The table of a description."""

    words: Mapping[str, Report]
    ranges: tuple[tuple[int, int, Report], ...]

    def report(self, status: str) -> Report | None:
        """What a status says; none for one of no table."""
        if status in self.words:
            return self.words[status]
        if status.isdecimal() and len(status) < _MOST_DIGITS:
            for first, last, report in self.ranges:
                if first <= int(status) <= last:
                    return report
        return None


def read_statuses(table: Table) -> Statuses:
    """`statuses` of a table. Raises `GatewayConfigError`."""
    words: dict[str, Report] = {}
    ranges = []
    told = table.table("statuses").free()
    for status, value in told.items():
        if value not in _REPORTS:
            table.fail(f"statuses.{status}", f"takes {', '.join(_REPORTS)}")
        first, dash, last = status.partition("-")
        if dash and first.isdecimal() and last.isdecimal():
            ranges.append((int(first), int(last), _REPORTS[value]))
        else:
            words[status] = _REPORTS[value]
    if not told:
        table.fail("statuses", "is missing: what each status means")
    return Statuses(words, tuple(ranges))

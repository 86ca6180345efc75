"""The figures for Prometheus."""

from notifier.reference.markdown import code, join, table
from notifier.services.metrics import NAMES

_INTRODUCTION = """\
`GET /metrics` answers in Prometheus' text format. The figures are read from the database at each
scrape, so any one API process tells them for all. What ends in `_total` and the histograms only
grow: workers add to them as they write down how a call ended. A scrape reads no whole table."""


def page() -> str:
    """Every metric."""
    return join(
        _INTRODUCTION, table(("metric", "what it is"), [[code(k), v] for k, v in NAMES.items()])
    )

"""Figures for Prometheus, read from the database at each scrape.

The database is what all processes share, so no process needs to know another's counters. What is
open is counted by small indexes; what only grows is added up by workers as they record it.
"""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from notifier import pacing
from notifier.domain.breaker import HEALTHY
from notifier.services import budgets, figures, health
from notifier.services.figures import Histogram
from notifier.services.wiring import Wiring
from notifier.store import balances, breakers, counting
from notifier.store import figures as store_figures
from notifier.store.figures import Place

NAMES = {
    "baotin_messages": "Messages that are not at their end, by state: queued, sending, unknown or"
    " held.",
    "baotin_calls_open": "Calls to gateways that are under way, by gateway.",
    "baotin_calls_total": "Calls that hand an SMS over, by gateway and outcome: accepted, rejected,"
    " deferred or unknown.",
    "baotin_call_seconds": "Histogram: how long such a call took, by gateway.",
    "baotin_handover_seconds": "Histogram: from an event's arrival, or the opening that its message"
    " waited for, until the gateway named took the message at the first asking.",
    "baotin_oldest_due_seconds": "How long the oldest due message has waited.",
    "baotin_alerts_open": "Alerts that nobody has closed.",
    "baotin_gateway_paused": "Whether a gateway is paused (1) or in use (0).",
    "baotin_gateway_segments_total": "SMS segments that a gateway took, by gateway.",
    "baotin_gateway_balance": "What is left on a gateway's account, as its provider last told.",
    "baotin_gateway_failing": "Whether a gateway's breaker is open (1) or closed (0).",
    "baotin_gateway_waits_seconds": "How long a gateway asked to be let be, from now.",
    "baotin_failovers_total": "Attempts that came to nothing at this gateway, and whose messages"
    " another gateway took.",
    "baotin_budget_left": "What is left of an office's budget, by office and limit.",
    "baotin_up": "Whether a part answers (1) or not (0), by part.",
    "baotin_workers": "Live workers by queue.",
}


class _Collector(Collector):
    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring

    def collect(self) -> Iterable[Metric]:
        ready = health.readiness(wiring=self._wiring)
        up = _gauge("baotin_up", "part")
        up.add_metric(["database"], ready.database)
        up.add_metric(["redis"], ready.redis)
        workers = _gauge("baotin_workers", "queue")
        for name, count in ready.workers.items():
            workers.add_metric([name], count)
        yield up
        yield workers
        if ready.redis:
            waits = _gauge("baotin_gateway_waits_seconds", "gateway")
            for name, waits_s in self._waits().items():
                waits.add_metric([name], waits_s)
            yield waits
        if ready.database:
            yield from self._from_database()

    def _waits(self) -> dict[str, float]:
        return pacing.waits(self._wiring.redis, self._wiring.accounts.route)

    def _from_database(self) -> Iterable[Metric]:
        wiring = self._wiring
        with wiring.sessions.read() as session:
            now = wiring.sessions.now(session)
            by_state = counting.open_messages(session)
            calls = counting.open_attempts(session)
            oldest = counting.oldest_due(session, now)
            alerts = counting.open_alerts(session)
            usable = wiring.accounts.usable(session, now=now)
            balance_of = balances.told(session)
            counted = store_figures.all_of(session)
            failing = breakers.breakers(session)
            known = wiring.catalogue.current(session)
            lefts = budgets.lefts(session, known, known.budgets, at=now)
        messages = _gauge("baotin_messages", "state")
        for state, count in by_state.items():
            messages.add_metric([state], count)
        calls_open = _gauge("baotin_calls_open", "gateway")
        for name in sorted({*wiring.accounts.route, *calls}):
            calls_open.add_metric([name], calls.get(name, 0))
        waited = (now - oldest).total_seconds() if oldest else 0.0
        oldest_due = _gauge("baotin_oldest_due_seconds")
        oldest_due.add_metric([], max(0.0, waited))
        open_alerts = _gauge("baotin_alerts_open")
        open_alerts.add_metric([], alerts)
        paused = _gauge("baotin_gateway_paused", "gateway")
        for name in wiring.accounts.route:
            paused.add_metric([name], name not in usable)
        balance = _gauge("baotin_gateway_balance", "gateway", "currency")
        for name, one in balance_of.items():
            if wiring.accounts.get(name) is not None:
                balance.add_metric([name, one.currency], float(one.amount))
        open_breakers = _gauge("baotin_gateway_failing", "gateway")
        for name in wiring.accounts.route:
            open_breakers.add_metric([name], failing.get(name, HEALTHY).is_open)
        left = _gauge("baotin_budget_left", "office", "limit")
        for office, by_limit in lefts.items():
            for limit, count in by_limit.items():
                left.add_metric([office, limit], count)
        yield from (open_breakers, left)
        yield from (messages, calls_open, oldest_due, open_alerts, paused, balance)
        yield _counter("baotin_calls_total", figures.CALLS, counted, "gateway", "outcome")
        yield _counter("baotin_failovers_total", figures.FAILOVERS, counted, "gateway")
        yield _counter("baotin_gateway_segments_total", figures.SEGMENTS, counted, "gateway")
        yield _histogram("baotin_call_seconds", figures.CALL_SECONDS, counted)
        yield _histogram("baotin_handover_seconds", figures.HANDOVER_SECONDS, counted)


def _counter(name: str, figure: str, counted: Mapping[Place, float], *labels: str) -> Metric:
    family = CounterMetricFamily(name, NAMES[name], labels=labels)
    for (counts, *values), value in sorted(counted.items()):
        if counts == figure:
            family.add_metric(values[: len(labels)], value)
    return family


def _histogram(name: str, of: Histogram, counted: Mapping[Place, float]) -> Metric:
    family = HistogramMetricFamily(name, NAMES[name], labels=["gateway"])
    for gateway in of.gateways(counted):
        buckets, total = of.buckets(counted, gateway)
        family.add_metric([gateway], buckets, total)
    return family


def _gauge(name: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, NAMES[name], labels=labels)


def exposition(*, wiring: Wiring) -> bytes:
    """Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Collector(wiring))
    return generate_latest(registry)

"""Figures for Prometheus, read from the database at each scrape.

The database is what all processes share, so no process needs to know another's counters.
"""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from notifier.domain.states import State
from notifier.services import health
from notifier.services.wiring import Wiring
from notifier.store import balances, counting

NAMES = {
    "baotin_messages": "Messages by state.",
    "baotin_attempts": "Attempts by gateway and outcome; open ones have the outcome open.",
    "baotin_oldest_due_seconds": "How long the oldest due message has waited.",
    "baotin_alerts_open": "Alerts that nobody has closed.",
    "baotin_gateway_paused": "Whether a gateway is paused (1) or in use (0).",
    "baotin_gateway_segments": "SMS segments that a gateway took, of the messages still kept.",
    "baotin_gateway_balance": "What is left on a gateway's account, as its provider last told.",
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
        if ready.database:
            yield from self._from_database()

    def _from_database(self) -> Iterable[Metric]:
        wiring = self._wiring
        with wiring.sessions.read() as session:
            now = wiring.sessions.now(session)
            by_state = counting.messages_by_state(session)
            by_outcome = counting.attempts_by_outcome(session)
            oldest = counting.oldest_due(session, now)
            alerts = counting.open_alerts(session)
            usable = wiring.accounts.usable(session, now=now)
            segments_of = counting.segments_by_gateway(session)
            left = balances.told(session)
        messages = _gauge("baotin_messages", "state")
        for state in State:
            messages.add_metric([state], by_state.get(state, 0))
        attempts = _gauge("baotin_attempts", "gateway", "outcome")
        for (gateway, outcome), count in by_outcome.items():
            attempts.add_metric([gateway, outcome or "open"], count)
        waited = (now - oldest).total_seconds() if oldest else 0.0
        oldest_due = _gauge("baotin_oldest_due_seconds")
        oldest_due.add_metric([], max(0.0, waited))
        open_alerts = _gauge("baotin_alerts_open")
        open_alerts.add_metric([], alerts)
        paused = _gauge("baotin_gateway_paused", "gateway")
        for name in wiring.accounts.route:
            paused.add_metric([name], name not in usable)
        segments = _gauge("baotin_gateway_segments", "gateway")
        for name, count in segments_of.items():
            segments.add_metric([name], count)
        balance = _gauge("baotin_gateway_balance", "gateway", "currency")
        for name, one in left.items():
            if wiring.accounts.get(name) is not None:
                balance.add_metric([name, one.currency], float(one.amount))
        yield from (messages, attempts, oldest_due, open_alerts, paused, segments, balance)


def _gauge(name: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, NAMES[name], labels=labels)


def exposition(*, wiring: Wiring) -> bytes:
    """Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Collector(wiring))
    return generate_latest(registry)

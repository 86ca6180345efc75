"""Balances and segments: asked for by one worker for all, and told to Prometheus."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from notifier.services import gateway_checks, metrics
from notifier.services.balances import ASKED_EVERY
from workers.worker import build_context


@pytest.fixture
def world(make_world: Any) -> Any:
    return make_world(gateways=("esms",))


def told(world: Any, name: str) -> dict[str, float]:
    """By gateway, what the metric says."""
    exposed = metrics.exposition(wiring=world.wiring).decode()
    return {
        sample.labels["gateway"]: sample.value
        for family in text_string_to_metric_families(exposed)
        for sample in family.samples
        if sample.name == name
    }


def test_the_sender_asks_for_the_balance_now_and_then(world: Any) -> None:
    assert told(world, "baotin_gateway_balance") == {}
    world.send()
    assert told(world, "baotin_gateway_balance")["esms"] > 0
    world.execute("UPDATE gateway_balances SET amount = '1'")
    build_context(world.wiring, threading.Event()).sender.run(slice_s=5, stopping=lambda: False)
    assert told(world, "baotin_gateway_balance") == {"esms": 1}
    world.clock.advance(ASKED_EVERY + timedelta(seconds=1))
    world.send()
    assert told(world, "baotin_gateway_balance")["esms"] > 1


def test_a_check_keeps_the_balance_too(world: Any) -> None:
    gateway_checks.balance("esms", by=None, wiring=world.wiring)
    assert told(world, "baotin_gateway_balance")["esms"] > 0


def test_segments_are_counted_by_the_gateway_that_took_them(world: Any, new_event: Any) -> None:
    world.post(new_event("a"), new_event("b", phone="0912345679"))
    world.post(new_event("c", code="H29-" + "1" * 60))
    world.send()
    assert told(world, "baotin_gateway_segments_total") == {"esms": 4}

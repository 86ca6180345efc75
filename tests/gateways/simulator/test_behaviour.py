import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.simulator.behaviour import (
    BadBehaviour,
    Behaviour,
    Draws,
    Fault,
    FaultKind,
    Receipts,
    parse,
)

_FAULTS = st.lists(
    st.builds(Fault, st.sampled_from(FaultKind), st.floats(0, 0.1)), max_size=10
).map(tuple)


@given(
    st.builds(
        Behaviour,
        latency_ms=st.integers(0, 60_000),
        seed=st.integers(),
        receipts=st.sampled_from(Receipts),
        faults=_FAULTS,
    )
)
def test_a_behaviour_reads_back_as_it_was_shown(behaviour: Behaviour) -> None:
    assert parse(behaviour.as_json()) == behaviour


def test_a_field_left_out_takes_its_default() -> None:
    assert parse({}) == Behaviour(0, 1, Receipts.NORMAL, ())


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (None, ""),
        ([], ""),
        ({"latency": 5}, "latency"),
        ({"latency_ms": -1}, "latency_ms"),
        ({"latency_ms": 60_001}, "latency_ms"),
        ({"latency_ms": 10**400}, "latency_ms"),
        ({"latency_ms": "5"}, "latency_ms"),
        ({"latency_ms": True}, "latency_ms"),
        ({"latency_ms": float("nan")}, "latency_ms"),
        ({"seed": 1.5}, "seed"),
        ({"seed": None}, "seed"),
        ({"receipts": "some"}, "receipts"),
        ({"receipts": None}, "receipts"),
        ({"faults": {}}, "faults"),
        ({"faults": ["http_500"]}, "faults.0"),
        ({"faults": [{"share": 0.1}]}, "faults.0.kind"),
        ({"faults": [{"kind": "http_418", "share": 0.1}]}, "faults.0.kind"),
        ({"faults": [{"kind": "http_500", "share": 1.1}]}, "faults.0.share"),
        ({"faults": [{"kind": "http_500", "share": -0.1}]}, "faults.0.share"),
        ({"faults": [{"kind": "http_500", "share": "all"}]}, "faults.0.share"),
        ({"faults": [{"kind": "http_500", "share": 0.1, "for": 1}]}, "faults.0.for"),
        ({"faults": [{"kind": "reset", "share": 0.6}, {"kind": "drip", "share": 0.6}]}, "faults"),
    ],
)
def test_what_describes_no_behaviour_is_refused_with_its_path(body: object, path: str) -> None:
    with pytest.raises(BadBehaviour) as refused:
        parse(body)
    assert refused.value.path == path


def test_the_draws_are_slices_of_one_seeded_sequence() -> None:
    draws = Draws(
        Behaviour(seed=7, faults=(Fault(FaultKind.RESET, 0.2), Fault(FaultKind.DRIP, 0.3)))
    )
    sequence = random.Random(7)  # noqa: S311 — the sequence the design names
    for _ in range(500):
        drawn = sequence.random()
        expected = FaultKind.RESET if drawn < 0.2 else FaultKind.DRIP if drawn < 0.5 else None
        assert draws.draw() is expected


def test_shares_that_add_up_to_one_leave_no_good_send() -> None:
    draws = Draws(Behaviour(faults=tuple(Fault(kind, 0.1) for kind in list(FaultKind)[:10])))
    assert all(draws.draw() is not None for _ in range(10_000))


def test_only_a_refuse_with_a_share_closes_the_port() -> None:
    assert parse({"faults": [{"kind": "refuse", "share": 0.01}]}).refuses
    assert parse({"faults": [{"kind": "refuse"}]}).refuses
    assert not parse({"faults": [{"kind": "refuse", "share": 0}]}).refuses
    assert not parse({"faults": [{"kind": "reset", "share": 1}]}).refuses

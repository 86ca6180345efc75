"""A provider's limit, by the clock."""

import pytest

from gateways.simulator.quota import Quota


def test_what_is_over_the_quota_is_asked_to_wait_for_a_second() -> None:
    now = [0.0]
    quota = Quota(2, clock=lambda: now[0])

    def calls(*instants: float) -> list[bool]:
        passed = []
        for now[0] in instants:
            passed.append(quota.passes())
        return passed

    assert calls(0.0, 0.0) == [True, True]
    assert calls(0.25) == [False]  # half a message has come in since
    assert calls(0.375) == [False]  # under way before the answer came
    assert quota.as_json() == {"refused": 2, "impatient": 0}
    assert calls(0.75, 1.125) == [False, False]
    assert quota.as_json() == {"refused": 4, "impatient": 2}
    assert calls(1.25, 1.25, 1.25) == [True, True, False]
    assert calls(2.25, 2.75, 3.25, 3.75) == [True, True, True, True]


@pytest.mark.parametrize("calls", [1, 1000])
def test_without_a_quota_all_pass(calls: int) -> None:
    quota = Quota(0)
    assert all(quota.passes() for _ in range(calls))
    assert quota.as_json() == {"refused": 0, "impatient": 0}

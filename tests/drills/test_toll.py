"""The judges of the drills judge right."""

import pytest

from tests.drills.toll import Toll
from tests.drills.town import percentile


def test_a_toll_lets_its_quota_pass_and_then_asks_to_wait() -> None:
    now = [0.0]
    toll = Toll("", quota=2, wait_s=2, clock=lambda: now[0])

    def calls(*instants: float) -> list[bool]:
        passed = []
        for now[0] in instants:
            passed.append(toll.judge())
        return passed

    assert calls(0.0, 0.1, 1.1, 1.2) == [True, True, True, True]
    assert calls(1.3) == [False]  # the third within a second: it asks to wait until 3.3
    assert calls(1.5) == [False]  # under way before the answer came
    assert toll.violations == 0
    assert calls(2.5, 3.2) == [False, False]
    assert toll.violations == 2
    assert calls(3.4) == [True]
    assert (len(toll.passed), toll.refused) == (5, 4)


@pytest.mark.parametrize(("share", "told"), [(0.5, 2), (0.99, 4), (0.25, 1), (1.0, 4)])
def test_a_percentile_is_one_of_the_values(share: float, told: float) -> None:
    assert percentile([4, 2, 1, 3], share) == told

"""What the drills reckon with."""

import pytest

from tests.drills.town import percentile


@pytest.mark.parametrize(("share", "told"), [(0.5, 2), (0.99, 4), (0.25, 1), (1.0, 4)])
def test_a_percentile_is_one_of_the_values(share: float, told: float) -> None:
    assert percentile([4, 2, 1, 3], share) == told

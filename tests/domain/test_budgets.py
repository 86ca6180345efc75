"""What an office may spend."""

import pytest

from notifier.domain import budgets
from notifier.domain.budgets import Budget, Spent


@pytest.mark.parametrize(
    ("budget", "spent", "within"),
    [
        (Budget(), Spent(10**9, 10**9, 10**9, 10**9), True),
        (Budget(daily_segments=5), Spent(day_segments=5, month_segments=90), True),
        (Budget(daily_segments=5), Spent(day_segments=6), False),
        (Budget(monthly_segments=5), Spent(day_segments=1, month_segments=6), False),
        (Budget(daily_dong=500), Spent(day_dong=501), False),
        (Budget(monthly_dong=500), Spent(month_dong=501), False),
        (Budget(monthly_dong=0), Spent().and_(1, 500), False),
    ],
)
def test_no_limit_is_exceeded(budget: Budget, spent: Spent, within: bool) -> None:
    assert budgets.within(budget, spent) is within


def test_what_is_left_is_told_of_the_limits_that_are_set() -> None:
    spent = Spent().and_(3, 1500).and_(1, 500)
    assert budgets.left(Budget(daily_segments=10, monthly_dong=1000), spent) == {
        "daily_segments": 6,
        "monthly_dong": 0,
    }

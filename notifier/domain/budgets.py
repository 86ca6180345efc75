"""What an office, and those below it together, may spend a day and a month."""

from dataclasses import dataclass

MOST = 1_000_000_000_000


@dataclass(frozen=True, slots=True)
class Budget:
    """Nothing said is no limit."""

    daily_segments: int | None = None
    monthly_segments: int | None = None
    daily_dong: int | None = None
    monthly_dong: int | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """What providers took of an office's messages, today and this month."""

    day_segments: int = 0
    month_segments: int = 0
    day_dong: int = 0
    month_dong: int = 0

    def and_(self, segments: int, dong: int) -> "Spent":
        """With so much more today."""
        return self.with_(Spent(segments, segments, dong, dong))

    def with_(self, other: "Spent") -> "Spent":
        """Both together."""
        return Spent(
            self.day_segments + other.day_segments,
            self.month_segments + other.month_segments,
            self.day_dong + other.day_dong,
            self.month_dong + other.month_dong,
        )


NOTHING = Spent()


def left(budget: Budget, spent: Spent) -> dict[str, int]:
    """By limit that is set, how much is left of it; never below 0."""
    pairs = {
        "daily_segments": (budget.daily_segments, spent.day_segments),
        "monthly_segments": (budget.monthly_segments, spent.month_segments),
        "daily_dong": (budget.daily_dong, spent.day_dong),
        "monthly_dong": (budget.monthly_dong, spent.month_dong),
    }
    return {
        name: max(0, limit - used) for name, (limit, used) in pairs.items() if limit is not None
    }


def within(budget: Budget, spent: Spent) -> bool:
    """Whether no limit is exceeded."""
    return all(
        limit is None or used <= limit
        for limit, used in (
            (budget.daily_segments, spent.day_segments),
            (budget.monthly_segments, spent.month_segments),
            (budget.daily_dong, spent.day_dong),
            (budget.monthly_dong, spent.month_dong),
        )
    )

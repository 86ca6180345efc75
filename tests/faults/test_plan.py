"""A drill's schedule and stories come from the seed alone."""

from collections import Counter
from datetime import UTC, datetime

from tests.faults import plan
from tests.faults.probe import POINTS
from tests.faults.stories import tell

BEGAN = datetime(2026, 11, 24, 2, tzinfo=UTC)


def test_the_same_seed_gives_the_same_schedule_and_another_another() -> None:
    assert plan.full(1, 2000) == plan.full(1, 2000)
    assert plan.full(1, 2000) != plan.full(3, 2000)
    assert plan.small(1, 200) == plan.small(1, 200)


def test_the_same_seed_tells_the_same_stories() -> None:
    first, second = (tell(1, events=500, over_s=60, began=BEGAN) for _ in range(2))
    assert first == second
    assert first != tell(2, events=500, over_s=60, began=BEGAN)


def test_every_event_has_an_id_of_its_own_and_only_twins_share_what_a_row_is_known_by() -> None:
    stories = tell(1, events=2000, over_s=240, began=BEGAN)
    ids = Counter(event.id for story in stories for event in story.events)
    assert set(ids.values()) == {1}
    keys = Counter(
        event.key for story in stories if story.kind != "twins" for event in story.events
    )
    assert set(keys.values()) == {1}
    kinds = {story.kind for story in stories}
    assert kinds == {"single", "batch", "case", "twins", "overtaken"}


def test_three_seeds_kill_at_each_named_point_over_20_times() -> None:
    killed = Counter(
        step.target
        for seed in (1, 2, 3)
        for phase in plan.full(seed, 2000).phases
        for track in phase.tracks
        for step in track
        if step.verb == "kill_at"
    )
    assert set(killed) == set(POINTS)
    assert min(killed.values()) > 20


def test_valkey_is_away_for_a_minute_frozen_or_dead() -> None:
    for seed, verb in ((1, "valkey_hang"), (2, "valkey_dead")):
        steps = [s for phase in plan.full(seed, 1).phases for track in phase.tracks for s in track]
        assert [step.lasts_s for step in steps if step.verb == verb] == [60]

"""The verdict: the sender's list of 202s against the simulator's ledger.

Whether an SMS went out, and how often, is told by the ledger alone. What the product says of its
messages is read for three things only: a reason not to send, the flag of a possible double, and
whether anything is still under way.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.faults.nemesis import Disturbance
from tests.faults.sender import Promise
from tests.faults.stories import Key, PostedEvent, Story
from tests.faults.world import Row, Told

MOVES_WITHIN_S = 15.0
_CODE = re.compile(r"ho so (\S+)")
_SETTLED_UNSENT = frozenset({"suppressed", "failed", "held", "expired", "cancelled"})
_NO_MESSAGE = frozenset({"silent", "superseded", "held"})


@dataclass(slots=True)
class Moving:
    """How work went on after one kind of disturbance."""

    times: int = 0
    waited_s: float | None = None  # the longest that any SMS waited from then on, undisturbed


@dataclass(slots=True)
class Verdict:
    """What a drill showed."""

    promised: int = 0
    sent: int = 0
    settled_unsent: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: int = 0  # SMS beyond one for an event
    silently_doubled: list[str] = field(default_factory=list)
    flagged: int = 0
    strangers: int = 0  # rows of the ledger that belong to no promised event
    out_of_order: list[str] = field(default_factory=list)
    overtaken_after_doubt: int = 0  # by the rule: an unknown blocks its case for a while only
    moving: dict[str, Moving] = field(default_factory=dict)
    longest_wait_s: float = 0.0  # from 202 to the ledger, whatever was done meanwhile

    @property
    def slowest_s(self) -> float:
        """The longest undisturbed wait after any disturbance."""
        return max((m.waited_s or 0.0 for m in self.moving.values()), default=0.0)

    def failures(self, *, timed: bool) -> list[str]:
        """What does not hold; `timed`: waits count too."""
        failed = {
            "lost": len(self.lost),
            "silently doubled": len(self.silently_doubled),
            "case order broken": len(self.out_of_order),
            "SMS of no promised event": self.strangers,
        }
        found = [f"{name}: {count}" for name, count in failed.items() if count]
        if timed and self.slowest_s > MOVES_WITHIN_S:
            found.append(f"moving again only after {self.slowest_s:.1f} s")
        return found


def judge(
    stories: Sequence[Story],
    promises: Mapping[str, Promise],
    rows: Sequence[Row],
    told: Sequence[Told],
    disturbances: Sequence[Disturbance],
    *,
    in_doubt_s: float,
) -> Verdict:
    """Hold what was promised against what the provider took."""
    verdict = Verdict(promised=len(promises))
    events = [event for story in stories for event in story.events if event.id in promises]
    by_key = _by_key(events)
    found = _assign(rows, by_key, verdict)
    by_event: dict[str, list[Told]] = defaultdict(list)
    for one in told:
        by_event[one.event_id].append(one)
    verdict.flagged = sum(one.possible_double for one in told)
    arrived: dict[str, float] = {}
    for key, group in by_key.items():
        arrived |= _count(group, found.get(key, []), promises, by_event, verdict)
    _order(stories, arrived, by_event, in_doubt_s, verdict)
    _waits(promises, arrived, disturbances, verdict)
    return verdict


def _by_key(events: Sequence[PostedEvent]) -> dict[Key, list[PostedEvent]]:
    grouped: dict[Key, list[PostedEvent]] = defaultdict(list)
    for event in events:
        grouped[event.key].append(event)
    return grouped


def _assign(
    rows: Sequence[Row], by_key: Mapping[Key, Sequence[PostedEvent]], verdict: Verdict
) -> dict[Key, list[Row]]:
    candidates: dict[tuple[str, str], list[Key]] = defaultdict(list)
    for key in by_key:
        candidates[key.phone, key.code].append(key)
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        code = _CODE.search(row.text)
        known = candidates.get((row.to, code[1] if code else ""), [])
        matching = [key for key in known if key.mark in row.text]
        if len(matching) == 1:
            found[matching[0]].append(row)
        else:
            verdict.strangers += 1
    return found


def _count(
    group: Sequence[PostedEvent],
    rows: Sequence[Row],
    promises: Mapping[str, Promise],
    by_event: Mapping[str, Sequence[Told]],
    verdict: Verdict,
) -> dict[str, float]:
    """Events that make the same SMS, and the rows of it: when each event's arrived."""
    due = [event for event in group if not _settled_unsent(event, promises, by_event)]
    verdict.settled_unsent += len(group) - len(due)
    in_time = sorted(row.at for row in rows)
    # A message may be told "superseded" and be out none the less: that is no double.
    surplus = len(in_time) - (len(due) or len(group))
    verdict.sent += min(len(in_time), len(group))
    if surplus < 0:
        verdict.lost += [event.id for event in due[surplus:]]
    elif surplus > 0:
        verdict.doubled += surplus
        messages = [one for event in group for one in by_event.get(event.id, [])]
        if not any(one.possible_double for one in messages):
            verdict.silently_doubled += [event.id for event in group]
    return dict(zip([event.id for event in due or group], in_time, strict=False))


def _settled_unsent(
    event: PostedEvent,
    promises: Mapping[str, Promise],
    by_event: Mapping[str, Sequence[Told]],
) -> bool:
    """Whether there is a reason that no SMS goes out for it."""
    if promises[event.id].outcome in _NO_MESSAGE:
        return True
    messages = by_event.get(event.id, [])
    if not messages:
        return promises[event.id].outcome == "duplicate" and not promises[event.id].message_ids
    return all(one.state in _SETTLED_UNSENT and one.reason for one in messages)


def _order(
    stories: Sequence[Story],
    arrived: Mapping[str, float],
    by_event: Mapping[str, Sequence[Told]],
    in_doubt_s: float,
    verdict: Verdict,
) -> None:
    for story in stories:
        if not story.ordered:
            continue
        for earlier, later in zip(story.events, story.events[1:], strict=False):
            if earlier.id not in arrived or later.id not in arrived:
                continue
            if arrived[later.id] >= arrived[earlier.id]:
                continue
            first_try = min((t for one in by_event[earlier.id] for t in one.attempts), default=0.0)
            if first_try and arrived[later.id] - first_try > in_doubt_s:
                verdict.overtaken_after_doubt += 1
            else:
                verdict.out_of_order.append(later.id)


def _waits(
    promises: Mapping[str, Promise],
    arrived: Mapping[str, float],
    disturbances: Sequence[Disturbance],
    verdict: Verdict,
) -> None:
    waits = [(promises[event].at, at) for event, at in arrived.items()]
    verdict.longest_wait_s = max((at - since for since, at in waits), default=0.0)
    done = sorted(disturbances, key=lambda one: (one.began, one.ended))
    for one in done:
        verdict.moving.setdefault(one.kind, Moving()).times += 1
    for since, at in waits:
        for kind, length in stretches(since, at, done):
            moving = verdict.moving.setdefault(kind, Moving())
            moving.waited_s = max(moving.waited_s or 0.0, length)


def stretches(
    since: float, until: float, disturbances: Sequence[Disturbance]
) -> Iterator[tuple[str, float]]:
    """The undisturbed parts of a wait, each with what it began after. In order of `began`."""
    opened_by, free_from = "(undisturbed)", since
    for one in disturbances:
        if one.ended < since:
            continue
        if one.began >= until:
            break
        if one.began > free_from:
            yield opened_by, one.began - free_from
        if one.ended >= free_from:
            opened_by, free_from = one.kind, one.ended
    if until > free_from:
        yield opened_by, until - free_from

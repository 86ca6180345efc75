"""Where a version may go, and how two texts are laid side by side."""

import pytest

from notifier.domain.versions import (
    STATUS_MOVES,
    Change,
    PlaceholderChange,
    Status,
    Step,
    diff,
    placeholder_change,
)

S = Status
MAY_GO = {
    Step.SUBMITTED: ({S.DRAFT}, S.SUBMITTED),
    Step.SENT_BACK: ({S.SUBMITTED, S.APPROVED}, S.DRAFT),
    Step.APPROVED: ({S.SUBMITTED}, S.APPROVED),
    Step.PUBLISHED: ({S.APPROVED}, S.PUBLISHED),
    Step.RETIRED: ({S.DRAFT, S.SUBMITTED, S.APPROVED, S.PUBLISHED}, S.RETIRED),
}


@pytest.mark.parametrize("step", [step for step in Step if step is not Step.WRITTEN])
def test_a_status_moves_as_the_table_says(step: Step) -> None:
    move = STATUS_MOVES[step]
    assert (set(move.allowed_from), move.to) == MAY_GO[step]


@pytest.mark.parametrize(
    ("old", "new", "laid"),
    [
        ("a b", "a b", [("same", "a b")]),
        ("hồ sơ đã xong", "hồ sơ chưa xong",
         [("same", "hồ sơ "), ("removed", "đã"), ("added", "chưa"), ("same", " xong")]),
        ("đến {noi_nhan}.", "đến {ma_ho_so}.",
         [("same", "đến "), ("removed", "{noi_nhan}"), ("added", "{ma_ho_so}"), ("same", ".")]),
        ("", "mới", [("added", "mới")]),
        ("cũ", "", [("removed", "cũ")]),
    ],
)  # fmt: skip
def test_two_texts_are_laid_side_by_side_word_by_word(
    old: str, new: str, laid: list[tuple[str, str]]
) -> None:
    pieces = diff(old, new)
    assert [(piece.change, piece.text) for piece in pieces] == laid
    assert "".join(p.text for p in pieces if p.change is not Change.ADDED) == old
    assert "".join(p.text for p in pieces if p.change is not Change.REMOVED) == new


def test_placeholders_that_came_and_went_are_told_once() -> None:
    assert placeholder_change(["a", "b", "b"], ["b", "c", "c"]) == PlaceholderChange(
        added=("c",), removed=("a",)
    )
    assert not placeholder_change(["a", "b"], ["b", "a"])

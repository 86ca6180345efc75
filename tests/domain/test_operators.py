"""Operators are known by the words that providers use, and by no others."""

import pytest

from notifier.domain.operators import Operator, named


@pytest.mark.parametrize(
    ("word", "operator"),
    [
        ("viettel", Operator.VIETTEL),
        ("VIETTEL", Operator.VIETTEL),
        ("Viettel Mobile", Operator.VIETTEL),
        ("VTL", Operator.VIETTEL),
        ("452-04", Operator.VIETTEL),
        ("45204", Operator.VIETTEL),
        ("VMS", Operator.MOBIFONE),
        ("MobiFone", Operator.MOBIFONE),
        ("GPC", Operator.VINAPHONE),
        ("VinaPhone", Operator.VINAPHONE),
        ("452 05", Operator.VIETNAMOBILE),
        ("Gtel", Operator.GMOBILE),
        ("I-Telecom", Operator.ITEL),
        ("Wintel", Operator.REDDI),
        ("", None),
        ("0", None),
        ("452", None),
        ("46001", None),
        ("+84912", None),
        ("nobody", None),
    ],
)
def test_a_word_names_an_operator_or_nobody(word: str, operator: Operator | None) -> None:
    assert named(word) is operator

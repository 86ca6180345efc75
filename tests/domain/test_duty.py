"""What a duty phone reads: always one segment without tones."""

import pytest

from notifier.domain import duty
from notifier.domain.alerts import AlertKind
from notifier.domain.text import Encoding, analyse

LONGEST_OFFICE = "UBND P.Lái Thiêu, Bd."  # don_vi: 22 at the most


@pytest.mark.parametrize("kind", AlertKind)
@pytest.mark.parametrize(
    ("subject", "detail"), [("esms", "103"), ("s" * 24, "d" * 24), ("x" * 200, "y"), ("ê", "ộ€")]
)
def test_every_alert_is_one_segment_whatever_it_names(
    kind: AlertKind, subject: str, detail: str
) -> None:
    for office in (LONGEST_OFFICE, "Văn phòng " * 20):
        counted = analyse(text := duty.words(office, kind, subject=subject, detail=detail))
        assert (counted.encoding, counted.segments) == (Encoding.GSM7, 1), text


def test_an_alert_about_a_gateway_says_which_and_why() -> None:
    said = duty.words(LONGEST_OFFICE, AlertKind.GATEWAY_PAUSED, subject="esms", detail="no_balance")
    assert said == (
        "UBND P.Lai Thieu, Bd.: cong nhan tin esms ngung dung vi loi tai khoan (no_balance)."
        " Xem trang Can xu ly."
    )


def test_many_are_counted() -> None:
    assert duty.count("UBND P.Lái Thiêu", 7) == (
        "UBND P.Lai Thieu: co 7 canh bao moi. Xem trang Can xu ly."
    )

import pytest

from gateways.simulator.numbers import MAGIC, dialled, e164, landline


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+84912345678", "+84912345678"),
        ("0912345678", "+84912345678"),
        ("84912345678", "+84912345678"),
        ("0084912345678", "+84912345678"),
        ("0912 345 678", "+84912345678"),
        ("(0274) 3822-222", "+842743822222"),
        ("+15005550006", "+15005550006"),
        ("8188", "8188"),
        ("UBND L.Thieu", "UBND L.Thieu"),
        ("V1", "V1"),
        ("", ""),
    ],
)
def test_numbers_come_to_e164_and_names_stay(written: str, expected: str) -> None:
    assert e164(written) == expected


@pytest.mark.parametrize(
    ("phone", "can_be"),
    [
        ("+84912345678", True),
        ("+842743822222", True),
        ("+14155552671", True),
        ("+8491234567", False),
        ("+849123456789", False),
        ("+84112345678", False),
        ("+0123456789", False),
        ("UBND", False),
        ("", False),
    ],
)
def test_only_what_could_be_dialled_is_dialled(phone: str, can_be: bool) -> None:
    assert dialled(phone) is can_be


def test_a_landline_is_told_from_a_mobile() -> None:
    assert landline("+842743822222")
    assert not landline("+84912345678")


def test_magic_numbers_look_like_ordinary_mobiles() -> None:
    assert all(dialled(phone) and not landline(phone) for phone in MAGIC)

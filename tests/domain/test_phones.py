"""Phones as people type them."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.phones import mask, parse

USABLE = [
    ("0912345678", "+84912345678"),
    ("0912-345-678 (Nam)", "+84912345678"),
    ("0912.345.678 - Nam", "+84912345678"),
    ("ĐT: 0912 345 678", "+84912345678"),
    ("+840912345678", "+84912345678"),
    ("0084912345678", "+84912345678"),
    ("84912345678", "+84912345678"),
    ("(+84) 912 345 678", "+84912345678"),
    ("+84 (0) 912 345 678", "+84912345678"),
    ("912345678", "+84912345678"),
    ("０９１２３４５６７８", "+84912345678"),
    ("\u200b0912\u00a0345\u2009678\u202c", "+84912345678"),
    ("0912345678; 0912 345 678", "+84912345678"),
    ("0912345/678", "+84912345678"),
]
REFUSED = [
    ("", "empty"),
    ("   ", "empty"),
    ("không có", "not_a_number"),
    ("0912345678/0987654321", "several_numbers"),
    ("0912345678 hoặc 0987654321", "several_numbers"),
    ("0274 3755555", "landline"),
    ("0243 825 1234 máy lẻ 12", "landline"),
    ("0650 3755555", "invalid"),
    ("09123456789", "invalid"),
    ("012", "invalid"),
    ("+14155552671", "not_vietnamese"),
    ("+855 12 345 678", "not_vietnamese"),
    ("0" * 65, "too_long"),
]
# The official table: old prefix → new prefix, the last seven digits kept.
CONVERSIONS = {
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078", "0123": "083",
    "0124": "084", "0125": "085", "0127": "081", "0129": "082", "0162": "032", "0163": "033",
    "0164": "034", "0165": "035", "0166": "036", "0167": "037", "0168": "038", "0169": "039",
    "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip


@pytest.mark.parametrize(("raw", "e164"), USABLE)
def test_a_mobile_is_read_through_its_dressing(raw: str, e164: str) -> None:
    phone = parse(raw)
    assert (phone.e164, phone.type, phone.usable, phone.reason) == (e164, "mobile", True, None)


@pytest.mark.parametrize(("raw", "reason"), REFUSED)
def test_what_no_sms_can_reach_says_why(raw: str, reason: str) -> None:
    phone = parse(raw)
    assert (phone.usable, phone.reason) == (False, reason)


@pytest.mark.parametrize(("old", "new"), CONVERSIONS.items())
@pytest.mark.parametrize("written", ["{0}", "+84{1}", "84{1}", "0084{1}", "+84{0}"])
def test_an_eleven_digit_mobile_is_converted(old: str, new: str, written: str) -> None:
    raw = written.format(f"{old}1234567", f"{old[1:]}1234567")
    phone = parse(raw)
    assert phone.e164 == f"+84{new[1:]}1234567"
    assert phone.converted_from == f"+84{old[1:]}1234567"
    assert phone.usable


def test_a_landline_still_tells_its_number() -> None:
    assert parse("0274 3755555").e164 == "+842743755555"


@given(st.text(max_size=80))
def test_reading_never_raises_and_a_usable_number_reads_as_itself(raw: str) -> None:
    phone = parse(raw)
    assert phone.usable == (phone.reason is None)
    if phone.e164:
        assert parse(phone.e164).e164 == phone.e164


@given(
    st.sampled_from(["32", "70", "81", "90", "96", "56", "59", "91"]),
    st.integers(0, 9_999_999),
    st.sampled_from(["0{}", "+84{}", "84{}", "0084{}", "+840{}"]),
    st.sampled_from(["", " ", ".", "-", "\u00a0"]),
)
def test_every_way_of_writing_a_mobile_is_one_number(
    prefix: str, rest: int, written: str, between: str
) -> None:
    national = f"{prefix}{rest:07}"
    number = phonenumbers.parse(f"+84{national}")
    raw = between.join(written.format(national))
    valid = phonenumbers.is_valid_number(number)
    assert parse(raw).e164 == (f"+84{national}" if valid else None)


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+84912345678", "+84912***678"),
        ("+842743755555", "+84274***555"),
        ("+8412345", "+84***"),
        ("", "***"),
    ],
)
def test_the_mask_hides_the_middle(e164: str, shown: str) -> None:
    assert mask(e164) == shown

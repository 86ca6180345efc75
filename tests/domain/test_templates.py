"""Templates and their values."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.domain.events import CaseEvent, CaseRef, Channel, EventType, Language, Recipient
from notifier.domain.placeholders import PLACEHOLDERS, format_value, missing_for_type
from notifier.domain.templates import (
    About,
    Form,
    MissingValue,
    OfficeConstants,
    TemplateError,
    check,
    parse,
    render_message,
)
from notifier.domain.text import Encoding, analyse, toneless

OFFICE = OfficeConstants("UBND P.Lái Thiêu", "0274 3755555", "8188")
DUE = datetime(2026, 11, 25, 17, 30, tzinfo=UTC)  # the 26th in Vietnam


def event(event_type: EventType = EventType.RESULT_READY, **data: Any) -> CaseEvent:
    return CaseEvent(
        id="e1",
        type=event_type,
        occurred_at=DUE,
        case=CaseRef(data.pop("code", "H29-1"), "lai-thieu", Channel.COUNTER, due_at=DUE),
        recipient=Recipient("Đạt", "0912345678"),
        data=data,
    )


def rendered(text: str, of: CaseEvent, language: Language = Language.VI) -> str:
    return render_message(
        parse(text), office=OFFICE, event=of, language=language, form=Form.TONELESS
    ).text


@pytest.mark.parametrize(
    ("name", "raw", "language", "written"),
    [
        ("ngay_hen", "2026-11-25", "vi", "25/11/2026"),
        ("ngay_hen", "2026-01-05", "en", "5 Jan 2026"),
        ("ngay_hen", DUE, "vi", "26/11/2026"),
        ("ngay_hen", "2026-11-25T23:30:00+00:00", "vi", "26/11/2026"),
        ("ngay_hen", "2026-11-25T23:30:00", "vi", None),
        ("ngay_hen", "25/11/2026", "vi", None),
        ("ngay_hen", "2026-13-01", "vi", None),
        ("ngay_hen", 20261125, "vi", None),
        ("le_phi", 15000, "vi", "15.000đ"),
        ("le_phi", 15000.0, "en", "VND 15,000"),
        ("le_phi", 0, "vi", "0đ"),
        ("le_phi", 15000.5, "vi", None),
        ("le_phi", -1, "vi", None),
        ("le_phi", "15000", "vi", None),
        ("le_phi", True, "vi", None),
        ("le_phi", 9_999_999_999, "vi", "9.999.999.999đ"),
        ("le_phi", 99_999_999_999, "vi", None),
        ("ly_do", "x" * 24, "vi", "x" * 24),
        ("ly_do", "x" * 25, "vi", None),
        ("ly_do", "  thiếu\u200b  giấy ", "vi", "thiếu giấy"),
        ("ly_do", "", "vi", None),
        ("ma_ho_so", "x" * 64, "vi", "x" * 64),
        ("ma_buu_gui", "x" * 17, "vi", None),
        ("ma_buu_gui", True, "vi", None),
    ],
)
def test_a_value_is_written_or_counts_as_missing(
    name: str, raw: Any, language: str, written: str | None
) -> None:
    assert format_value(PLACEHOLDERS[name], raw, Language(language)) == written


def test_a_missing_text_takes_its_default_and_says_so() -> None:
    template = parse("Nhận tại {noi_nhan}.")
    made = render_message(
        template, office=OFFICE, event=event(), language=Language.VI, form=Form.ACCENTED
    )
    assert made.text == "Nhận tại Bộ phận Một cửa."
    assert made.used_default == ("noi_nhan",)


def test_a_text_too_long_takes_the_default_and_is_never_cut() -> None:
    assert rendered("{noi_nhan}", event(noi_nhan="x" * 19)) == "Bo phan Mot cua"


def test_an_extension_without_a_fitting_reason_has_no_default() -> None:
    with pytest.raises(MissingValue) as missing:
        rendered("{ly_do}", event(EventType.EXTENDED, ly_do="x" * 25))
    assert missing.value.names == ("ly_do",)


def test_a_missing_date_is_told_by_name() -> None:
    with pytest.raises(MissingValue) as missing:
        rendered("{ngay_hen_moi} {le_phi}", event())
    assert missing.value.names == ("ngay_hen_moi", "le_phi")


def test_english_goes_plain_even_where_a_name_is_vietnamese() -> None:
    assert rendered("{don_vi}: ok", event(), Language.EN) == "UBND P.Lai Thieu: ok"


@given(st.text(st.sampled_from("{}%$.ab_0"), min_size=1, max_size=18))
def test_a_value_stays_inert_whatever_it_holds(value: str) -> None:
    assert rendered("<{ma_ho_so}>", event(code=value)) == f"<{value}>"


def test_braces_in_a_value_stay_braces() -> None:
    assert rendered("{ma_ho_so}", event(code="{don_vi} {0}")) == "{don_vi} {0}"


@pytest.mark.parametrize(
    "value",
    [
        *("bit.ly/3xYz", "vietcombank.com", "VIETCOMBANK.COM", "https://a.b", "xem www.x"),
        *("t.me/a", "evil\uff0evn", "1.2.3.4/x", "goo.gl/a", "BIT.LY/A"),
        *("thiếu 50%", "giấy #3", "A & B", "[1]", "a{b}", "a\\b", "<b>", "x@y"),
        *("giấy 😀", "证明", "~" * 13, "½" * 9),
    ],
)
def test_a_value_that_operators_or_citizens_should_not_see_takes_the_default(value: str) -> None:
    assert rendered("{ly_do}", event(ly_do=value)) == "xem van ban thong bao"


@pytest.mark.parametrize(
    "value",
    ["TP.Thủ Đức, P.Mễ Trì", "thiếu bản sao.", "Quầy 3/P.Lý Chính", "mục 1.2.3.4", "ThS.Lý: 8h-11h",
     "thiếu CCCD (bản sao)", "~" * 12, "nộp 7:00/ngày.Xem TB"],
)  # fmt: skip
def test_a_value_as_officials_write_it_is_kept(value: str) -> None:
    assert rendered("{ly_do}", event(ly_do=value)) != "xem van ban thong bao"


@given(st.text(max_size=30))
def test_a_rendered_value_never_takes_more_room_than_its_maximum(value: str) -> None:
    for name in ("ly_do", "noi_nhan", "ma_buu_gui", "so_phan_anh"):
        written = format_value(PLACEHOLDERS[name], value, Language.VI)
        if written is not None:
            plain = analyse(toneless(written))
            assert (plain.encoding, plain.forcing) == (Encoding.GSM7, ())
            assert plain.units <= PLACEHOLDERS[name].maximum[Language.VI]


@pytest.mark.parametrize(
    ("text", "position"), [("a {", 2), ("a } b", 2), ("{x}", 0), ("{{don_vi}}", 0), ("{}", 0)]
)
def test_a_broken_template_says_where(text: str, position: int) -> None:
    with pytest.raises(TemplateError) as error:
        parse(text)
    assert error.value.position == position


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("{don_vi} {ma_ho_so} ok", set()),
        ("{don_vi} ok", {"missing"}),
        ("{don_vi} {ma_ho_so} 50%", {"refused"}),
        ("{don_vi} {ma_ho_so} xem http://a.vn", {"link"}),
        ("{don_vi} {ma_ho_so} xem dichvucong.gov.vn", {"link"}),
        ("{don_vi} {ma_ho_so} " + "x" * 120, {"length"}),
        ("{don_vi} {ma_ho_so} 😀", {"characters"}),
        ("{don_vi} {ma_ho_so} http://{ly_do}", {"link"}),
        ("{don_vi} {ma_ho_so} {ly_do}.vn", {"link"}),
        ("{don_vi} {ma_ho_so} {ly_do} {noi_nhan} {ngay_hen}", {"parameters"}),
        ("{don_vi} {ma_ho_so} {so_phan_anh}", {"unfillable"}),
        ("{don_vi} {ma_ho_so} {ho_ten}", {"syntax"}),
        ("{", {"syntax"}),
    ],
)
def test_the_check_at_save_finds_what_a_person_should_mend(text: str, codes: set[str]) -> None:
    assert {problem.code for problem in check(text, Language.VI)} == codes


def test_what_is_about_an_office_alone_needs_no_case_code() -> None:
    text = "{don_vi}: so {so_phan_anh}"
    assert check(text, Language.VI, About.OFFICE) == []
    assert {one.code for one in check("so {so_phan_anh}", Language.VI, About.OFFICE)} == {"missing"}


def test_length_and_number_of_placeholders_are_advice_the_rest_forbids() -> None:
    text = "{don_vi} {ma_ho_so} {ly_do} {noi_nhan} {ngay_hen} 50% a.vn " + "x" * 120
    forbids = {one.code: one.forbids for one in check(text, Language.VI)}
    assert forbids == {"length": False, "parameters": False, "refused": True, "link": True}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("0274 3755555", "0274 3755555"),
        ("8188", "8188"),
        ("gọi 113", None),
        ("02743755555 1", None),
    ],
)
def test_a_phone_is_digits_as_people_write_them(written: str, told: str | None) -> None:
    assert format_value(PLACEHOLDERS["so_dien_thoai"], written, Language.VI) == told


@pytest.mark.parametrize(
    ("data", "missing"),
    [
        ({"ly_do": "thiếu người", "ngay_hen_moi": "2026-12-01"}, []),
        ({}, [("data.ly_do", "required"), ("data.ngay_hen_moi", "required")]),
        (
            {"ly_do": " ", "ngay_hen_moi": "1/12"},
            [("data.ly_do", "required"), ("data.ngay_hen_moi", "invalid_date")],
        ),
        ({"ly_do": 5, "ngay_hen_moi": "2026-12-01"}, [("data.ly_do", "invalid")]),
    ],
)
def test_an_extension_needs_its_reason_and_new_date(
    data: dict[str, Any], missing: list[tuple[str, str]]
) -> None:
    found = missing_for_type(event(EventType.EXTENDED, **data))
    assert [(one.path, one.code) for one in found] == missing
    assert missing_for_type(event(EventType.RECEIVED, **data)) == []

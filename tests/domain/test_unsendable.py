"""Links in words: which are taken for one, and which an office lets pass."""

import pytest

from notifier.domain.events import Language
from notifier.domain.placeholders import PLACEHOLDERS, format_value
from notifier.domain.templates import check
from notifier.domain.unsendable import has_link, links_in, read_host

ALLOWED = frozenset({"dichvucong.gov.vn", "good.vn"})


@pytest.mark.parametrize(
    "text",
    [
        "xem dichvucong.gov.vn",
        "xem dichvucong.gov.vn. Xin cam on",
        "xem (https://dichvucong.gov.vn) nhe",
        "xem HTTPS://DichVuCong.gov.vn/tra-cuu?ma=1",
        "xem http://good.vn/a va good.vn",
        "xem https://dichvucong.gov.vn/{ma_ho_so}",
    ],
)
def test_a_link_to_a_host_on_the_list_is_none(text: str) -> None:
    assert not has_link(text, ALLOWED)
    assert has_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "evil.vn",
        "https://dichvucong.gov.vn.evil.com",
        "https://dichvucong.gov.vn@evil.com",
        "https://evil-dichvucong.gov.vn",
        "https://evil.dichvucong.gov.vn",
        "https://evil.vn/dichvucong.gov.vn",
        "https://good.vn/?to=https://evil.vn",
        "https://good.vn/?to=evil.com/x",
        "https://good.vn:8443/x",
        "https://good.vnx.com",
        "ftp://good.vn",
        "evil://good.vn",
        "dịchvucong.gov.vn",  # another host, in the form with tones
        "good.vn bit.ly/x",
        "good.vn http://1.2.3.4/x",
    ],
)
def test_what_only_looks_like_a_host_on_the_list_is_a_link(text: str) -> None:
    assert has_link(f"xem {text}", ALLOWED)
    assert links_in(f"xem {text}", ALLOWED) == [text.rpartition(" ")[2]]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("{don_vi} {ma_ho_so} xem good.vn/{ma_ho_so}", []),
        ("{don_vi} {ma_ho_so} xem {ly_do}good.vn", ["link"]),
        ("{don_vi} {ma_ho_so} xem {ly_do}.good.vn", ["link"]),
        ("{don_vi} {ma_ho_so} xem good.vn{ly_do}", ["link"]),
        ("{don_vi} {ma_ho_so} xem good.vn.{ly_do}", ["link"]),
        ("{don_vi} {ma_ho_so} xem https://{ly_do}", ["link"]),
    ],
)
def test_no_value_makes_another_host_of_one_on_the_list(text: str, codes: list[str]) -> None:
    found = check(text, Language.VI, links=ALLOWED)
    assert [one.code for one in found if one.forbids] == codes


def test_the_problem_names_the_link() -> None:
    (problem,) = check("{don_vi} {ma_ho_so} https://a.vn/{ly_do} b", Language.VI)
    assert (problem.code, problem.detail) == ("link", "https://a.vn/…")


def test_a_value_may_lead_where_the_words_may() -> None:
    place = PLACEHOLDERS["noi_nhan"]
    assert format_value(place, "good.vn", Language.VI) is None
    assert format_value(place, "good.vn", Language.VI, ALLOWED) == "good.vn"
    assert format_value(place, "evil.vn", Language.VI, ALLOWED) is None


@pytest.mark.parametrize(
    ("code", "goes"),
    [
        ("000.00.16.H29-261123-0001", True),
        ("H29.16/2026.HS-01#7", True),
        ("1.012766.000.00.00.H29 " * 4, True),  # whatever its length
        ("evil.vn/x", False),
        ("https://evil.example/1", False),
        ("good.vn/1", True),
    ],
)
def test_a_case_code_is_sent_whole_unless_it_is_a_link(code: str, goes: bool) -> None:
    written = format_value(PLACEHOLDERS["ma_ho_so"], code, Language.VI, ALLOWED)
    assert written == (code.strip() if goes else None)


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("dichvucong.gov.vn", "dichvucong.gov.vn"),
        (" HTTPS://DichVuCong.gov.vn/tra-cuu ", "dichvucong.gov.vn"),
        ("a.gov.vn.", "a.gov.vn"),
        ("xn--dchvucong-abc.vn", "xn--dchvucong-abc.vn"),
        *((bad, None) for bad in ("", "vn", "a b.vn", "a.vn:80", "u@a.vn", "1.2.3.4", "dịch.vn")),
        *((bad, None) for bad in ("-a.vn", "a..vn", ".vn", "*.vn", f"{'a' * 120}.vn")),
    ],
)
def test_a_host_is_read_from_a_name_or_an_address(given: str, host: str | None) -> None:
    if host is None:
        with pytest.raises(ValueError, match="no host"):
            read_host(given)
    else:
        assert read_host(given) == host

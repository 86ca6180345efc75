"""What a duty phone reads of an alert: an SMS of one segment, in Vietnamese without tones."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from notifier.domain.alerts import ABOUT_GATEWAYS, AlertKind
from notifier.domain.text import Encoding, analyse, toneless

MOST_AN_HOUR = 4  # SMS to one duty phone; the last of them counts what is left
VALID_FOR = timedelta(hours=24)  # an older alert is looked up on the page
# Whose SMS goes at night too: nothing is handed over meanwhile, or soon will not be.
AT_ANY_HOUR = ABOUT_GATEWAYS

_LOOK = " Xem trang Cần xử lý."
_WORDS: Mapping[AlertKind, str] = MappingProxyType(
    {
        AlertKind.GATEWAY_PAUSED: "cổng nhắn tin {subject} ngừng dùng vì lỗi tài khoản{detail}.",
        AlertKind.GATEWAY_FAILING: "cổng nhắn tin {subject} đang lỗi{detail}, máy tự thử lại.",
        AlertKind.NOT_LIVE: "có tin giữ lại vì đơn vị chưa chạy thật.",
        AlertKind.PHONE_CAP: "có tin giữ lại vì một máy nhận quá nhiều tin trong một giờ.",
        AlertKind.BUDGET: "có tin giữ lại vì đơn vị hết hạn mức.",
        AlertKind.SOURCE_CAP: "có tin giữ lại vì phần mềm {subject} gửi quá số tin một ngày.",
        AlertKind.CALLBACK_GIVEN_UP: "không báo lại được phần mềm {subject} suốt 24 giờ.",
    }
)


def words(office: str, kind: AlertKind, *, subject: str, detail: str) -> str:
    """The alert in one segment; what is too long for it is left out, never cut."""
    told = _WORDS[kind]
    why = f" ({detail})" if kind in ABOUT_GATEWAYS and detail else ""
    for each in (told.format(subject=subject, detail=why), told.format(subject=subject, detail="")):
        if _fits(text := toneless(f"{office}: {each}{_LOOK}")):
            return text
    return count(office, 1)


def count(office: str, alerts: int) -> str:
    """So many alerts in one segment."""
    text = toneless(f"{office}: có {alerts} cảnh báo mới.{_LOOK}")
    return text if _fits(text) else toneless(f"Báo Tin: có {alerts} cảnh báo mới.{_LOOK}")


def _fits(text: str) -> bool:
    counted = analyse(text)
    return counted.encoding is Encoding.GSM7 and counted.segments == 1

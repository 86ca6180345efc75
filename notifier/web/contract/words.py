"""What the page around the contract says."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Words:
    language: str
    title: str
    lead: str
    steps: tuple[str, ...]
    raw: str
    waiting: str
    no_script: str
    other: str  # the other language, in its own name
    other_code: str


WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "vi": Words(
            language="vi",
            title="Báo Tin: giao tiếp cho phần mềm nguồn",
            lead="Phần mềm một cửa gửi sự kiện của hồ sơ vào đây; người dân nhận tin nhắn.",
            steps=(
                "Lấy khóa: «make up» in khóa dùng thử; khi chạy thật: «baotin keys create».",
                "Bấm «Authorize» và dán khóa vào.",
                "Mở POST /v1/events, bấm «Try it out», rồi «Execute».",
            ),
            raw="Bản gốc OpenAPI 3.1",
            waiting="Đang mở tài liệu…",
            no_script="Trang này cần JavaScript. Bản gốc ở /openapi.json đọc được không cần.",
            other="English",
            other_code="en",
        ),
        "en": Words(
            language="en",
            title="Báo Tin: the interface for case systems",
            lead="Case systems post what happened to a case; the citizen gets an SMS.",
            steps=(
                "Get a key: “make up” prints one to try; in production use “baotin keys create”.",
                "Press “Authorize” and paste it.",
                "Open POST /v1/events, press “Try it out”, then “Execute”.",
            ),
            raw="The OpenAPI 3.1 document",
            waiting="Opening the contract…",
            no_script="This page needs JavaScript. The document at /openapi.json reads without.",
            other="Tiếng Việt",
            other_code="vi",
        ),
    }
)

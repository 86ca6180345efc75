"""The events that are posted: each a case and a citizen of its own, about 600 bytes."""

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_FIRST_PHONE = 910_000_000  # 091…: Vietnamese mobiles, ten million of them


@dataclass(frozen=True, slots=True)
class Posting:
    """One request's body, and the phones that it reaches."""

    body: bytes = field(repr=False)
    phones: Sequence[str] = field(repr=False)


class Events:
    """Makes events that never repeat: neither id, case nor phone."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def in_requests(self, count: int, *, of: int) -> list[Posting]:
        """`count` events, `of` a request; one alone goes without the batch around it."""
        if of == 1:
            return [Posting(_json(event), [phone]) for phone, event in self._take(count)]
        postings = []
        for start in range(0, count, of):
            taken = list(self._take(min(of, count - start)))
            body = _json({"events": [event for _, event in taken]})
            postings.append(Posting(body, [phone for phone, _ in taken]))
        return postings

    def _take(self, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for number in itertools.islice(self._numbers, count):
            phone = f"{_FIRST_PHONE + number}"
            yield f"+84{phone}", _event(number, f"0{phone}", now)


def _event(number: int, phone: str, occurred_at: str) -> dict[str, Any]:
    return {
        "id": f"bench-{number:08d}",
        "type": "result_ready",
        "occurred_at": occurred_at,
        "case": {
            "code": f"000.00.16.H29-261123-{number:07d}",
            "office": "lai-thieu",
            "channel": "counter",
            "procedure": {
                "code": "1.012766",
                "name": "Đăng ký biến động quyền sử dụng đất, quyền sở hữu nhà ở và tài sản khác",
            },
            "due_at": occurred_at,
        },
        "recipient": {"name": "Nguyễn Thị Minh Khai", "phone": phone, "language": "vi"},
        "data": {"noi_nhan": "Quầy 3", "can_bo": "Trần Văn Bình"},
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()

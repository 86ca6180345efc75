"""Personal data and secrets to look for, in every form in which they might leak."""

import base64
import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from redis import Redis

from notifier.domain.text import toneless

# Nobody's, and long enough not to come about by chance.
NAME = "Hoàng Thị Mỹ Hạnh Uyển"
PHONE = "0938271645"
CORRECTED_PHONE = "0397154826"
PLACE = "Quầy Tường Vi 77"
REASON = "thiếu giấy Xuyến Chi"
REMARK = "căn cước 079184263517"
PROCEDURE = "Cấp đổi giấy phép Lưu Ly"
WORDS_OF_A_CITIZEN = "PA đường Bạch Đàn ngập nước 4 ngày"

OWN_PHONE = "0936184725"  # a clerk's
DUTY_PHONE = "0983517264"
TEST_NUMBER = "0918462753"
CALLBACK_PATH = "nghe-bao-8f3kq0zv7n"  # a source's address may hold a secret

# With a phone's leading 0 or +84 cut off, every way to write it is found.
PERSONAL = (
    NAME, PHONE[1:], CORRECTED_PHONE[1:], PLACE, REASON, REMARK, "079184263517", PROCEDURE,
    WORDS_OF_A_CITIZEN, OWN_PHONE[1:], DUTY_PHONE[1:], TEST_NUMBER[1:],
)  # fmt: skip


@dataclass
class Canary:
    """One text, in the forms in which it is looked for."""

    text: str
    folded: frozenset[bytes] = field(default_factory=frozenset)  # whatever the case
    exact: frozenset[bytes] = field(default_factory=frozenset)


def canary(text: str) -> Canary:
    written = {text, unicodedata.normalize("NFD", text), toneless(text)}
    folded: set[bytes] = set()
    exact: set[bytes] = set()
    for one in written:
        for encoded in (one.encode(), one.encode("utf-16-le"), one.encode("utf-16-be")):
            folded |= {encoded.lower(), encoded.hex().encode()}
            exact.update(_in_base64(encoded))
        folded.add(one.lower().encode())
        quoted = quote(one, safe="").lower()
        folded |= {quoted.encode(), quoted.replace("%20", "+").encode()}
        folded.add(json.dumps(one)[1:-1].lower().encode())
    return Canary(text, frozenset(folded), frozenset(exact))


def _in_base64(raw: bytes) -> Iterator[bytes]:
    """The characters that stand for `raw` in base64 wherever it begins in what is encoded."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        skipped = (shift * 8 + 5) // 6
        known = (shift + len(raw)) * 8 // 6
        yield encoded[skipped:known]


class Search:
    """Looks for canaries in bytes."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._canaries = [canary(text) for text in texts]

    def hits(self, where: str, blob: bytes) -> set[tuple[str, str]]:
        """Which texts stand there, in any form."""
        folded = blob.lower()
        return {
            (where, one.text)
            for one in self._canaries
            if any(form in folded for form in one.folded) or any(form in blob for form in one.exact)
        }

    def hits_in(self, folder: Path, *, but: Iterable[str] = ()) -> set[tuple[str, str]]:
        """In every file of the folder, and in their names, except below those in `but`."""
        found: set[tuple[str, str]] = set()
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            if path.is_file() and inside.parts[0] not in set(but):
                found |= self.hits(str(inside), str(inside).encode() + b"\n" + path.read_bytes())
        return found

    def hits_in_redis(self, redis: Redis) -> set[tuple[str, str]]:
        """In every key and its value, as Redis would dump them."""
        found: set[tuple[str, str]] = set()
        for key in redis.scan_iter(count=1000):
            dump = redis.dump(key) or b""
            found |= self.hits(f"redis {key!r}", key + b"\n" + dump)
        return found

"""Posts webhooks: one kept connection to each receiver, few microseconds a call.

A general client costs several times more a call, and a simulator shares its two cores with
all that it is there to measure. HTTP/1.1, answers read to their end and thrown away.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlsplit

_CALL_S = 10.0
_LONGEST_ANSWER = 1_000_000  # bytes; a receiver that says more loses its connection


def callable_url(url: str) -> bool:
    """Whether it is an http address with a host; a provider checks no more before it tries."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


class Unreachable(Exception):
    """No answer came that counts as one; the text says why in one word."""


@dataclass(frozen=True, slots=True)
class Post:
    """One webhook call."""

    url: str = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    method: str = "POST"
    answer: str | None = None  # what the receiver must say; any other body is no answer


@dataclass(slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Courier:
    """Makes one call at a time. Not to be shared between tasks."""

    def __init__(self) -> None:
        self._kept: dict[str, _Connection] = {}

    async def post(self, call: Post) -> int:
        """Make the call; answers the HTTP status. Raises `Unreachable`."""
        try:
            async with asyncio.timeout(_CALL_S):
                return await self._post(call)
        except TimeoutError as error:
            self.close()
            raise Unreachable("timeout") from error
        except (OSError, EOFError, ValueError, IndexError, asyncio.LimitOverrunError) as error:
            self.close()
            raise Unreachable(type(error).__name__) from error

    def close(self) -> None:
        """Let go of the kept connections."""
        for connection in self._kept.values():
            connection.writer.close()
        self._kept.clear()

    async def _post(self, call: Post) -> int:
        parts = urlsplit(call.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("not an http address")
        origin = f"{parts.scheme}://{parts.netloc}"
        request = _request(parts.netloc.rpartition("@")[2], parts.path, parts.query, call)
        connection = self._kept.pop(origin, None)
        if connection is not None:
            try:
                return await self._exchange(origin, connection, request, call.answer)
            except (ConnectionError, EOFError):
                pass  # the receiver closed a connection that lay idle: a fresh one tells more
        reader, writer = await asyncio.open_connection(
            parts.hostname,
            parts.port or (443 if parts.scheme == "https" else 80),
            ssl=ssl.create_default_context() if parts.scheme == "https" else None,
        )
        return await self._exchange(origin, _Connection(reader, writer), request, call.answer)

    async def _exchange(
        self, origin: str, connection: _Connection, request: bytes, answer: str | None
    ) -> int:
        kept = False
        try:
            connection.writer.write(request)
            head = await connection.reader.readuntil(b"\r\n\r\n")
            status, length = _read_head(head)
            body = b""
            if length is not None:
                body = await connection.reader.readexactly(length)
                self._kept[origin] = connection
                kept = True
            elif answer is not None:
                body = await _to_the_end(connection.reader)
            if answer is not None and status in _GOOD and body.decode("latin-1").strip() != answer:
                raise Unreachable("not_acknowledged")
            return status
        finally:
            if not kept:
                connection.writer.close()


def _request(host: str, path: str, query: str, call: Post) -> bytes:
    target = f"{path or '/'}?{query}" if query else path or "/"
    content = [f"Content-Type: {call.content_type}"] if call.content_type else []
    lines = [
        f"{call.method} {target} HTTP/1.1",
        f"Host: {host}",
        *content,
        f"Content-Length: {len(call.body)}",
        *(f"{name}: {value}" for name, value in call.headers.items()),
    ]
    if " " in target or any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a space or a line break in an address or header")
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + call.body


async def _to_the_end(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while len(body) < _LONGEST_ANSWER and (part := await reader.read(_LONGEST_ANSWER)):
        body += part
    return body


def _read_head(head: bytes) -> tuple[int, int | None]:
    """The status, and the body's length if the connection may be kept after reading it."""
    status_line, *lines = head.decode("latin-1").lower().split("\r\n")
    status = int(status_line.split(" ", 2)[1])
    fields = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if "close" in fields.get("connection", "") or status_line.startswith("http/1.0"):
        return status, None
    length = fields.get("content-length", "0" if status == _NO_CONTENT else "")
    if not length.isdecimal() or int(length) > _LONGEST_ANSWER:
        return status, None
    return status, int(length)


_NO_CONTENT = 204
_GOOD = range(200, 300)

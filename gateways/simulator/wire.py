"""Answers put on the wire: the good one, and each way in which an answer goes wrong."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator

from aiohttp import web

from gateways.simulator.behaviour import FaultKind
from gateways.simulator.dialect import Answer

_HOLD_S = 60.0  # how long a client that never hangs up is kept waiting
_DRIP_S = 1.0
_HUGE_BYTES = 50_000_000
_CHUNK = b"x" * 65_536
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, for no time: close sends RST
_WEB_PAGE = b"<!doctype html><title>Welcome</title><h1>It works</h1><p>Not what you asked for."


def good(answer: Answer) -> web.Response:
    """The answer as it is meant."""
    return web.Response(
        body=answer.body,
        status=answer.status,
        headers={**answer.headers, "Content-Type": answer.content_type},
    )


async def spoilt(request: web.BaseRequest, answer: Answer, kind: FaultKind) -> web.StreamResponse:
    """An answer that goes wrong on its way, for a message that was taken or never read.

    Raises `CancelledError` where there is nothing more to say on this connection.
    """
    match kind:
        case FaultKind.GARBAGE:
            return web.Response(body=_WEB_PAGE, content_type="text/html")
        case FaultKind.HUGE:
            return web.Response(
                body=_huge(),
                headers={
                    "Content-Length": str(_HUGE_BYTES),
                    "Content-Type": answer.content_type,
                },
            )
        case FaultKind.DRIP:
            for byte in _raw(answer):
                _write(request, bytes((byte,)))
                await asyncio.sleep(_DRIP_S)
        case FaultKind.TRUNCATE:
            _write(request, _raw(answer)[: -max(1, len(answer.body) // 2)])
        case FaultKind.RESET:
            _reset(request)
        case _:  # the two time-outs: a client that hangs up cancels this wait
            await asyncio.sleep(_HOLD_S)
    # To the server this means: close the connection once all that was written is out.
    raise asyncio.CancelledError


def _raw(answer: Answer) -> bytes:
    head = (
        f"HTTP/1.1 {answer.status} Answer\r\nContent-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(answer.body)}\r\n\r\n"
    )
    return head.encode() + answer.body


def _write(request: web.BaseRequest, part: bytes) -> None:
    if request.transport is None or request.transport.is_closing():
        raise asyncio.CancelledError
    request.transport.write(part)


def _reset(request: web.BaseRequest) -> None:
    if request.transport is not None:
        raw: socket.socket = request.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        request.transport.abort()


async def _huge() -> AsyncIterator[bytes]:
    left = _HUGE_BYTES
    while left > 0:
        yield _CHUNK[:left]
        left -= len(_CHUNK)

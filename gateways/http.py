"""The only place that calls a provider over HTTP.

It keeps three promises: the whole call ends by its deadline, however slowly the answer drips;
an answer is read only so far; and every failure says on which side of the line it lies:

    before the request could leave (refused, no such host, no TLS)   `Deferred`: surely not sent
    anything later (reset, time-out, cut short, garbage)             `OutcomeUnknown`
"""

import socket
import ssl
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Protocol

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from gateways.base import Accepted, Deferred, OutboundSms, OutcomeUnknown

BODY_CAP = 64 * 1024
_CHUNK = 16 * 1024
_HOSTS = 32


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request, whole."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer that was read to its end."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(slots=True)
class _Call:
    """The call that this thread is making: until when, and whether bytes may have left."""

    ends: float
    may_have_left: bool = False

    def remaining(self) -> float:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the call's deadline is over")
        return left


_this_call: ContextVar[_Call] = ContextVar("gateway_http_call")


class _DeadlineSocket(socket.socket):
    """Reads with what is left of the call's deadline, not with a time-out for each read."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_this_call.get().remaining())
        return super().recv_into(*args, **kwargs)


class _DeadlineTlsSocket(ssl.SSLSocket):
    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_this_call.get().remaining())
        return super().recv_into(*args, **kwargs)


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        plain = self.sock
        self.sock = _DeadlineSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        _this_call.get().may_have_left = True
        super().request(*args, **kwargs)


class _TlsConnection(HTTPSConnection):
    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        _this_call.get().may_have_left = True
        super().request(*args, **kwargs)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class HttpCaller:
    """Makes calls on kept-alive connections. Thread-safe; one per process.

    `pool_size`: how many calls run at once, so that each finds a kept connection.
    """

    def __init__(self, pool_size: int) -> None:
        tls = ssl.create_default_context()
        tls.sslsocket_class = _DeadlineTlsSocket
        self._pools = urllib3.PoolManager(
            num_pools=_HOSTS, maxsize=pool_size, block=False, ssl_context=tls
        )
        self._pools.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def call(self, request: HttpRequest, *, deadline_s: float) -> HttpReply:
        """The provider's answer, whatever its status. Raises `Deferred` or `OutcomeUnknown`."""
        call = _Call(time.monotonic() + deadline_s)
        token = _this_call.set(call)
        try:
            return self._call(request, deadline_s)
        except (HTTPError, OSError, ValueError) as problem:
            code = _code(problem)
            if call.may_have_left:
                raise OutcomeUnknown(code) from problem
            raise Deferred(code) from problem
        finally:
            _this_call.reset(token)

    def _call(self, request: HttpRequest, deadline_s: float) -> HttpReply:
        response = self._pools.urlopen(
            request.method,
            request.url,
            body=request.body,
            headers={"Accept-Encoding": "identity", **request.headers},
            timeout=Timeout(total=deadline_s),
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        whole = False
        try:
            body = self._body(response)
            whole = True
        finally:
            if whole:
                response.release_conn()
            else:
                response.close()
        return HttpReply(response.status, response.headers, body)

    @staticmethod
    def _body(response: urllib3.BaseHTTPResponse) -> bytes:
        parts, size = [], 0
        while part := response.read(_CHUNK, decode_content=False):
            parts.append(part)
            size += len(part)
            if size > BODY_CAP:
                raise OutcomeUnknown("body_too_large")
        return b"".join(parts)


def _code(problem: Exception) -> str:
    """A machine's word for the failure: never the text, which may hold the address."""
    for cause in (problem, problem.__cause__, problem.__context__):
        if isinstance(cause, TimeoutError):
            return "timeout"
    name = type(problem).__name__
    return {
        "ReadTimeoutError": "timeout",
        "ConnectTimeoutError": "connect_timeout",
        "NewConnectionError": "refused",
        "NameResolutionError": "no_such_host",
        "SSLError": "tls",
        "ProtocolError": "broken_off",
        "IncompleteRead": "broken_off",
    }.get(name, name)


def raise_for_common(reply: HttpReply, *, now: datetime) -> None:
    """What every provider means alike: 429 is surely not sent, 5xx may or may not be."""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Deferred("http_429", retry_after_s(reply.headers.get("Retry-After"), now=now))
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise OutcomeUnknown(f"http_{reply.status}")


def retry_after_s(value: str | None, *, now: datetime) -> float | None:
    """Seconds to wait, from seconds or an HTTP date (RFC 9110 §10.2.3); none if unreadable."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - now).total_seconds())
    except (TypeError, ValueError):
        return None


class HttpAdapter(Protocol):
    """What an adapter of one HTTP call is asked for: two pure functions."""

    def build(self, sms: OutboundSms) -> HttpRequest:
        """The request that hands the SMS over."""
        ...

    def read(self, reply: HttpReply) -> Accepted:
        """The answer's meaning. Raises `Rejected`, `Deferred` or `OutcomeUnknown`."""
        ...


def send(
    adapter: HttpAdapter, sms: OutboundSms, *, caller: HttpCaller, deadline_s: float
) -> Accepted:
    """Build, call, read: a whole send."""
    return adapter.read(caller.call(adapter.build(sms), deadline_s=deadline_s))

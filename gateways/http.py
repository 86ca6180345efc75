"""The only place that calls a provider over HTTP.

It keeps three promises: the whole call ends by its deadline, however slowly the answer drips;
an answer is read only so far; and every failure says on which side of the line it lies:

    before the request could leave (refused, no such host, no TLS)   `Deferred`: surely not sent
    anything later (reset, time-out, cut short, garbage)             `OutcomeUnknown`
"""

import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)
from urllib3.exceptions import SSLError as TlsError
from urllib3.util import Retry, Timeout

from gateways.base import Deferred, OutcomeUnknown
from gateways.names import Names
from gateways.waits import UNSAID_S, asked_wait_s

BODY_CAP = 64 * 1024
_CHUNK = 16 * 1024
_NO_RETRY = Retry(False, redirect=False)  # made once: urllib3 makes one a call of `False`
_HOSTS = 32


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request, whole."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    most_bytes: int = BODY_CAP  # of the answer: lists may be longer than receipts
    only_status: bool = False  # its body is not read: however long, however slow


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer that was read to its end."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


MayConnect = Callable[[str, str], bool]


def _anywhere(_host: str, _address: str) -> bool:
    return True


class _NotAllowed(OSError):
    """The host's addresses are none that this caller may connect to."""


@dataclass(slots=True)
class _Call:
    """The call that this thread is making: until when, and whether bytes may have left."""

    ends: float
    may_connect: MayConnect
    names: Names
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


def _open(connection: HTTPConnection, kind: type[socket.socket]) -> socket.socket:
    """A connected socket. The name's addresses share one deadline; urllib3 gives each its own."""
    call, problem = _this_call.get(), OSError("the name has no address")
    host = connection.host.strip("[]")
    try:
        found = call.names.addresses(host, connection.port, within_s=call.remaining())
    except (socket.gaierror, UnicodeError) as error:
        raise NewConnectionError(connection, "no_such_host") from error
    except TimeoutError as error:
        raise NewConnectionError(connection, "dns_timeout") from error
    for family, type_, protocol, _, address in found:
        # Of the very address that is connected to: the name cannot lead elsewhere in between.
        if not call.may_connect(host, str(address[0])):
            problem = _NotAllowed("not_allowed")
            continue
        opened = kind(family, type_, protocol)
        try:
            for option in connection.socket_options or ():
                opened.setsockopt(*option)
            opened.settimeout(call.remaining())
            opened.connect(address)
            opened.settimeout(call.remaining())  # what a TLS handshake has left
        except OSError as error:
            opened.close()
            problem = error
        else:
            return opened
    if isinstance(problem, TimeoutError):
        raise ConnectTimeoutError(connection, "connect_timeout") from problem
    raise NewConnectionError(connection, "refused") from problem


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _open(self, _DeadlineSocket)

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        call = _this_call.get()
        self.timeout = call.remaining()
        call.may_have_left = True
        super().request(*args, **kwargs)


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _open(self, socket.socket)

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        call = _this_call.get()
        self.timeout = call.remaining()
        call.may_have_left = True
        super().request(*args, **kwargs)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Here and not once for all: to read the authorities takes as long as to start the rest.
        tls = ssl.create_default_context()
        tls.sslsocket_class = _DeadlineTlsSocket
        super().__init__(*args, ssl_context=tls, **kwargs)


class HttpCaller:
    """Makes calls on kept-alive connections. Thread-safe; one per process.

    `pool_size`: how many calls run at once, so that each finds a kept connection. `may_connect`
    is asked with the host and each address of it.
    """

    def __init__(
        self, pool_size: int, may_connect: MayConnect = _anywhere, names: Names | None = None
    ) -> None:
        self._may_connect = may_connect
        self._names = names or Names()
        self._pools = urllib3.PoolManager(num_pools=_HOSTS, maxsize=pool_size, block=False)
        self._pools.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def call(self, request: HttpRequest, *, deadline_s: float) -> HttpReply:
        """The provider's answer, whatever its status. Raises `Deferred` or `OutcomeUnknown`."""
        call = _Call(time.monotonic() + deadline_s, self._may_connect, self._names)
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
            retries=_NO_RETRY,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        whole = False
        try:
            body = b"" if request.only_status else self._body(response, request.most_bytes)
            whole = not request.only_status
        finally:
            if whole:
                response.release_conn()
            else:
                response.close()
        return HttpReply(response.status, response.headers, body)

    @staticmethod
    def _body(response: urllib3.BaseHTTPResponse, most_bytes: int) -> bytes:
        parts, size = [], 0
        while part := response.read(_CHUNK, decode_content=False):
            parts.append(part)
            size += len(part)
            if size > most_bytes:
                raise OutcomeUnknown("body_too_large")
        return b"".join(parts)


def _code(problem: Exception) -> str:
    """A machine's word for the failure: never the text, which may hold the address."""
    match problem:
        case NewConnectionError():
            return _unopened(problem.__cause__)
        case ConnectTimeoutError():  # the one above is one as well, in urllib3's tree
            return "connect_timeout"
        case TlsError():
            return "tls"
    for cause in (problem, problem.__cause__, problem.__context__):
        if isinstance(cause, TimeoutError | ReadTimeoutError):
            return "timeout"
    return "broken_off" if isinstance(problem, ProtocolError) else type(problem).__name__


def _unopened(cause: BaseException | None) -> str:
    match cause:
        case _NotAllowed():
            return "not_allowed"
        case TimeoutError():
            return "dns_timeout"
        case socket.gaierror() | UnicodeError():
            return "no_such_host"
        case _:
            return "refused"


def raise_for_common(reply: HttpReply, *, now: datetime, wait_header: str = "") -> None:
    """What every provider means alike: 429 is surely not sent, 5xx may or may not be.

    `wait_header`: where this provider says how long to wait, before the usual headers.
    """
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        wait_s = asked_wait_s(reply.headers, now=now, first=wait_header) or UNSAID_S
        raise Deferred("http_429", wait_s)
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise OutcomeUnknown(f"http_{reply.status}")

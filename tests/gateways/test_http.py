import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateways.base import Deferred, OutcomeUnknown, SendError
from gateways.http import (
    BODY_CAP,
    HttpCaller,
    HttpReply,
    HttpRequest,
    raise_for_common,
)
from tests.gateways.cases import begun
from tests.waiting import eventually

Script = Callable[[socket.socket, bytes], object]
Serve = Callable[[Script], str]

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CUT_SHORT_S = 0.3  # for calls that would never end
AMPLE_S = 8.0
HANGS_S = 5.0  # whoever takes so long waits for the provider, or for its own next try
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def post(url: str, path: str = "/send") -> HttpRequest:
    return HttpRequest("POST", url + path, {"X-Ours": "1"}, b"body")


def reset(connection: socket.socket) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def says(answer: bytes) -> Script:
    def script(connection: socket.socket, _: bytes) -> bool:
        connection.sendall(answer)
        return False

    return script


def silence(connection: socket.socket, _: bytes) -> bool:
    connection.settimeout(2 * HANGS_S)
    return bool(connection.recv(1))  # until the other side hangs up


def drips(first: bytes, each: bytes) -> Script:
    def script(connection: socket.socket, _: bytes) -> bool:
        connection.sendall(first)
        ends = time.monotonic() + 2 * HANGS_S
        while time.monotonic() < ends:
            connection.sendall(each)
            time.sleep(0.05)
        return False

    return script


def resets_after(answer: bytes) -> Script:
    def script(connection: socket.socket, _: bytes) -> bool:
        connection.sendall(answer)
        time.sleep(0.05)  # a reset overtakes what was not read yet
        return reset(connection)

    return script


def floods(connection: socket.socket, _: bytes) -> bool:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")


@dataclass(frozen=True)
class Failure:
    name: str
    script: Script
    code: str


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
AFTER_THE_REQUEST = [
    Failure("reset", lambda connection, _: reset(connection), "broken_off"),
    Failure("closed without a word", lambda *_: False, "broken_off"),
    Failure("silence", silence, "timeout"),
    Failure(
        "body drips", drips(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b"x"), "timeout"
    ),
    Failure("chunks drip", drips(CHUNKED, b"1\r\nx\r\n"), "timeout"),
    Failure("status line drips", drips(b"HTTP/1.1 200 ", b"x"), "timeout"),
    Failure("headers drip", drips(b"HTTP/1.1 200 OK\r\nX: ", b"x"), "timeout"),
    Failure("100s without end", drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), "timeout"),
    Failure("cut short", says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"), "broken_off"),
    Failure("cut in the headers", says(b"HTTP/1.1 200 OK\r\nContent-Le"), ""),
    Failure("no last chunk", says(CHUNKED + b"2\r\nok\r\n"), "broken_off"),
    Failure("bad chunk length", says(CHUNKED + b"zz\r\nok\r\n0\r\n\r\n"), "broken_off"),
    Failure("bad status line", says(b"\x00\xff\xfe nonsense\r\n\r\n"), "broken_off"),
    Failure("endless status line", says(b"HTTP/1.1 200 " + b"x" * 70_000), "broken_off"),
    Failure("no number for a status", says(b"HTTP/1.1 abc OK\r\n\r\n"), "broken_off"),
    Failure(
        "reset in the body",
        resets_after(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"),
        "broken_off",
    ),
    Failure(
        "a byte over the cap",
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n" + b"x" * (BODY_CAP + 1)),
        "body_too_large",
    ),
    Failure("a body without end", floods, "body_too_large"),
]


@pytest.mark.parametrize("case", AFTER_THE_REQUEST, ids=lambda case: case.name)
def test_what_breaks_after_the_request_is_unknown_and_ends_in_time(
    case: Failure, serve: Serve, http_caller: HttpCaller
) -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket, request: bytes) -> object:
        seen.append(request)
        return case.script(connection, request)

    if not case.code:  # http.client takes headers that end early; there is a whole, empty body
        assert http_caller.call(post(serve(script)), deadline_s=AMPLE_S).body == b""
        return
    deadline_s = CUT_SHORT_S if case.code == "timeout" else AMPLE_S
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown) as raised:
        begun(lambda: http_caller.call(post(serve(script)), deadline_s=deadline_s))
    assert time.monotonic() - began < HANGS_S
    assert raised.value.code == case.code
    assert len(seen) == 1, "never silently retried"


@pytest.fixture
def full() -> Iterator[int]:
    """A port whose queue is full: it neither takes nor refuses a connection."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def deferred(caller: HttpCaller, url: str, deadline_s: float = AMPLE_S) -> str:
    began = time.monotonic()
    with pytest.raises(Deferred) as raised:
        caller.call(post(url), deadline_s=deadline_s)
    assert time.monotonic() - began < HANGS_S
    return raised.value.code


def test_a_refused_connection_is_surely_not_sent(http_caller: HttpCaller) -> None:
    assert deferred(http_caller, f"http://127.0.0.1:{closed_port()}") == "refused"


@pytest.mark.parametrize("host", ["a..b", "x" * 64])
def test_a_host_without_an_address_is_surely_not_sent(host: str, http_caller: HttpCaller) -> None:
    assert deferred(http_caller, f"http://{host}") == "no_such_host"


def test_a_connection_that_is_never_taken_is_surely_not_sent(
    full: int, http_caller: HttpCaller
) -> None:
    url = f"http://127.0.0.1:{full}"
    assert deferred(http_caller, url, CUT_SHORT_S) == "connect_timeout"


def test_all_addresses_of_a_name_share_the_deadline(
    full: int, http_caller: HttpCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", full))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [one] * 50)
    assert deferred(http_caller, "http://gateway.test", CUT_SHORT_S) == "connect_timeout"


def test_the_next_address_is_tried_when_the_first_refuses(
    serve: Serve, http_caller: HttpCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(serve(says(OK)).rpartition(":")[2])
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", one))
        for one in (closed_port(), port)
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert http_caller.call(post("http://gateway.test"), deadline_s=AMPLE_S).body == b"ok"


def test_an_answer_that_is_no_tls_is_surely_not_sent(serve: Serve, http_caller: HttpCaller) -> None:
    url = serve(says(OK)).replace("http:", "https:")
    assert deferred(http_caller, url, CUT_SHORT_S) in {"tls", "timeout", "connect_timeout"}


def test_a_silent_tls_handshake_is_surely_not_sent(http_caller: HttpCaller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        deferred(http_caller, url, CUT_SHORT_S)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate of 127.0.0.1's own, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "provider.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls_url(certificate: Path) -> Iterator[str]:
    """A provider on TLS: `/drip` drips, anything else is answered."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listening = socket.create_server(("127.0.0.1", 0))

    def work() -> None:
        while True:
            try:
                raw, _ = listening.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(raw, server_side=True) as connection:
                    request = b""
                    while not request.endswith(b"body"):
                        request += connection.recv(65536)
                    (drips(CHUNKED, b"1\r\nx\r\n") if b"/drip" in request else says(OK))(
                        connection, request
                    )
            except OSError:
                continue

    thread = threading.Thread(target=work)
    thread.start()
    yield f"https://127.0.0.1:{listening.getsockname()[1]}"
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def test_a_certificate_that_nobody_vouches_for_is_surely_not_sent(
    tls_url: str, http_caller: HttpCaller
) -> None:
    assert deferred(http_caller, tls_url) == "tls"


def test_tls_answers_and_a_drip_over_tls_ends_in_time(
    tls_url: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    caller = HttpCaller(pool_size=1)
    assert caller.call(post(tls_url), deadline_s=AMPLE_S).body == b"ok"
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown) as raised:
        begun(lambda: caller.call(post(tls_url, "/drip"), deadline_s=CUT_SHORT_S))
    assert raised.value.code == "timeout"
    assert time.monotonic() - began < HANGS_S


def test_connections_are_kept_and_one_that_closed_meanwhile_is_replaced(
    serve: Serve, http_caller: HttpCaller
) -> None:
    ports: list[int] = []
    connections: list[socket.socket] = []

    def script(connection: socket.socket, request: bytes) -> bool:
        ports.append(connection.getpeername()[1])
        connections.append(connection)
        connection.sendall(OK)
        return b"/last" not in request

    url = serve(script)
    for path in ("/first", "/last"):
        http_caller.call(post(url, path), deadline_s=AMPLE_S)
    eventually(lambda: connections[-1].fileno() == -1, what="the close arrives")
    http_caller.call(post(url), deadline_s=AMPLE_S)
    assert ports[0] == ports[1] != ports[2]


def test_a_kept_connection_that_dies_under_a_request_is_unknown_not_sent_again(
    serve: Serve, http_caller: HttpCaller
) -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket, request: bytes) -> bool:
        seen.append(request)
        if len(seen) > 1:
            return reset(connection)
        connection.sendall(OK)
        return True

    url = serve(script)
    http_caller.call(post(url), deadline_s=AMPLE_S)
    with pytest.raises(OutcomeUnknown):
        http_caller.call(post(url), deadline_s=AMPLE_S)
    assert len(seen) == 2


def test_the_answer_after_a_broken_one_is_its_own(serve: Serve, http_caller: HttpCaller) -> None:
    hung_up, answered = threading.Event(), threading.Event()

    def script(connection: socket.socket, request: bytes) -> bool:
        if b"/slow" in request:
            hung_up.wait(30)
            try:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")
            finally:
                answered.set()
        else:
            connection.sendall(OK)
        return True

    url = serve(script)
    with pytest.raises(OutcomeUnknown):
        begun(lambda: http_caller.call(post(url, "/slow"), deadline_s=CUT_SHORT_S))
    hung_up.set()
    assert answered.wait(30)
    assert http_caller.call(post(url), deadline_s=AMPLE_S).body == b"ok"


def test_the_rest_of_a_body_too_large_is_nobodys_answer(
    serve: Serve, http_caller: HttpCaller
) -> None:
    def script(connection: socket.socket, request: bytes) -> bool:
        if b"/huge" in request:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n")
            connection.sendall(b"x" * 200_000)
        else:
            connection.sendall(OK)
        return True

    url = serve(script)
    with pytest.raises(OutcomeUnknown):
        http_caller.call(post(url, "/huge"), deadline_s=AMPLE_S)
    assert http_caller.call(post(url), deadline_s=AMPLE_S).body == b"ok"


def test_a_redirect_is_an_answer_not_followed(serve: Serve, http_caller: HttpCaller) -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket, request: bytes) -> bool:
        seen.append(request)
        connection.sendall(
            b"HTTP/1.1 307 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
        )
        return True

    assert http_caller.call(post(serve(script)), deadline_s=AMPLE_S).status == 307
    assert len(seen) == 1


def test_nothing_is_unpacked_and_nobody_is_asked_to_pack(
    serve: Serve, http_caller: HttpCaller
) -> None:
    seen: list[bytes] = []

    def script(connection: socket.socket, request: bytes) -> bool:
        seen.append(request)
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"
        )
        return True

    assert http_caller.call(post(serve(script)), deadline_s=AMPLE_S).body == b"ok"
    assert b"Accept-Encoding: identity\r\n" in seen[0]
    assert b"X-Ours: 1\r\n" in seen[0]
    assert seen[0].endswith(b"\r\n\r\nbody")


def test_a_body_at_the_cap_is_read_whole(serve: Serve, http_caller: HttpCaller) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {BODY_CAP}\r\n\r\n".encode()
    reply = http_caller.call(post(serve(says(head + b"x" * BODY_CAP))), deadline_s=AMPLE_S)
    assert len(reply.body) == BODY_CAP


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (200, None),
        (302, None),
        (400, None),
        (428, None),
        (429, Deferred),
        (499, None),
        (500, OutcomeUnknown),
        (503, OutcomeUnknown),
        (599, OutcomeUnknown),
    ],
)
def test_429_waits_and_5xx_is_unknown(status: int, raised: type[SendError] | None) -> None:
    reply = HttpReply(status, {"Retry-After": "7"}, b"")
    if raised is None:
        raise_for_common(reply, now=NOW)
        return
    with pytest.raises(raised) as caught:
        raise_for_common(reply, now=NOW)
    assert caught.value.code == f"http_{status}"
    if isinstance(caught.value, Deferred):
        assert caught.value.retry_after_s == 7


@pytest.mark.parametrize("said", [{}, {"Retry-After": "0"}, {"Retry-After": "soon"}])
def test_429_that_does_not_say_how_long_is_a_wait_all_the_same(said: dict[str, str]) -> None:
    """Else it would be a failure to the breaker, and nobody would wait."""
    with pytest.raises(Deferred) as caught:
        raise_for_common(HttpReply(429, said, b""), now=NOW)
    assert caught.value.retry_after_s == 1

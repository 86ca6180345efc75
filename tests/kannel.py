"""`python -m tests.kannel ROOT`: the adapter against a real Kannel and its fake SMSC, on loopback.

ROOT is where Debian's packages kannel and kannel-extras lie: `/`, or a folder they were unpacked to
(`dpkg -x`; with what they depend on, since nothing is installed). Needs no root.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import click

from config.gateways import GatewaySettings
from gateways.adapter import Tools
from gateways.base import Accepted, Fault, Gateway, OutboundSms, Rejected, Report, WebhookRequest
from gateways.http import HttpCaller
from gateways.kannel import ADAPTER
from gateways.registry import complete
from gateways.tokens import OwnTokens
from notifier.domain.clock import SystemClock

USER, PASSWORD, PHONE = "office", "secret", "+84912345678"
WORDS = (
    "Ho so da co ket qua",
    "Hồ sơ đã có kết quả",
    "a [b] ~ € ^ \\ | 100% & 1=2",
    "Xong rồi 🎉",
    "ồ" * 201,
    "x" * 459,
)
CONFIG = """\
group = core
admin-port = {admin}
admin-password = {password}
admin-interface = 127.0.0.1
smsbox-port = {smsbox}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
dlr-storage = internal
sms-resend-freq = 1
log-level = 1

group = smsc
smsc = fake
smsc-id = fake
port = {smsc}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {smsbox}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
http-request-retry = 2
http-queue-delay = 1
log-level = 1

group = sendsms-user
username = {user}
password = {password}
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
get-url = "{inbound}?from=%p&to=%P&text=%b&charset=%C&id=%I&at=%T"
max-messages = 0
"""


class Mailbox(ThreadingHTTPServer):
    """What Kannel asks for, answered as the API answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def webhooks(self, folder: str) -> list[WebhookRequest]:
        found = []
        for target in list(self.asked):
            query = parse_qsl(urlsplit(target).query, keep_blank_values=True)
            if target.startswith(folder):
                attempt = dict(query).get("attempt")
                found.append(WebhookRequest("GET", self.url + target, {}, query, b"", attempt))
        return found


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if isinstance(self.server, Mailbox):
            self.server.asked.append(self.path)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def until(told: Callable[[], bool], what: str) -> None:
    """Wait for it, ten seconds at most."""
    ends = time.monotonic() + 10
    while not told():
        if time.monotonic() > ends:
            raise SystemExit(f"not in time: {what}")
        time.sleep(0.05)
    click.echo(f"ok: {what}")


def listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


@contextmanager
def program(root: Path, log: Path, *line: str) -> Iterator[None]:
    """One of Kannel's, for the time of the block."""
    libraries = [root / "usr/lib/x86_64-linux-gnu", root / "lib/x86_64-linux-gnu"]
    env = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, libraries))}
    with log.open("wb") as out:
        started = subprocess.Popen(line, stdout=out, stderr=out, env=env)
        try:
            yield
        finally:
            started.terminate()
            try:
                started.wait(5)
            except subprocess.TimeoutExpired:  # it waits for messages of a fake SMSC that left
                started.kill()
                started.wait()


def read_back(log: str) -> list[str]:
    """The words that the fake SMSC was handed, parts put together."""
    whole, parts = [], ""
    for line in log.splitlines():
        _, found, told = line.partition(f"{PHONE} ")
        if not found or "Got message" not in line:
            continue
        kind, _, rest = told.removesuffix(">").partition(" ")
        header = ""
        if kind == "udh":
            header, kind, rest = rest.split(" ", 2)
        parts += rest if kind == "text" else _words(rest)
        _, last, this = _bytes(header)[-3:] if header else (0, 1, 1)
        if this == last:
            whole.append(parts)
            parts = ""
    return whole


def _words(quoted: str) -> str:
    raw = _bytes(quoted.replace("+", " "))
    return raw.decode("ascii" if raw.isalnum() else "utf-16-be")


def _bytes(quoted: str) -> bytes:
    return unquote(quoted, encoding="latin-1").encode("latin-1")


def refused(send: Callable[[], object], fault: Fault, what: str) -> None:
    """Hold a send to its refusal."""
    try:
        send()
    except Rejected as problem:
        if problem.fault is fault:
            click.echo(f"ok: {what}")
            return
    raise SystemExit(f"not refused: {what}")


def delivered(gateway: Gateway, box: Mailbox) -> set[str | None]:
    """The attempts that Kannel reported as delivered."""
    calls = box.webhooks("/receipts/")
    told = [receipt for call in calls for receipt in gateway.parse_receipts(call)]
    return {one.reference for one in told if one.report is Report.DELIVERED}


def main(root: Path) -> None:
    """Start a Kannel, send, and hold what arrives to what was sent."""
    sbin, extras = root / "usr/sbin", root / "usr/lib/kannel/test"
    if not (extras / "fakesmsc").exists() or not (sbin / "bearerbox").exists():
        raise SystemExit(f"no Kannel in {root}: install or unpack kannel and kannel-extras")
    folder = Path(tempfile.mkdtemp(prefix="kannel-"))
    box = Mailbox()
    threading.Thread(target=box.serve_forever, daemon=True).start()
    ports = {name: free_port() for name in ("admin", "smsbox", "smsc", "sendsms")}
    told = {**ports, "user": USER, "password": PASSWORD, "inbound": f"{box.url}/inbound/s"}
    config = folder / "kannel.conf"
    config.write_text(CONFIG.format(**told))
    url, clock = f"http://127.0.0.1:{ports['sendsms']}", SystemClock()
    account = {"username": USER, "password": PASSWORD}
    tools = Tools(HttpCaller(4), clock, OwnTokens(clock))

    def gateway(**changes: str) -> Gateway:
        settings = GatewaySettings("kannel", url, {**account, **changes}, 5.0)
        return ADAPTER.build(complete(settings, ADAPTER), tools)

    def sms(text: str, number: int, to: str = PHONE) -> OutboundSms:
        address = f"{box.url}/receipts/s?attempt=att_{number}"
        return OutboundSms(f"att_{number}", to, "UBND-LT", text, address)

    one, log = gateway(), folder / "smsc.log"
    with program(root, folder / "bearerbox.log", str(sbin / "bearerbox"), str(config)):
        until(lambda: listens(ports["smsbox"]), "bearerbox listens")
        with program(root, folder / "smsbox.log", str(sbin / "smsbox"), str(config)):
            until(lambda: listens(ports["sendsms"]), "smsbox listens")
            refused(lambda: one.send(sms("x", 90, "abc")), Fault.NUMBER, "a number that is none")
            wrong = gateway(password="other")
            refused(lambda: wrong.send(sms("x", 91)), Fault.ACCOUNT, "a wrong password")
            if one.send(sms("kept for later", 0)) != Accepted(None):
                raise SystemExit("not kept without an SMSC")
            fake = [str(extras / "fakesmsc"), "-H", "127.0.0.1", "-r", str(ports["smsc"])]
            written = ["0912345678 8088 text TC 1 & +2"]
            with program(root, log, *fake, "-i", "1", "-m", "1", *written):
                until(lambda: "kept for later" in log.read_text(), "kept, then sent")
                for number, text in enumerate(WORDS, 1):
                    if one.send(sms(text, number)) != Accepted(None):
                        raise SystemExit("not accepted")
                sent = ["kept for later", *WORDS]
                until(lambda: read_back(log.read_text()) == sent, "every word as it was sent")
                until(
                    lambda: delivered(one, box) == {f"att_{n}" for n in range(len(sent))},
                    "every message delivered",
                )
                time.sleep(2)  # whatever is not answered as Kannel likes comes again by then
                if len(box.asked) != len(set(box.asked)):
                    raise SystemExit("Kannel asked again for what we answered")
                click.echo("ok: our answers are taken")
                until(lambda: bool(box.webhooks("/inbound/")), "a citizen's SMS came")
                inbound = one.parse_inbound(box.webhooks("/inbound/")[0])
                if (inbound.sender, inbound.to, inbound.text) != (
                    "0912345678",
                    "8088",
                    "TC 1 & +2",
                ):
                    raise SystemExit("a citizen's words came otherwise")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "/"))

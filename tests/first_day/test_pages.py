"""docs/first-day.md and docs/ngay-dau.md, followed word for word.

The commands run as they stand, in one shell. Only the values of the settings are other: an empty
PostgreSQL, a real Valkey, a free port, a proxy with a certificate of its own, and the simulator's
Twilio in a rehearsal.
"""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.first_day import proxy

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGES = ("first-day.md", "ngay-dau.md")
SID, TOKEN = "AC" + "1" * 32, "2" * 32
LONGEST_S = 300  # a busy machine takes its time; a quiet one is done in some ten seconds


def commands(page: str) -> list[str]:
    """The page's blocks for a shell, in order."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def with_values(block: str, values: dict[str, str]) -> str:
    """The block of settings with these values: those that it has, and the two of a rehearsal."""
    for name, value in values.items():
        line = f"{name}={value}"
        if re.search(rf"^{name}=", block, re.MULTILINE):
            block = re.sub(rf"^{name}=.*$", line, block, flags=re.MULTILINE)
        else:
            assert name in {"BAOTIN_REHEARSAL", "BAOTIN_TWILIO_BASE_URL"}, name
            block = block.replace("\nEND\n", f"\n{line}\nEND\n")
    return block


def test_both_pages_have_the_same_commands() -> None:
    assert commands(PAGES[0]) == commands(PAGES[1])
    assert len(commands(PAGES[0])) == 13


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    return proxy.certificate(tmp_path)


@pytest.fixture
def twilio(tmp_path: Path, pem: Path) -> Iterator[dict[str, str]]:
    """The simulator's Twilio as a process of its own: its address, and where it is asked."""
    control, port = free_port(), free_port()
    env = {
        "PATH": os.environ["PATH"],
        "SSL_CERT_FILE": str(pem),
        "BAOTIN_ENV": "demo",
        "BAOTIN_DATA": str(tmp_path / "outside"),
        "BAOTIN_SIMULATOR_LISTEN": f"127.0.0.1:{control}",
        "BAOTIN_TWILIO_BASE_URL": f"http://127.0.0.1:{port}",
        "BAOTIN_TWILIO_ACCOUNT_SID": SID,
        "BAOTIN_TWILIO_AUTH_TOKEN": TOKEN,
        "BAOTIN_TWILIO_FROM_NUMBER": "+15005550006",
        "BAOTIN_SIMULATOR_TOKEN": "3" * 32,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "notifier.cli", "simulator"], env=env, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield {"url": env["BAOTIN_TWILIO_BASE_URL"], "control": f"http://127.0.0.1:{control}"}
    process.terminate()
    process.wait()
    process.stdout.close()


def test_the_first_sms_goes_out_by_the_page_alone(
    tmp_path: Path,
    pem: Path,
    twilio: dict[str, str],
    empty_database: str,
    start_valkey: Callable[..., Any],
) -> None:
    listen = f"127.0.0.1:{free_port()}"
    front = proxy.serve(f"http://{listen}", pem)
    values = {
        "BAOTIN_LISTEN": listen,
        "BAOTIN_PUBLIC_URL": f"https://localhost:{front.server_address[1]}",
        "DATABASE_URL": empty_database,
        "REDIS_URL": start_valkey("--appendonly", "yes").url,
        "BAOTIN_TWILIO_ACCOUNT_SID": SID,
        "BAOTIN_TWILIO_AUTH_TOKEN": TOKEN,
        "BAOTIN_REHEARSAL": "yes",
        "BAOTIN_TWILIO_BASE_URL": twilio["url"],
    }
    settings, *rest = commands(PAGES[0])
    folder = tmp_path / "installation"
    folder.mkdir()
    script = "\n".join(["set -e -o pipefail", with_values(settings, values), *rest])
    shell = subprocess.Popen(
        ["bash", "-c", script],
        cwd=folder,
        env={
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "SSL_CERT_FILE": str(pem),
            "CURL_CA_BUNDLE": str(pem),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = shell.communicate(timeout=LONGEST_S)
    except subprocess.TimeoutExpired:
        os.killpg(shell.pid, signal.SIGKILL)
        said, _ = shell.communicate()
        pytest.fail(f"the page was not done in {LONGEST_S} s:\n{said}")
    finally:
        front.shutdown()
        front.server_close()
    assert shell.returncode == 0, said
    assert '"state": "delivered"' in said
    assert re.search(r"^lai-thieu: not live\n  test number \+84912\*\*\*678$", said, re.MULTILINE)
    assert re.search(r"^lai-thieu: live$", said, re.MULTILINE)
    assert not re.search(r"^FAIL", said, re.MULTILINE), said
    ledger = urllib3.request("GET", f"{twilio['control']}/sim/messages").json()["messages"]
    assert [(one["gateway"], one["to"], one["from"]) for one in ledger] == [
        ("twilio", "+84912345678", "+15005550006")
    ]
    assert ledger[0]["text"].startswith("UBND P.Lai Thieu kinh bao Ong/Ba: ho so H29-1 da co")
    for secret in ("baotin.env", "key.txt"):
        assert (folder / secret).stat().st_mode & 0o077 == 0
    for log in (folder / "logs").iterdir():
        assert "912345678" not in log.read_text(), log

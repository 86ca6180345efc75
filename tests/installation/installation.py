"""An installation that works: production in a rehearsal, where the simulator plays Twilio.

The simulator's ledger says what was sent.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self

import urllib3
from sqlalchemy import select

from notifier.domain.clock import SystemClock
from notifier.store.engine import Sessions, connect
from notifier.store.tables import Message
from notifier.up import env_file, secrets
from tests.faults import world
from tests.first_day import proxy
from tests.installation.fleet import Fleet
from tests.installation.front import Front
from tests.installation.poster import Poster
from tests.installation.servers import free_ports

FIRST_TOKEN, SECOND_TOKEN = "2" * 32, "3" * 32
_SID, _NUMBER = "AC" + "1" * 32, "+15005550006"
_SETTLES_WITHIN_S = 60.0
_CODE = re.compile(r"ho so R-(\d+)")


class Key:
    """The API key in use: may be changed while others post with it."""

    def __init__(self, told: dict[str, str]) -> None:
        self.id, self.token = told["id"], told["key"]

    def __call__(self) -> str:
        return self.token


class Installation:
    """Its processes behind a proxy, its settings, and the provider; all ends with the block."""

    def __init__(self, folder: Path, database_url: str, redis_url: str) -> None:
        self.folder = folder
        self.pem = proxy.certificate(folder)
        one, other, self._control, self._twilio = free_ports(4)
        ports = one, other
        self.front = Front(ports, self.pem)
        self.file = folder / "baotin.env"
        values = {
            **secrets.fresh(),
            "BAOTIN_ENV": "production",
            "BAOTIN_REHEARSAL": "yes",
            "BAOTIN_DATA": str(folder),
            "BAOTIN_PUBLIC_URL": self.front.url,
            "BAOTIN_TRUSTED_PROXIES": "1",
            "BAOTIN_INTAKE_PER_MINUTE": "0",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "BAOTIN_GATEWAY": "twilio",
            "BAOTIN_TWILIO_ACCOUNT_SID": _SID,
            "BAOTIN_TWILIO_AUTH_TOKEN": FIRST_TOKEN,
            "BAOTIN_TWILIO_FROM_NUMBER": _NUMBER,
            "BAOTIN_TWILIO_BASE_URL": f"http://127.0.0.1:{self._twilio}",
        }
        env_file.put(self.file, values)
        self.fleet = Fleet(folder, self.file, ports, self.pem)
        self._simulator = self._start_simulator()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.fleet.stop()
        self.front.close()
        self._simulator.terminate()
        self._simulator.wait()

    def install(self) -> Key:
        """From an empty database to a source with a key, by command."""
        run = self.fleet.command
        run("migrate")
        run("seed")
        offices = self.folder / "offices.json"
        offices.write_text('[{"id": "lai-thieu", "name": "UBND P.Lái Thiêu", "phone": "1022"}]')
        run("offices", "import", str(offices))
        run("sources", "create", "motcua", "--office", "lai-thieu")
        scopes = ("--scope", "events:write", "--scope", "messages:read")
        return Key(json.loads(run("keys", "create", "motcua", *scopes, "--json")))

    def poster(self, rate: float, key: Key) -> Poster:
        """A case system that posts `rate` events a second, not begun."""
        return Poster(self.front.url, str(self.pem), rate, key)

    def account(self, **options: str) -> None:
        """What the provider says of the account from now on."""
        url = f"http://127.0.0.1:{self._control}/sim/account/twilio"
        assert urllib3.request("PUT", url, json=options).status == 204

    def sessions(self) -> Sessions:
        """Of its database, for who judges; to be disposed of."""
        url = self.fleet.env["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
        return Sessions(connect(url), SystemClock())

    def settle(self) -> None:
        """Wait until everything is handed over and its last receipt is here."""
        ends = time.monotonic() + _SETTLES_WITHIN_S
        sessions = self.sessions()
        open_ = select(Message.id).where(Message.state != "delivered").limit(1)
        while time.monotonic() < ends:
            with sessions.read() as session:
                if session.scalar(open_) is None:
                    break
            time.sleep(0.5)
        sessions.engine.dispose()

    def sent(self) -> Counter[int]:
        """How many SMS the provider's ledger holds for each event's number."""
        rows = world.ledger(f"http://127.0.0.1:{self._control}")
        return Counter(int(found[1]) for row in rows if (found := _CODE.search(row.text)))

    def complaints(self) -> list[str]:
        """What no log may hold after a change that nobody was to feel."""
        words = ("Traceback", "seal_broken", "bad_signature", "adapter_broke", "[error")
        lines = self.fleet.logs().splitlines()
        return sorted({line for line in lines if any(word in line for word in words)})

    def _start_simulator(self) -> subprocess.Popen[bytes]:
        env = {
            "PATH": os.environ["PATH"],
            "SSL_CERT_FILE": str(self.pem),
            "BAOTIN_ENV": "demo",
            "BAOTIN_DATA": str(self.folder / "outside"),
            "BAOTIN_SIMULATOR_LISTEN": f"127.0.0.1:{self._control}",
            "BAOTIN_TWILIO_BASE_URL": f"http://127.0.0.1:{self._twilio}",
            "BAOTIN_TWILIO_ACCOUNT_SID": _SID,
            "BAOTIN_TWILIO_AUTH_TOKEN": FIRST_TOKEN,
            "BAOTIN_TWILIO_FROM_NUMBER": _NUMBER,
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "notifier.cli", "simulator"], env=env, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline(), "the simulator does not start"
        return process

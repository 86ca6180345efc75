"""The database, Redis and whose clock says what."""

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from redis import Redis, RedisError
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from config.settings import Settings
from notifier import pulses, queue
from notifier.domain.clock import Clock
from notifier.domain.timing import CLOCK_JUMP
from notifier.pulses import Living
from notifier.services import encryption_keys as ring
from notifier.services.doctor.findings import Finding, fail, ok, warn
from notifier.store import counting, encryption_keys, keys, migrate
from notifier.store.engine import Sessions, StoreUnavailable, connect, database_url, told
from notifier.store.sealing import Sealer

_OLDEST_POSTGRESQL = 14
_OLDEST_REDIS = (6, 2)
_NEAR = timedelta(seconds=2)  # clocks of one installation
_FAR = timedelta(seconds=30)  # from here on, signed webhooks and look-ups go wrong
_SLOW = timedelta(minutes=1)
_STUCK = timedelta(minutes=15)


class Database:
    """The configured database, if it can be reached."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._engine: Engine | None = None
        self._current = False

    @property
    def reachable(self) -> bool:
        """Whether it answers and has the tables of this release."""
        return self._current

    def findings(self) -> Iterator[Finding]:
        url = database_url(self._settings)
        if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
            yield fail("database", "the embedded database is not there yet", "baotin migrate")
            return
        try:
            self._engine = connect(url)
            yield from self._kind(self._engine)
            held, newest = migrate.revision(self._engine), migrate.newest()
        except (SQLAlchemyError, OSError) as problem:
            yield fail(
                "database", f"does not answer: {told(problem)}", "start it; see DATABASE_URL"
            )
            return
        if held == newest:
            self._current = True
            yield ok("migrations", "the tables are this release's")
            yield from self._development_keys()
            yield from self._encryption_keys()
        elif held is None:
            yield fail("migrations", "the database is empty", "baotin migrate && baotin seed")
        else:
            said = f"the tables stand at step {held}, this release at {newest}"
            yield fail("migrations", said, "baotin migrate, or run the release that fits")

    def _kind(self, engine: Engine) -> Iterator[Finding]:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.execute(text("SELECT count(*) FROM sqlite_master"))
                yield ok("database", "embedded (SQLite), one API process")
                return
            number = int(str(connection.execute(text("SHOW server_version_num")).scalar_one()))
            words = str(connection.execute(text("SHOW server_version")).scalar_one())
        if number // 10000 < _OLDEST_POSTGRESQL:
            said = f"PostgreSQL {words} is too old"
            yield fail("database", said, f"take PostgreSQL {_OLDEST_POSTGRESQL} or later")
        else:
            yield ok("database", f"PostgreSQL {words}")

    def _development_keys(self) -> Iterator[Finding]:
        if self._settings.is_demo or self._engine is None:
            return
        sessions = Sessions(self._engine, self._clock)
        with sessions.read() as session:
            found = keys.valid_development_keys(session, sessions.now(session))
        if found:
            said = (
                f"{len(found)} key(s) made by a demo are in the database; production refuses them"
            )
            yield warn("keys", said, f"baotin keys revoke {found[0]}")

    def _encryption_keys(self) -> Iterator[Finding]:
        if self._engine is None or not self._settings.encryption_keys:
            return
        sealer = Sealer(self._settings.encryption_keys)
        with Sessions(self._engine, self._clock).read() as session:
            known = encryption_keys.known(session)
        wrong = list(ring.problems(known, sealer))
        for problem in wrong:
            yield fail("encryption keys", problem, "see docs/production.md, Rotation")
        old = [key for key in ring.of_ring(known, sealer) if key.in_ring and not key.seals]
        for key in old:
            if key.needed:
                said = f"rows still need the old key {key.name}"
                yield warn("encryption keys", said, "leave it in the ring; baotin secrets reseal")
            else:
                said = f"no row needs the key {key.name}"
                do = f"baotin secrets drop-key {key.name} --file FILE, unless it is to seal next"
                yield warn("encryption keys", said, do)
        if not (wrong or old):
            yield ok("encryption keys", f"every row opens with {sealer.seals_with} alone")

    def now(self) -> datetime | None:
        """PostgreSQL's clock; none where the database has none of its own."""
        if self._engine is None or self._engine.dialect.name != "postgresql":
            return None
        sessions = Sessions(self._engine, self._clock)
        with suppress(StoreUnavailable), sessions.read() as session:
            return sessions.now(session)
        return None

    def backlog(self) -> Iterator[Finding]:
        """What waits, and what waits for a person."""
        if not self._current or self._engine is None:
            return
        sessions = Sessions(self._engine, self._clock)
        try:
            with sessions.read() as session:
                now = sessions.now(session)
                oldest = counting.oldest_due(session, now)
                alerts = counting.open_alerts(session)
                waiting = counting.open_messages(session)
        except StoreUnavailable as problem:
            yield fail("backlog", f"cannot be told: {told(problem)}", "look at the database")
            return
        waited = now - oldest if oldest else timedelta()
        counts = ", ".join(f"{count} {state}" for state, count in waiting.items() if count)
        said = f"the oldest due message waits for {_span(waited)}; {counts or 'nothing is open'}"
        if waited > _STUCK:
            yield fail("backlog", said, "see the workers and gateways above, and their logs")
        elif waited > _SLOW:
            yield warn("backlog", said, "see the workers and gateways above")
        else:
            yield ok("backlog", said)
        if alerts:
            yield warn("alerts", f"{alerts} open", "see /admin/, or the logs of the workers")

    def close(self) -> None:
        if self._engine is not None:
            self._engine.dispose()


class Broker:
    """The configured Redis, if it can be reached."""

    def __init__(self, settings: Settings) -> None:
        self._redis: Redis | None = (
            queue.connect(settings.redis_url) if settings.redis_url else None
        )

    def findings(self) -> Iterator[Finding]:
        if self._redis is None:
            yield fail("redis", "REDIS_URL is not set", "set it to a Redis or Valkey")
            return
        try:
            server = self._redis.info()
            lossy = queue.policy_problem(self._redis)
        except (RedisError, ValueError) as problem:
            self._redis = None
            do = "start it, or mend REDIS_URL. Intake goes on without it"
            yield fail("redis", queue.told(problem), do)
            return
        version = str(server.get("redis_version", "0"))
        if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST_REDIS:
            yield fail(
                "redis", f"version {version} is too old", "take Redis 6.2 or later, or Valkey"
            )
        elif lossy:
            yield fail("redis", lossy, "CONFIG SET maxmemory-policy noeviction, and in its file")
        else:
            yield ok("redis", f"version {version}, maxmemory-policy noeviction")
        yield from _persistence(server)

    def living(self) -> list[Living] | None:
        """Every process with a pulse; none where Redis cannot tell."""
        if self._redis is None:
            return None
        try:
            return pulses.living(self._redis)
        except RedisError:
            return None

    def now(self) -> datetime | None:
        if self._redis is None:
            return None
        with suppress(RedisError):
            seconds, microseconds = self._redis.time()
            return datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=microseconds)
        return None

    def close(self) -> None:
        if self._redis is not None:
            self._redis.close()


def _persistence(server: dict[str, object]) -> Iterator[Finding]:
    broken = [
        name
        for name in ("rdb_last_bgsave_status", "aof_last_write_status", "aof_last_bgrewrite_status")
        if server.get(name, "ok") != "ok"
    ]
    if broken:
        said = f"Redis cannot write its files ({', '.join(broken)}), and may refuse to take more"
        yield fail("persistence", said, "see Redis' log and its disk")
    elif server.get("aof_enabled"):
        yield ok("persistence", "append-only file")
    else:
        said = "no append-only file: after a Redis restart the sweep finds what is due in seconds"
        yield ok("persistence", said)


def clocks(database: Database, redis: Broker, clock: Clock) -> Iterator[Finding]:
    """This machine's clock against the database's, Redis' and its own monotonic one."""
    worst, whose = timedelta(), ""
    for name, read in (("the database", database.now), ("Redis", redis.now)):
        before = clock.now()
        theirs = read()
        after = clock.now()
        if theirs is None:
            continue
        off = max(before - theirs, theirs - after, timedelta())
        if off >= worst:
            worst, whose = off, name
    wall, monotonic = clock.now(), clock.monotonic()
    time.sleep(0.1)
    jump = abs((clock.now() - wall) - timedelta(seconds=clock.monotonic() - monotonic))
    do = "let NTP keep the clocks of all machines (timedatectl, chrony)"
    if jump > CLOCK_JUMP:
        yield fail("clock", f"this machine's clock just jumped by {_span(jump)}", do)
    elif worst > _FAR:
        yield fail("clock", f"{_span(worst)} away from that of {whose}", do)
    elif worst > _NEAR:
        yield warn("clock", f"{_span(worst)} away from that of {whose}", do)
    else:
        yield ok("clock", f"within {_span(_NEAR)} of all clocks that can be asked")


def _span(span: timedelta) -> str:
    seconds = span.total_seconds()
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}"
    return f"{seconds:.0f} s"

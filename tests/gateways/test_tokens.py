"""Tokens, whoever keeps them: in one process, and in the database that several share."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from config.settings import Key
from gateways.base import Deferred, Fault, Rejected
from gateways.tokens import MARGIN, OwnTokens, Token, Tokens
from notifier.domain.clock import ManualClock
from notifier.domain.timing import LEASE
from notifier.services.tokens import SharedTokens
from notifier.services.wiring import Wiring
from notifier.store import tokens as rows
from notifier.store.engine import Sessions, connect
from notifier.store.migrate import upgrade_engine
from notifier.store.sealing import Sealer

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LIFE = timedelta(hours=1)


class Provider:
    """Gives numbered tokens whose refresh part works once."""

    def __init__(self, clock: ManualClock, takes_s: float = 0.0) -> None:
        self._clock = clock
        self._takes_s = takes_s
        self.given = 0
        self.asked_with: list[str | None] = []
        self.fails: Exception | None = None

    def renew(self, last: Token | None, within_s: float) -> Token:
        assert within_s > 0
        self.asked_with.append(last.refresh if last else None)
        time.sleep(self._takes_s)
        if self.fails is not None:
            raise self.fails
        if last is not None and last.refresh != f"refresh-{self.given}":
            raise Rejected(Fault.ACCOUNT, "refresh_token_used")
        self.given += 1
        return Token(f"access-{self.given}", self._clock.now() + LIFE, f"refresh-{self.given}")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def provider(clock: ManualClock) -> Provider:
    return Provider(clock)


def shared(wiring: Wiring, clock: ManualClock) -> SharedTokens:
    """Another process' view of the same database."""
    sessions = Sessions(wiring.sessions.engine, clock)
    return SharedTokens(sessions=sessions, sealer=wiring.sealer, clock=clock)


@pytest.fixture(params=["own", "shared"])
def tokens(request: pytest.FixtureRequest, clock: ManualClock, wiring: Wiring) -> Tokens:
    return OwnTokens(clock) if request.param == "own" else shared(wiring, clock)


def test_a_token_is_used_until_it_is_about_to_end(
    tokens: Tokens, provider: Provider, clock: ManualClock
) -> None:
    assert tokens.get("zalo", provider.renew, within_s=20).access == "access-1"
    clock.advance(LIFE - MARGIN - timedelta(seconds=1))
    assert tokens.get("zalo", provider.renew, within_s=20).access == "access-1"
    clock.advance(timedelta(seconds=1))
    assert tokens.get("zalo", provider.renew, within_s=20).access == "access-2"
    assert provider.asked_with == [None, "refresh-1"]


def test_a_refused_token_is_renewed_once_for_all_who_had_it(
    tokens: Tokens, provider: Provider
) -> None:
    first = tokens.get("zalo", provider.renew, within_s=20)
    for _ in range(3):
        assert tokens.get("zalo", provider.renew, within_s=20, refused=first).access == "access-2"
    assert tokens.get("fpt", Provider(ManualClock(NOW)).renew, within_s=20).access == "access-1"


def test_what_the_provider_refuses_is_told_and_tried_again(
    tokens: Tokens, provider: Provider
) -> None:
    provider.fails = Rejected(Fault.ACCOUNT, "wrong_secret")
    for _ in range(2):
        with pytest.raises(Rejected):
            tokens.get("zalo", provider.renew, within_s=20)
    provider.fails = None
    assert tokens.get("zalo", provider.renew, within_s=20).access == "access-1"


def test_of_many_threads_in_two_processes_exactly_one_renews(
    wiring: Wiring, clock: ManualClock
) -> None:
    provider = Provider(clock, takes_s=0.1)
    processes = [shared(wiring, clock), shared(wiring, clock)]
    together = threading.Barrier(16)

    def ask(number: int) -> str:
        together.wait()
        return processes[number % 2].get("zalo", provider.renew, within_s=20).access

    for round_ in (1, 2):
        with ThreadPoolExecutor(16) as pool:
            assert set(pool.map(ask, range(16))) == {f"access-{round_}"}
        clock.advance(LIFE)
    assert provider.given == 2


def test_a_pair_survives_the_process_and_lies_sealed(
    wiring: Wiring, clock: ManualClock, provider: Provider
) -> None:
    shared(wiring, clock).get("zalo", provider.renew, within_s=20)
    clock.advance(LIFE)
    assert shared(wiring, clock).get("zalo", provider.renew, within_s=20).access == "access-2"
    with wiring.sessions.read() as session:
        row = session.execute(text("SELECT * FROM gateway_tokens")).one()
    assert b"access" not in repr(tuple(row)).encode()
    assert "access" not in repr(provider.renew(None, 1))


def take_lease(wiring: Wiring, clock: ManualClock, lease: timedelta) -> None:
    """What a process leaves behind that is killed while it renews."""
    with wiring.sessions.begin() as session:
        assert rows.lease(session, "zalo", now=clock.now(), lease=lease) is not None


def test_who_dies_while_renewing_is_succeeded_when_the_lease_is_out(
    wiring: Wiring, clock: ManualClock, provider: Provider
) -> None:
    take_lease(wiring, clock, LEASE)
    with pytest.raises(Deferred, match="token_busy"):
        shared(wiring, clock).get("zalo", provider.renew, within_s=0.2)
    clock.advance(LEASE)
    assert shared(wiring, clock).get("zalo", provider.renew, within_s=20).access == "access-1"


def test_a_lease_that_ends_impossibly_late_counts_as_out(
    wiring: Wiring, clock: ManualClock, provider: Provider
) -> None:
    take_lease(wiring, clock, LEASE * 9)
    assert shared(wiring, clock).get("zalo", provider.renew, within_s=20).access == "access-1"


def test_a_pair_that_the_database_cannot_take_is_used_and_stored_later(
    clock: ManualClock, provider: Provider, tmp_path: Path
) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'tokens.sqlite3'}")
    upgrade_engine(engine)
    sessions, sealer = Sessions(engine, clock), Sealer((Key("k", b"k" * 32),))

    def process() -> SharedTokens:
        return SharedTokens(sessions=sessions, sealer=sealer, clock=clock)

    def rename(old: str, new: str) -> None:
        with engine.connect() as connection:
            connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
            connection.commit()

    def renew(last: Token | None, within_s: float) -> Token:
        rename("gateway_tokens", "away")  # the database is gone when the answer comes
        return provider.renew(last, within_s)

    tokens = process()
    assert tokens.get("zalo", renew, within_s=20).access == "access-1"
    rename("away", "gateway_tokens")
    assert tokens.get("zalo", provider.renew, within_s=20).access == "access-1"
    assert process().get("zalo", provider.renew, within_s=20).access == "access-1"
    assert provider.given == 1
    engine.dispose()


def test_a_database_that_is_away_defers_the_call(
    clock: ManualClock, provider: Provider, tmp_path: Path
) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'empty.sqlite3'}")  # no tables: nothing answers
    sealer = Sealer((Key("k", b"k" * 32),))
    tokens = SharedTokens(sessions=Sessions(engine, clock), sealer=sealer, clock=clock)
    with pytest.raises(Deferred, match="token_unavailable"):
        tokens.get("zalo", provider.renew, within_s=20)
    engine.dispose()


def test_a_pair_renewed_late_does_not_overwrite_a_newer_one(
    wiring: Wiring, clock: ManualClock, provider: Provider
) -> None:
    def slow(last: Token | None, within_s: float) -> Token:
        clock.advance(LEASE + timedelta(seconds=1))  # frozen for longer than its lease
        assert shared(wiring, clock).get("zalo", provider.renew, within_s=20).access == "access-1"
        return Token("late", clock.now() + LIFE, "late")

    frozen = shared(wiring, clock)
    assert frozen.get("zalo", slow, within_s=20).access == "late"
    assert frozen.get("zalo", provider.renew, within_s=20).access == "access-1"
    assert shared(wiring, clock).get("zalo", provider.renew, within_s=20).access == "access-1"

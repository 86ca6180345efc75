"""The doctor: each part by itself, what is wrong and what to do, and never an exception."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import text

from config import gateways_file
from config.gateways import variable
from config.settings import Key, Settings
from notifier import queue
from notifier.commands.printing import json_of
from notifier.domain.clock import SystemClock
from notifier.pulses import About, Role
from notifier.services import encryption_keys, going_live, keys, pauses
from notifier.services.doctor import Finding, Health, examine, names
from notifier.services.resealing import Resealer
from notifier.services.wiring import Wiring, wire
from notifier.store.sealing import Sealer

OK, WARN, FAIL = Health.OK, Health.WARN, Health.FAIL


@pytest.fixture
def fit(production_settings: Settings, wiring: Wiring) -> Settings:
    """An installation without a demo's keys, whose public address refuses at once."""
    for key in keys.list_keys(wiring=wiring):
        keys.revoke(key.id, wiring=wiring)
    return replace(production_settings, public_url="https://127.0.0.1:1")


@pytest.fixture
def living(redis_url: str) -> Iterator[Callable[..., None]]:
    """Makes a process live: `living(Role.API, encryption_keys=("k2",))`."""
    with closing(queue.connect(redis_url)) as redis:
        redis.flushall()

        def live(role: Role, **changed: Any) -> None:
            about = replace(About("node-1", 7, version("baotin"), ("k1",)), **changed)
            redis.set(f"baotin:pulse:{role}:one", json_of(asdict(about)), ex=60)

        for role in Role:
            live(role)
        yield live
        redis.flushall()


def told(settings: Settings, clock: SystemClock | None = None) -> dict[str, Finding]:
    """By part, the worst that is said of it."""
    worst: dict[str, Finding] = {}
    for found in examine(settings, clock=clock or SystemClock()):
        held = worst.get(found.part)
        if held is None or [OK, WARN, FAIL].index(found.health) >= [OK, WARN, FAIL].index(
            held.health
        ):
            worst[found.part] = found
        assert found.health is OK or found.do, found
    return worst


def not_ok(settings: Settings, clock: SystemClock | None = None) -> dict[str, Health]:
    return {part: one.health for part, one in told(settings, clock).items() if one.health is not OK}


# A rehearsal and an address that leads nowhere are what the fixtures are.
AS_IT_IS = {"settings": WARN, "public address": WARN}


def test_of_a_sound_installation_every_part_is_ok(
    fit: Settings, living: Callable[..., None]
) -> None:
    found = told(fit)
    assert {part: one.health for part, one in found.items() if one.health is not OK} == AS_IT_IS
    assert set(found) == {
        *("settings", "database", "migrations", "encryption keys", "redis", "persistence", "clock"),
        *(f"process {role}" for role in Role),
        *("gateway twilio", "public address", "offices", "disk", "files", "backlog"),
    }
    assert found["gateway twilio"].said == "takes our credentials"


def test_offices_that_are_not_live_are_named_without_those_below_them(
    fit: Settings, living: Callable[..., None], wiring: Wiring
) -> None:
    going_live.say_live("thuan-an", False, by=None, wiring=wiring)
    said = told(fit)["offices"]
    assert (said.health, said.do) == (WARN, "once all is tried: baotin offices go-live thuan-an")
    assert said.said == "not live: thuan-an; only test numbers get their messages"


def test_a_misspelt_setting_is_told_with_what_is_meant(fit: Settings) -> None:
    given = {
        "BAOTIN_ENCRYPTON_KEYS": "BAOTIN_ENCRYPTION_KEYS",
        "BAOTIN_TWILIO_AUTH_TOKN": "BAOTIN_TWILIO_AUTH_TOKEN",
        "BAOTIN_LISTEN": "",
        "BAOTIN_ESMS_API_KEY": "",  # of an adapter that is not in use
        "BAOTIN_SECRET_FOR_THE_CITY": "",
        "PATH": "",
    }
    found = {one.said.split()[0]: one for one in names.misspelt(given, fit)}
    assert {name: one.do.split("?")[0] for name, one in found.items()} == {
        name: f"do you mean {meant}" for name, meant in given.items() if meant
    }
    assert {one.health for one in found.values()} == {WARN}


def test_settings_that_are_wrong_hide_no_other_part(
    fit: Settings, living: Callable[..., None]
) -> None:
    found = told(replace(fit, encryption_keys=(), hash_key=b"x" * 32, rehearsal=False))
    assert found["settings"].health is FAIL
    assert found["database"].health is OK
    assert found["redis"].health is OK
    assert found["gateways"].health is WARN


def test_a_database_that_is_away_hides_no_other_part(
    fit: Settings, living: Callable[..., None], tmp_path: Path
) -> None:
    for url in (f"sqlite:///{tmp_path / 'none'}", "postgresql://nobody@127.0.0.1:1/none"):
        away = replace(fit, database_url=url)
        assert not_ok(away) == {**AS_IT_IS, "database": FAIL}
    assert not (tmp_path / "none").exists()


def test_tables_of_another_release_are_told(
    fit: Settings, living: Callable[..., None], wiring: Wiring
) -> None:
    def stand_at(step: str | None) -> Health:
        with wiring.sessions.begin() as session:
            session.execute(text("DELETE FROM alembic_version"))
            if step:
                session.execute(text("INSERT INTO alembic_version VALUES (:step)"), {"step": step})
        living(Role.API)
        return told(fit)["migrations"].health

    assert [stand_at(step) for step in ("0001", "9999", None)] == [FAIL] * 3


def test_keys_of_the_ring_are_told_by_whether_rows_need_them(
    fit: Settings, living: Callable[..., None], wiring: Wiring
) -> None:
    (first,) = fit.encryption_keys
    second = Key("k2", bytes(range(32)))
    encryption_keys.adopt(sessions=wiring.sessions, sealer=Sealer([first]))

    def with_ring(*ring: Key) -> Finding:
        for role in Role:
            living(role, encryption_keys=tuple(key.name for key in ring))
        return told(replace(fit, encryption_keys=ring))["encryption keys"]

    assert with_ring(first).health is OK
    rotated = with_ring(second, first)
    assert (rotated.health, rotated.said) == (WARN, "rows still need the old key k1")
    assert with_ring(second).health is FAIL
    assert with_ring(Key("k1", bytes(range(32)))).health is FAIL
    for role in Role:
        living(role, encryption_keys=("k2", "k1"))
    sealer = Sealer([second, first])
    list(Resealer(wiring.sessions, sealer, wiring.redis, wiring.clock).work())
    assert "drop-key k1" in with_ring(second, first).do
    assert with_ring(second).health is OK


@pytest.mark.usefixtures("living")
def test_a_redis_that_is_away_or_lossy_or_cannot_write_is_told(
    fit: Settings, start_valkey: Callable[..., Any], tmp_path: Path
) -> None:
    away = not_ok(replace(fit, redis_url=f"unix://{tmp_path / 'none.sock'}"))
    assert away == {**AS_IT_IS, "redis": FAIL, "processes": WARN}
    lossy = start_valkey("--maxmemory-policy", "allkeys-lru")
    assert told(replace(fit, redis_url=lossy.url))["redis"].health is FAIL
    broken = start_valkey("--dbfilename", "dump.rdb", "--stop-writes-on-bgsave-error", "yes")
    with closing(Redis.from_url(broken.url)) as redis:
        Path(broken.path.parent, "dump.rdb").mkdir()  # nothing can be written there now
        redis.set("something", "1")
        redis.bgsave()
        while redis.info()["rdb_bgsave_in_progress"]:
            pass
    assert told(replace(fit, redis_url=broken.url))["persistence"].health is FAIL


def test_a_process_that_is_not_there_is_told_with_its_command(
    fit: Settings, living: Callable[..., None], redis_url: str
) -> None:
    with closing(queue.connect(redis_url)) as redis:
        redis.delete("baotin:pulse:scheduler:one")
    found = told(fit)["process scheduler"]
    assert (found.health, found.do) == (FAIL, "baotin scheduler")


def test_processes_that_are_not_alike_are_told(fit: Settings, living: Callable[..., None]) -> None:
    living(Role.API, release="0.0.1")
    assert not_ok(fit) == {**AS_IT_IS, "releases": WARN}
    living(Role.API, jumped_by_s=-600.0)
    assert not_ok(fit) == {**AS_IT_IS, "clock": WARN}
    living(Role.API, encryption_keys=("k0",))
    assert not_ok(fit) == {**AS_IT_IS, "keys": FAIL}
    more = replace(fit, encryption_keys=(*fit.encryption_keys, Key("k2", bytes(range(32)))))
    assert told(more)["keys"].health is FAIL


@pytest.mark.parametrize(("ahead", "health"), [(10, WARN), (-600, FAIL), (3600, FAIL)])
def test_a_clock_that_differs_is_told(
    fit: Settings, living: Callable[..., None], ahead: int, health: Health
) -> None:
    class Ahead(SystemClock):
        def now(self) -> datetime:
            return super().now() + timedelta(seconds=ahead)

    assert told(fit, Ahead())["clock"].health is health


def test_a_provider_that_refuses_us_or_does_not_answer_is_told(
    fit: Settings, living: Callable[..., None]
) -> None:
    def with_option(name: str, value: str) -> Finding:
        options = {**fit.adapter_options, variable("twilio", name): value}
        return told(replace(fit, adapter_options=options))["gateway twilio"]

    assert with_option("auth_token", "0" * 32).health is FAIL
    assert with_option("base_url", "http://127.0.0.1:1").health is WARN


def test_a_paused_gateway_is_told(fit: Settings, living: Callable[..., None]) -> None:
    production = wire(fit)
    pauses.pause("twilio", by=None, wiring=production)
    production.close()
    found = told(fit)["gateway twilio"]
    assert found.health is FAIL
    assert found.do.endswith("baotin gateways resume twilio")


def test_a_demos_keys_in_the_database_are_told(
    fit: Settings, living: Callable[..., None], wiring: Wiring
) -> None:
    made = keys.create("demo", ["events:write"], wiring=wiring)
    found = told(fit)["keys"]
    assert found.health is WARN
    assert "baotin keys revoke key_" in found.do
    assert made.token not in str(found)


def test_a_data_folder_that_others_may_look_into_is_told(
    fit: Settings, living: Callable[..., None], tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)
    assert told(fit)["files"].do == f"chmod 700 {tmp_path}"


@pytest.mark.parametrize(("minutes", "health"), [(0, OK), (5, WARN), (60, FAIL)])
def test_a_backlog_is_told_by_the_age_of_its_oldest_message(
    make_world: Callable[..., Any],
    new_event: Callable[..., Any],
    fit: Settings,
    living: Callable[..., None],
    minutes: int,
    health: Health,
) -> None:
    world = make_world()
    world.post(new_event())
    for role in Role:
        living(role)
    with world.wiring.sessions.begin() as session:
        due = SystemClock().now() - timedelta(minutes=minutes)
        session.execute(
            text("UPDATE messages SET send_at = :due").bindparams(
                **{"due": due if session.get_bind().dialect.name == "postgresql" else micro(due)}
            )
        )
    found = told(fit)["backlog"]
    assert found.health is health
    assert "1 queued" in found.said


def micro(instant: datetime) -> int:
    return int(instant.timestamp() * 1_000_000)


def test_nothing_at_all_is_still_an_answer(tmp_path: Path) -> None:
    nothing = Settings.from_env({"BAOTIN_DATA": str(tmp_path / "none")})
    found = told(nothing)
    assert found["settings"].health is FAIL
    assert found["database"].do == "baotin migrate"
    assert not (tmp_path / "none").exists()


def test_a_process_that_runs_with_an_older_gateways_file_needs_a_restart(
    fit: Settings, living: Callable[..., None], tmp_path: Path
) -> None:
    file = tmp_path / "gateways.toml"
    file.write_text('[gateways.twilio]\naccount_sid = "AC1"')
    described = gateways_file.read(file, {}, fit.hash_key)
    changed = replace(fit, gateways_file=str(file), described=described)
    for role in Role:
        living(role, gateways=described.fingerprints)
    assert "gateways file" not in told(changed)
    living(Role.SEND)
    found = told(changed)["gateways file"]
    assert (found.health, found.do) == (WARN, "restart needed: restart it")
    assert found.said == (
        "send (process 7 on node-1) has other settings of twilio, the route than the file now"
    )

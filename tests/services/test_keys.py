"""API keys: made once by name, rotated with both valid for a while, refused when they are over."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from config.settings import Environment, Settings
from notifier.domain.clock import ManualClock
from notifier.services import keys
from notifier.services.keys import KeyDiffers, KeyOver, KeyState
from notifier.services.views import NotAuthenticated, NotFound
from notifier.services.wiring import Wiring, wire

DAY = timedelta(hours=24)


def test_a_named_key_is_made_once_and_its_token_told_once(wiring: Wiring) -> None:
    made = keys.ensure("demo", "main", ["events:write"], wiring=wiring)
    assert made.created
    assert keys.authenticate(made.token or "", wiring=wiring).scopes == {"events:write"}
    again = keys.ensure("demo", "main", ["events:write"], wiring=wiring)
    assert (again.id, again.token, again.created) == (made.id, None, False)
    with pytest.raises(KeyDiffers):
        keys.ensure("demo", "main", ["messages:read"], wiring=wiring)
    other = keys.ensure("demo", "reports", ["messages:read"], wiring=wiring)
    assert other.created
    keys.revoke(made.id, wiring=wiring)
    assert keys.ensure("demo", "main", ["messages:read"], wiring=wiring).created
    with pytest.raises(NotFound):
        keys.ensure("nobody", "main", ["events:write"], wiring=wiring)


def test_a_rotated_key_is_valid_beside_its_successor_and_then_no_more(
    make_world: Callable[..., Any],
) -> None:
    world = make_world()
    old = keys.ensure("demo", "main", ["events:write"], wiring=world.wiring)
    new = keys.rotate(old.id, keep=DAY, wiring=world.wiring)
    assert new.created
    assert new.old_expires_at == world.clock.now() + DAY
    again = keys.rotate(old.id, keep=DAY, wiring=world.wiring)
    assert (again.id, again.created, again.old_expires_at) == (new.id, False, new.old_expires_at)
    world.clock.advance(DAY - timedelta(seconds=1))
    for token in (old.token, new.token):
        assert keys.authenticate(token or "", wiring=world.wiring).scopes == {"events:write"}
    world.clock.advance(timedelta(seconds=1))
    with pytest.raises(NotAuthenticated):
        keys.authenticate(old.token or "", wiring=world.wiring)
    assert keys.authenticate(new.token or "", wiring=world.wiring).key_id == new.id
    with pytest.raises(KeyOver):
        keys.rotate(old.id, keep=DAY, wiring=world.wiring)
    states = {key.id: key.state for key in keys.list_keys("demo", wiring=world.wiring)}
    assert (states[old.id], states[new.id]) == (KeyState.EXPIRED, KeyState.VALID)


def test_a_successor_that_was_revoked_gives_way_to_another(wiring: Wiring) -> None:
    old = keys.ensure("demo", "main", ["events:write"], wiring=wiring)
    lost = keys.rotate(old.id, keep=DAY, wiring=wiring)
    keys.revoke(lost.id, wiring=wiring)
    found = keys.rotate(old.id, keep=DAY, wiring=wiring)
    assert found.created
    assert found.id != lost.id
    assert keys.ensure("demo", "main", ["events:write"], wiring=wiring).id == found.id


def test_a_revoked_key_is_neither_taken_nor_rotated_and_revoking_twice_is_harmless(
    wiring: Wiring,
) -> None:
    made = keys.ensure("demo", "main", ["events:write"], wiring=wiring)
    assert keys.revoke(made.id, wiring=wiring)
    assert not keys.revoke(made.id, wiring=wiring)
    with pytest.raises(NotAuthenticated):
        keys.authenticate(made.token or "", wiring=wiring)
    with pytest.raises(KeyOver):
        keys.rotate(made.id, keep=DAY, wiring=wiring)
    for lost in (keys.revoke, lambda id, wiring: keys.rotate(id, keep=DAY, wiring=wiring)):
        with pytest.raises(NotFound):
            lost("key_none", wiring=wiring)


def test_production_takes_no_key_that_a_demo_made(wiring: Wiring) -> None:
    made = keys.create("demo", ["events:write"], wiring=wiring)
    assert made.token.startswith("bt_demo_")
    production = replace(
        wiring, settings=replace(wiring.settings, environment=Environment.PRODUCTION)
    )
    with pytest.raises(NotAuthenticated):
        keys.authenticate(made.token, wiring=production)
    real = keys.create("demo", ["events:write"], wiring=production)
    assert not real.token.startswith("bt_demo_")
    assert keys.authenticate(real.token, wiring=production).key_id == real.id
    listed = {key.id: key.development for key in keys.list_keys(wiring=wiring)}
    assert (listed[made.id], listed[real.id]) == (True, False)


def test_every_change_stands_in_the_audit_log_and_what_changed_nothing_does_not(
    wiring: Wiring,
) -> None:
    made = keys.ensure("demo", "main", ["events:write"], wiring=wiring)
    keys.ensure("demo", "main", ["events:write"], wiring=wiring)
    for _ in range(2):
        keys.rotate(made.id, keep=DAY, wiring=wiring)
    for _ in range(2):
        keys.revoke(made.id, wiring=wiring)
    with wiring.sessions.read() as session:
        actions = session.execute(
            text("SELECT action, after FROM audit WHERE object = :key ORDER BY id"),
            {"key": made.id},
        ).all()
    assert [row.action for row in actions] == ["key.created", "key.rotated", "key.revoked"]
    assert (made.token or "") not in str(actions)


def test_the_last_use_is_written_at_most_once_a_minute(settings: Settings, wiring: Wiring) -> None:
    """Each write is a commit: a busy source would otherwise cost one a request."""
    clock = ManualClock(datetime(2026, 11, 24, tzinfo=UTC))
    at = wire(settings, clock=clock)
    made = keys.create("demo", ["events:write"], wiring=at)

    def used_at() -> datetime | None:
        keys.authenticate(made.token, wiring=at)
        return next(key for key in keys.list_keys(wiring=at) if key.id == made.id).last_used_at

    first = clock.now()
    assert used_at() == first
    clock.advance(timedelta(seconds=59))
    assert used_at() == first
    clock.advance(timedelta(seconds=1))
    assert used_at() == first + timedelta(minutes=1)
    at.close()


def test_a_key_is_stored_only_as_a_hash(wiring: Wiring) -> None:
    made = keys.create("demo", ["events:write"], wiring=wiring)
    with wiring.sessions.engine.connect() as connection:
        stored = repr(connection.exec_driver_sql("SELECT * FROM api_keys").all())
    assert made.token not in stored
    assert made.token.removeprefix("bt_demo_").removeprefix("bt_") not in stored
    assert made.token not in repr(made)

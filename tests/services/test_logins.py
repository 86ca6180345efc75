"""Logging in: refused alike, slowed and never locked out, a session's life, the second factor."""

import threading
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from notifier.domain.people import Grant, Role
from notifier.services import logins, people, second_factor
from notifier.services.logins import From
from notifier.services.passwords import Passwords
from notifier.services.throttling import ACCOUNT, ADDRESS, CODE, PAIR
from notifier.services.views import (
    BadFields,
    LoginRefused,
    NotAuthenticated,
    SecondFactorNeeded,
    TooManyTries,
)
from notifier.services.wiring import Wiring

EMAIL, PASSWORD = "anh@office.example", "a password of one's own"
NEW = "another password of one's own"
HERE = From("192.0.2.1")


@dataclass
class Door:
    """Logins of one account at a clock that stands still."""

    wiring: Wiring
    clock: Any
    user_id: str

    def knock(self, password: str = PASSWORD, code: str | None = None, **changes: Any) -> Any:
        email = changes.pop("email", EMAIL)
        origin = changes.pop("origin", HERE)
        return logins.log_in(email, password, code, origin=origin, wiring=self.wiring)

    def fail(self, times: int, **changes: Any) -> None:
        for _ in range(times):
            with pytest.raises(LoginRefused):
                self.knock("a wrong password", **changes)

    def wait(self, seconds: float) -> None:
        self.clock.advance(timedelta(seconds=seconds))


@pytest.fixture
def door(make_world: Callable[..., Any], quick_passwords: Passwords) -> Door:
    world = make_world(passwords=quick_passwords)
    made = people.create(
        EMAIL, "Anh", [Grant(Role.EDITOR, "lai-thieu")], PASSWORD, by=None, wiring=world.wiring
    )
    return Door(world.wiring, world.clock, made.user.id)


def test_a_right_password_opens_a_session_that_speaks_for_the_person(door: Door) -> None:
    opened = door.knock(email=" ANH@office.example")
    staff = logins.authenticate(opened.token, wiring=door.wiring)
    assert (staff.id, staff.grants) == (door.user_id, (Grant(Role.EDITOR, "lai-thieu"),))
    assert opened.token not in repr(opened)


def test_every_wrong_login_is_refused_alike(door: Door) -> None:
    people.create(
        "gone@office.example", "Gone", [Grant(Role.VIEWER, None)], PASSWORD, by=None,
        wiring=door.wiring,
    )  # fmt: skip
    gone = people.find("gone@office.example", wiring=door.wiring)
    people.set_disabled(gone, True, by=None, wiring=door.wiring)
    for email in (EMAIL, "nobody@office.example", "gone@office.example", "no address"):
        password = PASSWORD if email.startswith("gone") else "a wrong password"
        with pytest.raises(LoginRefused):
            door.knock(password, email=email)


def test_after_five_failures_each_doubles_the_wait_up_to_a_minute(door: Door) -> None:
    door.fail(PAIR.free)
    waits = []
    for _ in range(8):
        with pytest.raises(TooManyTries) as slowed:
            door.knock()
        waits.append(slowed.value.retry_after_s)
        door.wait(slowed.value.retry_after_s)
        door.fail(1)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    door.wait(60)
    assert door.knock().staff.id == door.user_id


def test_many_attempts_at_once_gain_nothing(door: Door) -> None:
    outcomes: list[type[Exception]] = []
    start = threading.Barrier(16)

    def try_it() -> None:
        start.wait()
        try:
            door.knock("a wrong password")
        except (LoginRefused, TooManyTries) as refused:
            outcomes.append(type(refused))

    threads = [threading.Thread(target=try_it) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count(LoginRefused), len(outcomes)) == (PAIR.free, 16)


def test_an_attacker_elsewhere_does_not_keep_the_person_out(door: Door) -> None:
    door.fail(PAIR.free, origin=From("198.51.100.7"))
    with pytest.raises(TooManyTries):
        door.knock(origin=From("198.51.100.7"))
    assert door.knock().staff.id == door.user_id


def test_whoever_logged_in_from_a_browser_is_not_slowed_by_others_at_all(door: Door) -> None:
    device = door.knock().device
    for last in range(ACCOUNT.free // PAIR.free):  # a flood on the account, from many addresses
        door.fail(PAIR.free, origin=From(f"198.51.100.{last}"))
    with pytest.raises(TooManyTries):
        door.knock(origin=From("203.0.113.9"))
    door.wait(2)
    for number in range(ADDRESS.free):  # and a neighbour who tries many accounts
        with pytest.raises(LoginRefused):
            door.knock(email=f"n{number}@office.example")
    with pytest.raises(TooManyTries):
        door.knock()
    assert door.knock(origin=replace(HERE, device=device)).staff.id == door.user_id


def test_a_device_token_of_another_or_of_nobodys_making_counts_as_none(door: Door) -> None:
    other = people.create(
        "b@office.example", "B", [Grant(Role.VIEWER, None)], PASSWORD, by=None, wiring=door.wiring
    )
    theirs = door.knock(email="b@office.example").device
    assert other.user.id != door.user_id
    door.fail(PAIR.free)
    for device in (theirs, "x", "x.y", "é.é", theirs + "0"):
        with pytest.raises(TooManyTries):
            door.knock(origin=replace(HERE, device=device))


def test_one_ipv6_network_is_one_address(door: Door) -> None:
    for last in range(PAIR.free):
        door.fail(1, origin=From(f"2001:db8::{last:x}"))
    with pytest.raises(TooManyTries):
        door.knock(origin=From("2001:db8::ffff"))
    assert door.knock(origin=From("2001:db8:0:1::1"))


def test_success_forgets_the_failures(door: Door) -> None:
    door.fail(PAIR.free - 1)
    door.knock()
    door.fail(PAIR.free)


def test_addresses_and_accounts_are_not_stored_in_clear(door: Door) -> None:
    door.fail(1)
    with door.wiring.sessions.read() as session:
        told = repr(session.execute(text("SELECT * FROM login_throttles")).all())
    assert "192.0.2.1" not in told
    assert EMAIL not in told


@pytest.mark.parametrize(
    ("steps", "open_after"),
    [([59], True), ([61], False), ([50] * 14, True), ([50] * 14 + [21], False)],
)
def test_a_session_ends_when_idle_for_an_hour_and_after_twelve(
    door: Door, steps: list[int], open_after: bool
) -> None:
    token = door.knock().token
    for minutes in steps[:-1]:
        door.wait(minutes * 60)
        logins.authenticate(token, wiring=door.wiring)
    door.wait(steps[-1] * 60)
    if open_after:
        assert logins.authenticate(token, wiring=door.wiring)
    else:
        with pytest.raises(NotAuthenticated):
            logins.authenticate(token, wiring=door.wiring)


def test_logging_out_ends_the_session_and_logging_in_replaces_the_one_before(door: Door) -> None:
    first = door.knock().token
    second = door.knock(origin=replace(HERE, replaces=first)).token
    with pytest.raises(NotAuthenticated):
        logins.authenticate(first, wiring=door.wiring)
    logins.log_out(second, wiring=door.wiring)
    logins.log_out(second, wiring=door.wiring)
    with pytest.raises(NotAuthenticated):
        logins.authenticate(second, wiring=door.wiring)


def test_a_renewed_session_has_a_new_token_and_ends_all_others(door: Door) -> None:
    tokens = [door.knock().token for _ in range(2)]
    staff = logins.authenticate(tokens[0], wiring=door.wiring)
    door.wait(1800)
    fresh = logins.renew(staff, wiring=door.wiring)
    assert fresh.expires_at == door.clock.now() + logins.LASTS - timedelta(minutes=30)
    for token in tokens:
        with pytest.raises(NotAuthenticated):
            logins.authenticate(token, wiring=door.wiring)
    assert logins.authenticate(fresh.token, wiring=door.wiring).id == door.user_id


def test_the_token_itself_is_not_stored(door: Door) -> None:
    token = door.knock().token
    with door.wiring.sessions.read() as session:
        told = repr(session.execute(text("SELECT * FROM staff_sessions")).all())
    assert token not in told


@pytest.fixture
def app(door: Door) -> pyotp.TOTP:
    """The person's authenticator, its second factor just turned on."""
    staff = door.knock().staff
    uri = second_factor.begin(staff, wiring=door.wiring)
    assert second_factor.pending(staff, wiring=door.wiring) == uri
    totp = pyotp.parse_uri(uri)
    assert isinstance(totp, pyotp.TOTP)
    with pytest.raises(BadFields):
        second_factor.confirm(staff, "000000", wiring=door.wiring)
    second_factor.confirm(staff, totp.at(door.clock.now()), wiring=door.wiring)
    assert second_factor.pending(staff, wiring=door.wiring) is None
    door.wait(30)
    return totp


def test_with_a_second_factor_the_password_alone_opens_nothing(door: Door, app: pyotp.TOTP) -> None:
    with pytest.raises(SecondFactorNeeded) as needed:
        door.knock()
    code = app.at(door.clock.now())
    with pytest.raises(LoginRefused):
        logins.log_in_with_ticket("no ticket", code, origin=HERE, wiring=door.wiring)
    opened = logins.log_in_with_ticket(needed.value.ticket, code, origin=HERE, wiring=door.wiring)
    assert opened.staff.has_second_factor


def test_a_code_is_taken_once(door: Door, app: pyotp.TOTP) -> None:
    code = app.at(door.clock.now())
    assert door.knock(code=code)
    with pytest.raises(LoginRefused):
        door.knock(code=code)
    door.wait(30)
    assert door.knock(code=f" {app.at(door.clock.now())[:3]} {app.at(door.clock.now())[3:]}")


@pytest.mark.parametrize("code", ["12345", "1234567", "abcdef", "１２３４５６", "000000"])
def test_a_wrong_code_is_a_failed_login(door: Door, app: pyotp.TOTP, code: str) -> None:
    for _ in range(PAIR.free):
        with pytest.raises(LoginRefused):
            door.knock(code=code)
    with pytest.raises(TooManyTries):
        door.knock(code=app.at(door.clock.now()))


def test_the_right_password_in_between_buys_no_further_codes(door: Door, app: pyotp.TOTP) -> None:
    heard = 0
    for last in range(12):  # each from an address of its own
        origin = From(f"198.51.100.{last}")
        try:
            with pytest.raises(SecondFactorNeeded) as needed:
                door.knock(origin=origin)
            with pytest.raises(LoginRefused):
                logins.log_in_with_ticket(
                    needed.value.ticket, "000000", origin=origin, wiring=door.wiring
                )
        except TooManyTries:
            continue
        heard += 1
    assert heard == CODE.free


def test_whoever_guesses_codes_elsewhere_does_not_slow_a_known_device(
    door: Door, app: pyotp.TOTP
) -> None:
    device = door.knock(code=app.at(door.clock.now())).device
    door.wait(30)
    for _ in range(CODE.free):
        with pytest.raises(LoginRefused):
            door.knock(code="000000", origin=From("198.51.100.7"))
    known = replace(HERE, device=device)
    assert door.knock(code=app.at(door.clock.now()), origin=known)


def test_a_wrong_password_with_a_code_slows_nobodys_codes(door: Door, app: pyotp.TOTP) -> None:
    for last in range(CODE.free + 1):
        with pytest.raises(LoginRefused):
            door.knock("a wrong password", code="000000", origin=From(f"198.51.100.{last}"))
    assert door.knock(code=app.at(door.clock.now()))


def test_a_ticket_ends_after_five_minutes_or_with_the_password(door: Door, app: pyotp.TOTP) -> None:
    tickets = []
    for _ in range(2):
        with pytest.raises(SecondFactorNeeded) as needed:
            door.knock()
        tickets.append(needed.value.ticket)
    door.wait(301)
    with pytest.raises(LoginRefused):
        logins.log_in_with_ticket(
            tickets[0], app.at(door.clock.now()), origin=HERE, wiring=door.wiring
        )
    with pytest.raises(SecondFactorNeeded) as needed:
        door.knock()
    people.reset_password(door.user_id, by=None, wiring=door.wiring)
    with pytest.raises(LoginRefused):
        logins.log_in_with_ticket(
            needed.value.ticket, app.at(door.clock.now()), origin=HERE, wiring=door.wiring
        )


def test_the_secret_is_sealed_at_rest(door: Door, app: pyotp.TOTP) -> None:
    with door.wiring.sessions.read() as session:
        told = repr(session.execute(text("SELECT * FROM users")).all())
    assert app.secret not in told


def test_the_second_factor_goes_with_the_password_or_by_an_administrator(
    door: Door, app: pyotp.TOTP
) -> None:
    staff = door.knock(code=app.at(door.clock.now())).staff
    with pytest.raises(BadFields):
        second_factor.begin(staff, wiring=door.wiring)
    with pytest.raises(BadFields):
        second_factor.turn_off(staff, "a wrong password", wiring=door.wiring)
    second_factor.turn_off(staff, PASSWORD, wiring=door.wiring)
    assert not door.knock().staff.has_second_factor


class Meanwhile(PasswordHasher):
    """Checks a password as ever, and then something happens before anybody is told."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__(time_cost=1, memory_cost=16, parallelism=1)  # so that it is made anew
        self._happens = happens

    def verify(self, *given: Any) -> Literal[True]:
        right = super().verify(*given)
        self._happens()
        return right


def _reset(door: Door) -> None:
    people.reset_password(door.user_id, NEW, by=None, wiring=door.wiring)


def _disable(door: Door) -> None:
    people.set_disabled(door.user_id, True, by=None, wiring=door.wiring)


@pytest.mark.parametrize("happens", [_reset, _disable])
def test_a_password_that_is_taken_away_while_it_is_checked_opens_nothing(
    door: Door, happens: Callable[[Door], None]
) -> None:
    slow = replace(door.wiring, passwords=Passwords(Meanwhile(lambda: happens(door))))
    with pytest.raises(LoginRefused):
        logins.log_in(EMAIL, PASSWORD, origin=HERE, wiring=slow)
    with door.wiring.sessions.read() as session:
        assert session.execute(text("SELECT count(*) FROM staff_sessions")).scalar_one() == 0
    if happens is _reset:  # which the hash made anew did not undo
        assert door.knock(NEW)


@pytest.mark.parametrize("happens", [_reset, _disable])
def test_nobody_changes_a_password_that_was_taken_away_meanwhile(
    door: Door, happens: Callable[[Door], None]
) -> None:
    staff = door.knock().staff
    slow = replace(door.wiring, passwords=Passwords(Meanwhile(lambda: happens(door))))
    with pytest.raises((BadFields, NotAuthenticated)):
        people.change_password(staff, PASSWORD, "an intruder's own words", wiring=slow)
    with pytest.raises(NotAuthenticated):
        logins.renew(staff, wiring=door.wiring)


def test_a_session_that_was_ended_is_not_renewed(door: Door) -> None:
    opened = door.knock()
    logins.log_out(opened.token, wiring=door.wiring)
    with pytest.raises(NotAuthenticated):
        logins.renew(opened.staff, wiring=door.wiring)


def test_whoever_took_a_session_guesses_its_password_and_codes_slowly(door: Door) -> None:
    staff = door.knock().staff
    second_factor.begin(staff, wiring=door.wiring)
    tries: list[Callable[[], object]] = [
        lambda: people.change_password(staff, "a guess", NEW, wiring=door.wiring),
        lambda: second_factor.turn_off(staff, "a guess", wiring=door.wiring),
        lambda: second_factor.confirm(staff, "000000", wiring=door.wiring),
    ]
    for number in range(PAIR.free):
        with pytest.raises(BadFields):
            tries[number % len(tries)]()
    for guess in tries:
        with pytest.raises(TooManyTries):
            guess()
    assert door.knock(), "nor does it slow the owner's login"
    door.wait(1)
    people.change_password(staff, PASSWORD, NEW, wiring=door.wiring)
    with pytest.raises(BadFields):
        people.change_password(staff, "a guess", PASSWORD, wiring=door.wiring)


def test_a_password_is_the_same_however_its_accents_are_typed(door: Door) -> None:
    composed = unicodedata.normalize("NFC", "một câu dễ nhớ của tôi")
    apart = unicodedata.normalize("NFD", composed)
    assert apart != composed
    for set_as, given in ((composed, apart), (apart, composed)):
        people.reset_password(door.user_id, set_as, by=None, wiring=door.wiring)
        assert door.knock(given)
        assert door.knock(set_as)


def test_a_hash_of_old_parameters_is_made_anew_at_login(door: Door) -> None:
    stronger = replace(door.wiring, passwords=Passwords())
    assert door.wiring.passwords.is_outdated("$argon2id$v=19$m=9,t=1,p=1$c29tZXNhbHQ$c29tZQ")
    logins.log_in(EMAIL, PASSWORD, origin=HERE, wiring=stronger)
    with stronger.sessions.read() as session:
        stored = session.execute(text("SELECT password_hash FROM users")).scalar_one()
    assert "m=65536,t=3,p=4" in stored
    assert logins.log_in(EMAIL, PASSWORD, origin=HERE, wiring=stronger)

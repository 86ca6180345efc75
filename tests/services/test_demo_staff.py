"""The demo's staff is as its file says after each start."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from notifier.domain.people import Grant, Role
from notifier.services import demo_staff, logins, people, second_factor
from notifier.services.logins import From
from notifier.services.passwords import Passwords
from notifier.services.wiring import Wiring

HERE = From("192.0.2.1")


@pytest.fixture
def demo(wiring: Wiring, quick_passwords: Passwords) -> Wiring:
    made = replace(wiring, passwords=quick_passwords)
    demo_staff.ensure(wiring=made)
    return made


def roles_that_open(demo: Wiring) -> dict[str, tuple[Grant, ...]]:
    told = demo_staff.told(demo.settings.data_folder)
    return {
        role: logins.log_in(one["email"], one["password"], origin=HERE, wiring=demo).staff.grants
        for role, one in told.items()
    }


def test_an_editor_an_approver_and_an_administrator_can_log_in(demo: Wiring) -> None:
    assert roles_that_open(demo) == {
        "editor": (Grant(Role.EDITOR, "lai-thieu"),),
        "approver": (Grant(Role.APPROVER, "lai-thieu"),),
        "administrator": (Grant(Role.ADMINISTRATOR, None),),
    }


def test_only_the_owner_reads_the_passwords_and_they_are_random(demo: Wiring) -> None:
    path = demo.settings.data_folder / demo_staff.FILE
    assert path.stat().st_mode & 0o777 == 0o600
    told = demo_staff.told(demo.settings.data_folder)
    assert len({one["password"] for one in told.values()}) == 3
    assert all(len(one["password"]) >= 14 for one in told.values())


def test_a_second_start_changes_nothing(demo: Wiring) -> None:
    def hashes() -> list[str]:
        with demo.sessions.read() as session:
            found = session.execute(text("SELECT password_hash FROM users ORDER BY email"))
            return list(found.scalars())

    before, path = hashes(), demo.settings.data_folder / demo_staff.FILE
    written = path.stat().st_mtime_ns
    demo_staff.ensure(wiring=demo)
    assert (hashes(), path.stat().st_mtime_ns) == (before, written)


def test_whatever_was_done_to_the_accounts_is_undone_at_the_next_start(demo: Wiring) -> None:
    told = demo_staff.told(demo.settings.data_folder)
    staff = logins.log_in(**told["editor"], origin=HERE, wiring=demo).staff
    second_factor.begin(staff, wiring=demo)
    people.set_disabled(
        people.find(told["approver"]["email"], wiring=demo), True, by=None, wiring=demo
    )
    people.reset_password(
        people.find(told["administrator"]["email"], wiring=demo), by=None, wiring=demo
    )
    demo_staff.ensure(wiring=demo)
    assert demo_staff.told(demo.settings.data_folder) == told
    assert set(roles_that_open(demo)) == set(told)


def test_a_lost_file_gives_new_passwords(demo: Wiring) -> None:
    before = demo_staff.told(demo.settings.data_folder)
    (demo.settings.data_folder / demo_staff.FILE).unlink()
    demo_staff.ensure(wiring=demo)
    assert demo_staff.told(demo.settings.data_folder)["editor"] != before["editor"]
    assert len(roles_that_open(demo)) == 3

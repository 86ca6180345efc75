"""`baotin users`, in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from notifier.services import logins
from notifier.services.logins import From
from notifier.services.wiring import Wiring

HERE = From("192.0.2.1")
CREATE = ("users", "create", "anh@office.example", "--name", "Anh")


def test_the_first_administrator_is_made_with_a_password_shown_once(
    baotin: Callable[..., Any], seeded: dict[str, str], wiring: Wiring
) -> None:
    made = json.loads(baotin(*CREATE, "--role", "administrator", "--json", env=seeded).stdout)
    assert made["roles"] == [{"role": "administrator", "office": None}]
    staff = logins.log_in(made["email"], made["password"], origin=HERE, wiring=wiring).staff
    assert (staff.id, staff.password_is_temporary) == (made["id"], True)
    listed = json.loads(baotin("users", "list", "--json", env=seeded).stdout)["users"]
    assert [one["email"] for one in listed] == ["anh@office.example"]
    assert "password" not in listed[0]


def test_an_account_is_disabled_enabled_and_given_a_new_password(
    baotin: Callable[..., Any], seeded: dict[str, str], wiring: Wiring
) -> None:
    roles = ("--role", "editor@lai-thieu", "--role", "viewer@thuan-an")
    baotin(*CREATE, *roles, env=seeded)
    listed = baotin("users", "list", env=seeded).stdout
    assert listed == "anh@office.example: editor@lai-thieu, viewer@thuan-an\n"
    assert baotin("users", "disable", "ANH@office.example", env=seeded).returncode == 0
    assert "(disabled)" in baotin("users", "list", env=seeded).stdout
    assert baotin("users", "enable", "anh@office.example", env=seeded).returncode == 0
    reset = ("users", "reset-password", "anh@office.example", "--json")
    told = json.loads(baotin(*reset, env=seeded).stdout)
    assert logins.log_in(told["email"], told["password"], origin=HERE, wiring=wiring)


def test_a_password_can_be_asked_for(seeded: dict[str, str], wiring: Wiring) -> None:
    password = "a password of one's own"
    done = subprocess.run(
        [sys.executable, "-m", "notifier.cli", *CREATE, "--role", "viewer", "--prompt"],
        env={"PATH": os.environ["PATH"], **seeded},
        input=f"{password}\n{password}\n",
        capture_output=True,
        text=True,
        start_new_session=True,  # without a terminal, it is read from standard input
        check=True,
    )
    assert password not in done.stdout
    staff = logins.log_in("anh@office.example", password, origin=HERE, wiring=wiring).staff
    assert not staff.password_is_temporary


def test_what_cannot_be_done_is_one_line(
    baotin: Callable[..., Any], seeded: dict[str, str]
) -> None:
    for arguments in (
        (*CREATE, "--role", "king"),
        (*CREATE, "--role", "editor@"),
        (*CREATE, "--role", "editor@nowhere"),
        ("users", "disable", "nobody@office.example"),
        ("users", "reset-password", "nobody"),
    ):
        done = baotin(*arguments, env=seeded)
        assert (done.returncode, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1, done.stderr

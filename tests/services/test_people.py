"""Accounts: who may make and change which, and what it does to their sessions."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from notifier.domain.people import Grant, Role
from notifier.services import logins, people
from notifier.services.logins import From
from notifier.services.passwords import Passwords
from notifier.services.views import (
    BadFields,
    LoginRefused,
    NotAuthenticated,
    NotFound,
    ScopeMissing,
)
from notifier.services.wiring import Wiring

WARD, ABOVE, ALL = "lai-thieu", "thuan-an", None
HERE = From("192.0.2.1")


@pytest.fixture
def office(wiring: Wiring, quick_passwords: Passwords) -> Wiring:
    return replace(wiring, passwords=quick_passwords)


def make(office: Wiring, *grants: tuple[str, str | None], by: Any = None, email: str = "x") -> Any:
    return people.create(
        f"{email}@office.example",
        "Somebody",
        [Grant(Role(role), at) for role, at in grants],
        by=by,
        wiring=office,
    )


@pytest.mark.parametrize(
    ("own_role", "own_office", "given", "allowed"),
    [
        ("administrator", WARD, [("editor", WARD)], True),
        ("administrator", WARD, [("administrator", WARD)], True),
        ("administrator", WARD, [("editor", ABOVE)], False),
        ("administrator", WARD, [("editor", WARD), ("viewer", ABOVE)], False),
        ("administrator", WARD, [("editor", ALL)], False),
        ("administrator", ABOVE, [("editor", WARD)], True),
        ("administrator", ABOVE, [("editor", ALL)], False),
        ("administrator", ALL, [("editor", ALL)], True),
    ],
)
def test_an_administrator_gives_roles_within_their_own_reach(
    office: Wiring,
    hire: Callable[..., Any],
    own_role: str,
    own_office: str | None,
    given: list[tuple[str, str | None]],
    allowed: bool,
) -> None:
    by = hire(office, own_role, own_office).staff
    if allowed:
        assert make(office, *given, by=by).user.manageable
    else:
        with pytest.raises(BadFields) as refused:
            make(office, *given, by=by)
        assert refused.value.problems[0].code == "not_yours"


@pytest.mark.parametrize("role", ["viewer", "editor", "approver", "operator"])
def test_nobody_else_manages_accounts(office: Wiring, hire: Callable[..., Any], role: str) -> None:
    by = hire(office, role, ALL).staff
    with pytest.raises(ScopeMissing):
        make(office, ("viewer", WARD), by=by)
    with pytest.raises(ScopeMissing):
        people.list_users(by, wiring=office)
    other = make(office, ("viewer", WARD)).user.id
    with pytest.raises(ScopeMissing):
        people.reset_password(other, by=by, wiring=office)


@pytest.mark.parametrize("at", [ABOVE, ALL])
def test_an_account_that_reaches_further_is_not_there_for_an_administrator(
    office: Wiring, hire: Callable[..., Any], at: str | None
) -> None:
    by = hire(office, "administrator", WARD).staff
    other = make(office, ("viewer", WARD), ("viewer", at)).user.id
    for change in (
        lambda: people.reset_password(other, by=by, wiring=office),
        lambda: people.set_disabled(other, True, by=by, wiring=office),
        lambda: people.set_grants(other, [Grant(Role.VIEWER, WARD)], by=by, wiring=office),
    ):
        with pytest.raises(NotFound):
            change()
    shown = {user.id: user.manageable for user in people.list_users(by, wiring=office)}
    assert shown == {by.id: False, other: False}


def test_nobody_changes_their_own_account(office: Wiring, hire: Callable[..., Any]) -> None:
    by = hire(office, "administrator", ALL).staff
    with pytest.raises(BadFields) as refused:
        people.set_disabled(by.id, True, by=by, wiring=office)
    assert refused.value.problems[0].code == "own_account"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": "nobody"}, "invalid"),
        ({"name": " "}, "invalid"),
        ({"grants": []}, "required"),
        ({"grants": [Grant(Role.VIEWER, "nowhere")]}, "unknown_office"),
        ({"password": "short"}, "too_short"),
        ({"email": "taken@office.example"}, "taken"),
    ],
)
def test_what_is_not_right_is_told_by_field(
    office: Wiring, changes: dict[str, Any], code: str
) -> None:
    make(office, ("viewer", WARD), email="taken")
    given = {
        "email": "new@office.example",
        "name": "New",
        "grants": [Grant(Role.VIEWER, WARD)],
        "password": None,
        **changes,
    }
    with pytest.raises(BadFields) as refused:
        people.create(**given, by=None, wiring=office)
    assert refused.value.problems[0].code == code


def test_of_two_who_make_the_same_account_at_once_one_is_told_that_it_is_there(
    office: Wiring,
) -> None:
    start, told = threading.Barrier(6), list[str]()

    def do() -> None:
        start.wait()
        try:
            make(office, ("viewer", WARD))
            told.append("made")
        except BadFields as refused:
            told.append(refused.problems[0].code)

    threads = [threading.Thread(target=do) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["made"] + ["taken"] * 5


def test_roles_that_another_changed_meanwhile_are_not_overwritten(office: Wiring) -> None:
    made = make(office, ("administrator", WARD), ("viewer", WARD)).user
    viewer, editor = Grant(Role.VIEWER, WARD), Grant(Role.EDITOR, WARD)
    people.set_grants(made.id, [viewer], seen=made.grants, by=None, wiring=office)
    with pytest.raises(BadFields) as refused:  # who still sees the administrator of before
        people.set_grants(made.id, [*made.grants, editor], seen=made.grants, by=None, wiring=office)
    assert refused.value.problems[0].code == "changed_meanwhile"
    people.set_grants(made.id, [viewer, editor], seen=[viewer], by=None, wiring=office)


def test_a_change_of_roles_or_password_and_a_disabled_account_end_its_sessions(
    office: Wiring, hire: Callable[..., Any]
) -> None:
    for change in (
        lambda user: people.set_grants(user, [Grant(Role.VIEWER, WARD)], by=None, wiring=office),
        lambda user: people.reset_password(user, by=None, wiring=office),
        lambda user: people.set_disabled(user, True, by=None, wiring=office),
    ):
        person = hire(office, "editor")
        assert logins.authenticate(person.token, wiring=office)
        change(person.staff.id)
        with pytest.raises(NotAuthenticated):
            logins.authenticate(person.token, wiring=office)


def test_a_disabled_account_comes_back(office: Wiring, hire: Callable[..., Any]) -> None:
    person = hire(office, "editor")
    people.set_disabled(person.staff.id, True, by=None, wiring=office)
    with pytest.raises(LoginRefused):
        logins.log_in(person.email, person.password, origin=HERE, wiring=office)
    people.set_disabled(person.staff.id, False, by=None, wiring=office)
    assert logins.log_in(person.email, person.password, origin=HERE, wiring=office)


def test_a_password_that_was_made_for_somebody_is_temporary_until_they_choose_their_own(
    office: Wiring,
) -> None:
    made = make(office, ("editor", WARD))
    staff = logins.log_in(made.user.email, made.password, origin=HERE, wiring=office).staff
    assert staff.password_is_temporary
    assert made.password not in repr(made)
    with pytest.raises(BadFields):
        people.change_password(staff, "wrong", "a password of one's own", wiring=office)
    with pytest.raises(BadFields):
        people.change_password(staff, made.password, made.password, wiring=office)
    people.change_password(staff, made.password, "a password of one's own", wiring=office)
    again = logins.log_in(
        made.user.email, "a password of one's own", origin=HERE, wiring=office
    ).staff
    assert not again.password_is_temporary


@pytest.mark.parametrize(
    ("roles", "told_at"),
    [
        ([("editor", WARD)], WARD),
        ([("editor", WARD), ("viewer", ABOVE)], ABOVE),
        ([("editor", WARD), ("viewer", "di-an")], ABOVE),
        ([("editor", WARD), ("viewer", ALL)], None),
    ],
)
def test_whoever_may_manage_an_account_sees_its_changes_in_the_log(
    wiring: Wiring,
    quick_passwords: Passwords,
    roles: list[tuple[str, str | None]],
    told_at: str | None,
) -> None:
    there = replace(wiring, passwords=quick_passwords)
    with there.sessions.begin() as session:
        session.execute(
            text(
                "INSERT INTO offices (id, parent_id, name, phone, reply_number, sender,"
                " vietnamese_form) VALUES ('di-an', 'thuan-an', 'Dĩ An', '0274 3700000', '8188',"
                " 'UBNDDIAN', 'toneless')"
            )
        )
        session.execute(text("UPDATE revisions SET value = value + 1"))
    made = make(there, *roles)
    logins.log_in(made.user.email, made.password, origin=HERE, wiring=there)
    with there.sessions.read() as session:
        told = session.scalars(
            text("SELECT office_id FROM audit WHERE object = :u"), {"u": made.user.id}
        ).all()
    assert told == [told_at, told_at]


def test_the_log_tells_every_change_of_an_account_and_nothing_personal(
    office: Wiring, hire: Callable[..., Any]
) -> None:
    by = hire(office, "administrator", WARD).staff
    made = make(office, ("editor", WARD), by=by)
    user = made.user.id
    people.set_grants(user, [Grant(Role.APPROVER, WARD)], by=by, wiring=office)
    people.set_disabled(user, True, by=by, wiring=office)
    people.set_disabled(user, False, by=by, wiring=office)
    people.reset_password(user, second_factor_too=True, by=by, wiring=office)
    with office.sessions.read() as session:
        rows = session.execute(
            text("SELECT action, actor, office_id, after FROM audit WHERE object = :u ORDER BY id"),
            {"u": user},
        ).all()
    assert [row.action for row in rows] == [
        "user.created", "user.roles_changed", "user.disabled", "user.enabled",
        "user.password_reset",
    ]  # fmt: skip
    assert {(row.actor, row.office_id) for row in rows} == {(by.id, WARD)}
    told = repr(rows)
    for canary in (made.password, "x@office.example", "Somebody", "argon2"):
        assert canary not in told
    assert "approver@lai-thieu" in told

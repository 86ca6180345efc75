"""Roles, and what makes a password or an address unusable."""

import pytest

from notifier.domain.people import (
    PERMISSIONS,
    BadPerson,
    Permission,
    Role,
    check_password,
    mask_email,
    read_email,
    read_name,
    read_new_email,
)

P = Permission
SEEING = {P.TEMPLATES_READ, P.MESSAGES_READ, P.GATEWAYS_READ}


@pytest.mark.parametrize(
    ("role", "beyond_seeing"),
    [
        (Role.VIEWER, set()),
        (Role.EDITOR, {P.TEMPLATES_WRITE}),
        (Role.APPROVER, {P.TEMPLATES_APPROVE}),
        (Role.OPERATOR, {P.MESSAGES_WRITE, P.PHONES_REVEAL, P.GATEWAYS_WRITE}),
        (Role.ADMINISTRATOR, set(P) - SEEING),
    ],
)
def test_a_role_may_what_the_table_says(role: Role, beyond_seeing: set[Permission]) -> None:
    assert PERMISSIONS[role] == SEEING | beyond_seeing


def test_every_role_has_a_row() -> None:
    assert set(PERMISSIONS) == set(Role)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "too_short"),
        ("elevenchars", "too_short"),
        ("a" * 257, "too_long"),
        ("aaaaaaaaaaaa", "too_simple"),
        ("abababababab", "too_simple"),
        ("Anh@Office.Example", "too_simple"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str, code: str) -> None:
    with pytest.raises(BadPerson) as refused:
        check_password(password, not_among=["anh@office.example"])
    assert refused.value.code == code


def test_a_long_password_of_any_characters_will_do() -> None:
    check_password("mật khẩu dài dài", not_among=["anh@office.example"])


@pytest.mark.parametrize("text", ["", "anh", "a b@c.vn", "<a@b.vn>", "a@b@c", "x" * 260 + "@b.vn"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadPerson):
        read_email(text)


@pytest.mark.parametrize("text", ["hoa@lai-thieu", "hoa@.vn", "hoa@ward.", "hoa@a..vn"])
def test_a_new_account_takes_an_address_with_a_whole_host(text: str) -> None:
    assert read_email(text) == text  # accounts that have such a name still log in
    with pytest.raises(BadPerson):
        read_new_email(text)
    assert read_new_email(" Hoa@Ward.vn ") == "hoa@ward.vn"


def test_an_address_is_known_without_case_and_masked() -> None:
    assert read_email(" Anh@Office.EXAMPLE ") == "anh@office.example"
    assert mask_email("anh@office.example") == "a***@office.example"


@pytest.mark.parametrize("text", ["", "  ", "x" * 121, "a\x07b"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(BadPerson):
        read_name(text)

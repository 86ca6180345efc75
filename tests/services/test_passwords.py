"""Passwords that are made here: handed over on paper, and typed once."""

from notifier.domain.people import check_password
from notifier.services import passwords


def test_a_password_that_is_made_can_be_read_from_paper() -> None:
    made = [passwords.generate() for _ in range(50)]
    assert not set("".join(made)) & set("Il1O0oji")
    assert len(set(made)) == len(made)
    for one in made:
        check_password(one)
        assert [len(group) for group in one.split("-")] == [4, 4, 4]

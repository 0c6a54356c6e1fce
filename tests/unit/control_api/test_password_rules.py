"""What a password must be."""

import pytest

from control_api.users.password_rules import COMMON, MAX_PASSWORD, MIN_PASSWORD, check_password
from control_api.users.passwords import new_password
from interview.errors import Invalid


def broken_rule(password: str) -> str | None:
    try:
        check_password(password, email="grace.hopper@example.com", name="Grace Hopper")
    except Invalid as error:
        return error.details["rule"]
    return None


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("x7" * (MIN_PASSWORD // 2) + "x", None),
        ("short pas", "length"),
        ("x7" * (MAX_PASSWORD // 2), None),
        ("x7" * (MAX_PASSWORD // 2) + "x", "length"),
        ("e\u0301" * 9, "length"),  # nine letters, in whichever way they are typed
        ("e\u0301a" * 100, None),
        ("grace.hopper", "personal"),
        ("GRACE.HOPPER@example.com", "personal"),
        ("Grace Hopper", "personal"),
        ("grace hopper's cat", None),
        ("Password 123", "common"),
        ("correct horse battery staple", "common"),
        ("1234567890", "common"),
        ("0987654321", "common"),
        ("aaaaaaaaaaaa", "common"),
        ("abcdefghijkl", "common"),
        ("密码密码密码密码密码", None),
    ],
)
def test_a_password_is_taken_or_breaks_a_rule(password: str, rule: str | None) -> None:
    assert broken_rule(password) == rule


def test_generated_passwords_are_good_and_the_list_is_in_the_form_that_is_compared() -> None:
    assert broken_rule(new_password()) is None
    assert len(COMMON) >= 100
    assert {word for word in COMMON if word != word.casefold()} == set()


def test_a_refusal_does_not_quote_the_password() -> None:
    with pytest.raises(Invalid) as refused:
        check_password("Welcome2026", email="grace.hopper@example.com", name="Grace Hopper")
    assert refused.value.code == "bad_password"
    assert "Welcome" not in refused.value.message

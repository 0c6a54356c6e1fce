"""What a password must be: long enough, and nothing that is tried first."""

from itertools import pairwise
from pathlib import Path

from control_api.users.passwords import composed
from interview.errors import Invalid

COMMON = frozenset(Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split())
"""Passwords that everybody tries first: written down for Viva, without spaces and in lower case."""
MIN_PASSWORD = 10
MAX_PASSWORD = 200
MAX_TYPED = 4 * MAX_PASSWORD
"""How many characters a request may send for one: composed, they may become fewer."""


def check_password(password: str, *, email: str, name: str) -> None:
    """Raise `Invalid` (`bad_password`, with the `rule` that was broken) for a password that must not be taken."""
    password = composed(password)
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise _bad(
            "length", f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters; this one has {len(password)}"
        )
    plain = _plain(password)
    own = {_plain(text) for text in (email, email.partition("@")[0], name)}
    if plain in own:
        raise _bad("personal", "the password is the email or the name; everybody would try that first")
    if plain in COMMON or _is_a_run(plain):
        raise _bad("common", "this password is among the commonest; it would be tried first")


def _plain(text: str) -> str:
    return "".join(composed(text).casefold().split())


def _is_a_run(text: str) -> bool:
    """Tell whether each character follows from the one before: aaaaaaaaaa, 1234567890, zyxwvutsrq."""
    steps = {ord(b) - ord(a) for a, b in pairwise(text.replace("90", "9:"))}
    return len(steps) <= 1 and steps <= {-1, 0, 1}


def _bad(rule: str, message: str) -> Invalid:
    return Invalid(message, code="bad_password", rule=rule)

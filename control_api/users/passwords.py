"""Passwords: hashed with argon2id, and checked in the same time whether or not the account exists."""

import asyncio
import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_AT_ONCE = 2
"""A hash takes 64 MiB and a core for some tens of milliseconds; more at once only wait for each other."""


_hasher = PasswordHasher()  # RFC 9106, low-memory profile: 3 passes, 64 MiB, 4 lanes


async def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, in whichever of Unicode's ways its letters were typed."""
    return await asyncio.to_thread(_hasher.hash, composed(password))


def composed(password: str) -> str:
    """Write the password as NFC: one keyboard sends "é" as one character, another as two."""
    return unicodedata.normalize("NFC", password)


class Passwords:
    """Checks passwords off the event loop, a few at a time. One per process."""

    def __init__(self) -> None:
        _nobodys()  # now, so that the first unknown email does not take twice as long
        self._seats = asyncio.Semaphore(_AT_ONCE)

    async def match(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password is right; without a hash, spend the same time and say no."""
        async with self._seats:
            right = await asyncio.to_thread(_verify, password_hash, password)
        return right and password_hash is not None


@cache
def _nobodys() -> str:
    """Return the hash of a password that nobody knows, with the costs of every other."""
    return _hasher.hash(secrets.token_urlsafe(16))


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        return _hasher.verify(password_hash or _nobodys(), composed(password))
    except (VerificationError, InvalidHashError):
        return False


def new_password() -> str:
    """Draw a password of 120 bits."""
    return secrets.token_urlsafe(15)

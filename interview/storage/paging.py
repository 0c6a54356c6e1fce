"""Pages by key rather than by number: what was added or removed meanwhile neither repeats nor hides a row."""

import base64
import binascii
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from interview.clock import from_epoch
from interview.errors import Invalid

MAX_PAGE = 100


@dataclass(frozen=True)
class Cursor:
    """The last row of a page that is ordered by `created_at`, then by id, newest first."""

    created_at: datetime
    key: str

    def __str__(self) -> str:
        """Return the cursor as callers hold it: URL-safe, and nothing to be read from."""
        return written("", self.created_at, self.key)

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read what `str` made. Raises `Invalid` (code `bad_cursor`)."""
        with bad_cursor():
            at_ms, _, key = read(text).partition(":")
            return cls(moment(at_ms), key)

    def older(self) -> dict[str, Any]:
        """Return the query for the rows after this one."""
        return {
            "$or": [
                {"created_at": {"$lt": self.created_at}},
                {"created_at": self.created_at, "_id": {"$lt": self.key}},
            ]
        }


def check_limit(limit: int) -> None:
    """Raise `Invalid` (code `bad_limit`) unless a page may have this many rows."""
    if not 1 <= limit <= MAX_PAGE:
        raise Invalid(f"a page has 1 to {MAX_PAGE} rows, not {limit}", code="bad_limit")


def written(prefix: str, at: datetime, key: str) -> str:
    """Write a cursor: `prefix`, a time and a key, URL-safe."""
    plain = f"{prefix}:{round(at.timestamp() * 1000)}:{key}".removeprefix(":")
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read(text: str) -> str:
    """Return what `written` put together. Raises what `bad_cursor` turns into our error, as `moment` does."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()


def moment(at_ms: str) -> datetime:
    """Return the time in a cursor."""
    return from_epoch(0) + timedelta(milliseconds=int(at_ms))


@contextmanager
def bad_cursor() -> Generator[None]:
    """Turn what reading a made-up cursor raises into `Invalid` (code `bad_cursor`)."""
    try:
        yield
    except (binascii.Error, ValueError, OverflowError) as error:
        raise Invalid("the cursor is not one that a page gave; begin again without it", code="bad_cursor") from error


def literal(text: str) -> str:
    """Return the regular expression that finds just this text, in every dialect that a server speaks."""
    return "".join(map(_literal, text))


def _literal(char: str) -> str:
    # a backslash before a letter, a digit or a character that is not ASCII would mean something, or be refused
    if not char.isascii() or char.isalnum() or char in " @_-,":
        return char
    return f"\\{char}" if char.isprintable() else f"\\x{ord(char):02x}"

"""Pages by key rather than by number: what was added or removed meanwhile neither repeats nor hides a row."""

import base64
import binascii
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
        plain = f"{round(self.created_at.timestamp() * 1000)}:{self.key}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Read what `str` made. Raises `Invalid` (code `bad_cursor`)."""
        try:
            plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
            at_ms, _, key = plain.partition(":")
            return cls(from_epoch(0) + timedelta(milliseconds=int(at_ms)), key)
        except (binascii.Error, ValueError, OverflowError) as error:
            raise Invalid(
                "the cursor is not one that a page gave; begin again without it", code="bad_cursor"
            ) from error

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

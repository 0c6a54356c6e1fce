"""Invite links: a secret that opens one session. Only the secret's hash is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, cast

from pydantic import model_validator

from interview.record import Moment, Record
from interview.session import Session, Status

GRACE = timedelta(hours=24)
"""A link outlives the window for starting: who comes a little late is told so, and not that there is no such link."""


class Invite(Record):
    """A link. `secret_hash` is SHA-256 in hex, and the key. How long it is good is a matter of its session."""

    secret_hash: str
    session_id: str
    created_at: Moment
    revoked_at: Moment | None = None
    first_opened_at: Moment | None = None
    last_opened_at: Moment | None = None
    opened_count: int = 0
    schema_version: int = 2

    @model_validator(mode="before")
    @classmethod
    def _read_the_first_version(cls, values: Any) -> Any:
        # it had a fixed end, which is worked out from the session now
        if isinstance(values, dict) and "expires_at" in values:
            given = cast(dict[str, Any], values)
            return {**{name: value for name, value in given.items() if name != "expires_at"}, "schema_version": 2}
        return cast(Any, values)


def opens_until(session: Session, retention: timedelta | None) -> datetime | None:
    """Return until when the session's links open it; None means as long as it stays as it is.

    Before the start that is until its window ends and a day more; always, while it waits for a seat, runs or is paused;
    and afterwards, for its after-pages, until `retention` has passed since its end (None: no end). A failed one can be
    started again in its window, and an erased one is opened by nothing.
    """
    if session.status is Status.DELETED:
        return min(session.ended_at or session.created_at, session.updated_at)
    if session.ended_at is None:
        return session.not_after + GRACE if session.status is Status.INITIALIZED else None
    if retention is None:
        return None
    over = session.ended_at + retention
    return max(over, session.not_after + GRACE) if session.status is Status.FAILED else over


def is_good(invite: Invite, session: Session, now: datetime, retention: timedelta | None) -> bool:
    """Tell whether a link opens its session now."""
    until = opens_until(session, retention)
    return invite.revoked_at is None and session.status is not Status.DELETED and (until is None or now < until)


def new_secret() -> str:
    """Draw a secret of 256 bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """Hash a secret for storage; it has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()

"""Invite links: a secret that opens one session. Only the secret's hash is kept."""

import hashlib
import secrets

from interview.record import Moment, Record


class Invite(Record):
    """A link and its seat. `secret_hash` is SHA-256 in hex, and the key."""

    secret_hash: str
    session_id: str
    created_at: Moment
    expires_at: Moment
    revoked_at: Moment | None = None
    first_opened_at: Moment | None = None
    opened_count: int = 0
    schema_version: int = 1


def new_secret() -> str:
    """Draw an invite secret of 256 bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """Hash an invite secret for storage; it has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()

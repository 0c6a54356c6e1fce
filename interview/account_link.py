"""One-time links for accounts: an invitation to join, or a new password. Only the secret's hash is kept."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, EmailStr

from interview.record import Line, Moment, Record
from interview.user import Role


class LinkKind(StrEnum):
    """What a link does for its holder."""

    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"


class AccountLink(Record):
    """A link that works once. `secret_hash` is SHA-256 in hex; `user_id` is the account that it makes or changes."""

    link_id: str
    kind: LinkKind
    secret_hash: str
    user_id: str
    email: Annotated[EmailStr, AfterValidator(str.lower)]
    name: Line
    role: Role
    """Of an invitation: what the account will be. Of a reset: what it is."""
    created_by: str
    """The user who made it, or `system:cli`."""
    created_at: Moment
    expires_at: Moment
    used_at: Moment | None = None
    revoked_at: Moment | None = None
    schema_version: int = 1

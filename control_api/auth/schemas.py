"""Bodies of signing in, and of what one does to one's own account."""

from typing import Annotated

from pydantic import Field

from control_api.schemas import Answer, Body
from control_api.users.password_rules import MAX_TYPED
from interview.record import Line, Moment
from interview.user import Role

Password = Annotated[str, Field(min_length=1, max_length=MAX_TYPED)]
Secret = Annotated[str, Field(min_length=16, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")]


class LoginRequest(Body):
    """An email and a password. `cookie: false` is for programs: the refresh token then comes in the answer."""

    email: Annotated[str, Field(min_length=1, max_length=320)]
    password: Password
    cookie: bool = True
    label: Annotated[Line, Field(max_length=60)] | None = None
    """What to call this sign-in in one's list of them, such as "laptop"."""


class LoginAnswer(Answer):
    """An access token for the `Authorization: Bearer` header, and for programs the refresh token."""

    access_token: str
    token_type: str = "bearer"
    expires_in_s: int
    refresh_token: str | None = None
    """Only where no cookie was asked for. Each works once."""
    refresh_expires_in_s: int


class RefreshRequest(Body):
    """The refresh token of a program; a browser sends its cookie instead, and no body."""

    refresh_token: Annotated[str, Field(min_length=1, max_length=2000)] | None = None


class MeAnswer(Answer):
    """The account that is signed in."""

    user_id: str
    email: str
    name: str
    role: Role


class SignInView(Answer):
    """One place where one is signed in."""

    family_id: str
    label: str | None
    created_at: Moment
    last_used_at: Moment
    expires_at: Moment
    current: bool


class SignInsAnswer(Answer):
    """Where one is signed in, newest first."""

    sign_ins: list[SignInView]


class PasswordRequest(Body):
    """The password that one has, and the one that one wants."""

    current: Password
    new: Password


class AcceptRequest(Body):
    """The secret of an invitation's link (the part after `#`), the wanted password, and the name if it is another."""

    secret: Secret
    password: Password
    name: Annotated[Line, Field(max_length=200)] | None = None


class ResetRequest(Body):
    """The secret of a link for a new password (the part after `#`), and the password."""

    secret: Secret
    password: Password

"""Bodies of signing in."""

from typing import Annotated

from pydantic import Field

from control_api.schemas import Answer, Body
from interview.user import Role


class LoginRequest(Body):
    """An email and a password."""

    email: Annotated[str, Field(min_length=1, max_length=320)]
    password: Annotated[str, Field(min_length=1, max_length=200)]


class LoginAnswer(Answer):
    """An access token for the `Authorization: Bearer` header."""

    access_token: str
    token_type: str = "bearer"
    expires_in_s: int


class MeAnswer(Answer):
    """The account that is signed in."""

    user_id: str
    email: str
    name: str
    role: Role

"""Accounts of recruiters, proctors and admins. Candidates have none."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, EmailStr

from interview.record import Line, Moment, Record


class Role(StrEnum):
    """What an account may do; the access table says the rest."""

    ADMIN = "admin"
    RECRUITER = "recruiter"
    PROCTOR = "proctor"


MAX_SIGN_INS = 50
"""Places where one account may be signed in at once; one more ends the oldest."""


class User(Record):
    """An account. `email` is stored in lower case and is unique; `password_hash` is argon2id.

    `sign_ins` are the families of refresh tokens that are good, oldest first. They lie here, with the account, because
    every call reads the account anyway: what is taken away from them is over at once, tokens that are out included.
    """

    user_id: str
    email: Annotated[EmailStr, AfterValidator(str.lower)]
    name: Line
    role: Role
    password_hash: str
    created_at: Moment
    disabled_at: Moment | None = None
    sign_ins: tuple[str, ...] = ()
    schema_version: int = 1

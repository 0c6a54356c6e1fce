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


class User(Record):
    """An account. `email` is stored in lower case and is unique; `password_hash` is argon2id."""

    user_id: str
    email: Annotated[EmailStr, AfterValidator(str.lower)]
    name: Line
    role: Role
    password_hash: str
    created_at: Moment
    disabled_at: Moment | None = None
    schema_version: int = 1

"""Being signed in: families of refresh tokens, and the failures that make the next try wait."""

import math
from typing import Annotated, Literal

from pydantic import Field

from interview.record import Line, Moment, Record

EndedReason = Literal["signed out", "token used twice", "password changed", "account disabled", "too many"]


class RefreshFamily(Record):
    """What one sign-in begot: a chain of refresh tokens of which only the newest is good.

    Of a token only the SHA-256 hash of its 256 random bits is kept. `generation` counts the tokens given out. Whether
    the family still stands is said by the account (`User.sign_ins`); `ended_at` and `ended_reason` say since when it
    does not, and why.
    """

    family_id: str
    user_id: str
    token_hash: str
    previous_hash: str | None = None
    generation: int = 1
    label: Annotated[Line, Field(max_length=60)] | None = None
    """What the person calls the place, such as "laptop". Never taken from the browser."""
    created_at: Moment
    last_used_at: Moment
    """When the newest token was given out."""
    expires_at: Moment
    ended_at: Moment | None = None
    ended_reason: EndedReason | None = None
    schema_version: int = 1


class SignInFailures(Record):
    """How often guessing failed under a key, an account's or an address's; only the key's hash is stored."""

    key_hash: str
    failures: int
    next_at: Moment
    """Before this no further try is taken."""
    last_at: Moment
    schema_version: int = 1


def delay_s(failures: int, *, free: int, longest_s: float) -> float:
    """How long to wait after so many failures: nothing, then from `free` of them on 1, 2, 4, … s up to `longest_s`."""
    if failures < free:
        return 0.0
    return min(longest_s, math.ldexp(1.0, min(failures - free, 30)))

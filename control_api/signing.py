"""Signed tokens of our own (JWT, HS256): access tokens of users, and the seats of candidates.

LiveKit's room tokens are another thing: `rooms.tokens`.
"""

from datetime import timedelta
from typing import Any

import jwt

from interview.clock import Clock
from interview.errors import ConfigurationError, NotAuthenticated

MIN_SECRET = 32
_ALGORITHM = "HS256"


class Signer:
    """Signs and reads tokens; each has a `purpose`, and none is good for another. Times come from the clock."""

    def __init__(self, secret: str, clock: Clock) -> None:
        if len(secret.encode()) < MIN_SECRET:
            raise ConfigurationError(f"JWT_SECRET has fewer than {MIN_SECRET} bytes; generate a longer one")
        self._secret = secret
        self._clock = clock

    def sign(self, purpose: str, *, subject: str, ttl_s: float, **claims: str) -> str:
        """Sign a token for `subject` that lives for `ttl_s` seconds."""
        now = self._clock.now()
        content: dict[str, Any] = {
            **claims,
            "sub": subject,
            "purpose": purpose,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=ttl_s)).timestamp()),
        }
        return jwt.encode(content, self._secret, algorithm=_ALGORITHM)

    def read(self, purpose: str, token: str) -> dict[str, Any]:
        """Return the token's claims.

        Raises `NotAuthenticated` with the code `token_expired`, or `bad_token` for everything else that is wrong.
        """
        # times are checked here against our own clock, not by the library against the machine's
        options: Any = {"require": ["sub", "exp", "purpose"], "verify_exp": False, "verify_iat": False}
        try:
            claims = jwt.decode(token, self._secret, algorithms=[_ALGORITHM], options=options)
        except jwt.PyJWTError as error:
            raise NotAuthenticated("the token is not one of ours, or was altered", code="bad_token") from error
        if claims["purpose"] != purpose or not isinstance(claims["exp"], int):
            raise NotAuthenticated("the token is for something else", code="bad_token")
        if claims["exp"] <= self._clock.now().timestamp():
            raise NotAuthenticated("the token has expired; sign in again", code="token_expired")
        return claims

"""Signing in with an email and a password."""

from control_api.access.callers import ACCESS
from control_api.parts import Parts
from interview.errors import NotAuthenticated


async def login(parts: Parts, email: str, password: str) -> str:
    """Return an access token.

    Raises `NotAuthenticated` (`bad_credentials`) with the same words and after the same time for an unknown email, a
    wrong password and a disabled account.
    """
    user = await parts.storage.users.by_email(email.strip().lower())
    right = await parts.passwords.match(user.password_hash if user else None, password)
    if user is None or not right or user.disabled_at is not None:
        raise NotAuthenticated("the email or the password is wrong", code="bad_credentials")
    await parts.storage.audit.add(actor=f"user:{user.user_id}", action="sign in", subject=f"user:{user.user_id}")
    return parts.signer.sign(ACCESS, subject=user.user_id, ttl_s=parts.settings.access_token_ttl_s)

"""Signing in and staying signed in: short access tokens, and refresh tokens each of which works once.

A sign-in is a *family* of refresh tokens. Using one puts another in its place; using an old one again means that two
hold it, so the whole family ends. Whether a family stands is written in the account, which every call reads anyway.
"""

import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta

from control_api.access.callers import ACCESS, UserCaller
from control_api.auth import throttle
from control_api.parts import Parts
from interview.errors import Conflict, NotAuthenticated
from interview.invite import hash_secret, new_secret
from interview.sign_in import EndedReason, RefreshFamily
from interview.user import MAX_SIGN_INS, User

log = logging.getLogger(__name__)

REFRESH = "refresh"
"""Purpose of a refresh token; its claims are `family` and a `secret` of 256 random bits, of which the hash is kept."""


@dataclass(frozen=True)
class SignedIn:
    """What a caller is given: an access token, and the refresh token for the next one. Times in seconds."""

    access_token: str
    expires_in_s: int
    refresh_token: str
    refresh_expires_in_s: int


async def login(parts: Parts, address: str, email: str, password: str, label: str | None = None) -> SignedIn:
    """Sign in.

    Raises `NotAuthenticated` (`bad_credentials`) with the same words and after the same time for an unknown email, a
    wrong password and a disabled account, and `TooMany` (`too_many_attempts`) after repeated failures.
    """
    email = email.strip().lower()
    tries = await throttle.take_try(parts, account=f"account:{email}", address=address)
    user = await parts.storage.users.by_email(email)
    right = await parts.passwords.match(user.password_hash if user else None, password)
    if user is None or not right or user.disabled_at is not None:
        raise _bad_credentials()
    signed_in = await _begin(parts, user, label)
    await throttle.succeeded(parts, tries)
    return signed_in


async def refresh(parts: Parts, token: str) -> SignedIn:
    """Give a new access token, and a new refresh token in the place of this one.

    Raises `NotAuthenticated` (`signed_out`) when the sign-in has ended, and `Conflict` (`refresh_in_progress`) when the
    token was exchanged a moment ago: by another tab of the same browser, which has the new one by now, or by a call
    whose answer was lost. An older token ends the family, and is audited.
    """
    user, family_id, presented = await _read(parts, token)
    now = parts.clock.now()
    ttl_s = parts.settings.refresh_token_ttl_s
    secret = new_secret()
    family = await parts.storage.refresh_tokens.rotate(
        family_id,
        presented=presented,
        following=hash_secret(secret),
        now=now,
        expires_at=now + timedelta(seconds=ttl_s),
    )
    if family is None:
        raise await _not_the_newest(parts, user, family_id, presented)
    return _tokens(parts, user, family_id, secret)


async def leave(parts: Parts, caller: UserCaller) -> None:
    """Sign out where the call comes from: neither its refresh token nor its access tokens work from now on."""
    await end_sign_in(parts, caller.user.user_id, caller.family_id, "signed out")
    await parts.storage.audit.add(caller.actor, "sign out", f"user:{caller.user.user_id}")


async def leave_everywhere(parts: Parts, caller: UserCaller) -> None:
    """Sign out everywhere, at once."""
    user_id = caller.user.user_id
    await parts.storage.users.end_all_sign_ins(user_id)
    await parts.storage.refresh_tokens.end_all(user_id, "signed out", parts.clock.now())
    await parts.storage.audit.add(caller.actor, "sign out everywhere", f"user:{user_id}")


async def sign_ins_of(parts: Parts, user: User) -> list[RefreshFamily]:
    """Return where the user is signed in, newest first."""
    now = parts.clock.now()
    families = await parts.storage.refresh_tokens.of_user(user.user_id)
    return [family for family in families if family.family_id in user.sign_ins and family.expires_at > now]


async def end_sign_in(parts: Parts, user_id: str, family_id: str, reason: EndedReason) -> bool:
    """End one family; tell whether this call did. The account first: that is what acts."""
    await parts.storage.users.end_sign_in(user_id, family_id)
    return await parts.storage.refresh_tokens.end(family_id, reason, parts.clock.now())


async def _begin(parts: Parts, user: User, label: str | None) -> SignedIn:
    now = parts.clock.now()
    secret = new_secret()
    family = RefreshFamily(
        family_id=str(uuid.uuid4()),
        user_id=user.user_id,
        token_hash=hash_secret(secret),
        label=label,
        created_at=now,
        last_used_at=now,
        expires_at=now + timedelta(seconds=parts.settings.refresh_token_ttl_s),
    )
    await parts.storage.refresh_tokens.add(family)
    current = await parts.storage.users.add_sign_in(user, family.family_id)
    if current is None:  # disabled, or given another password, while this was being verified
        await parts.storage.refresh_tokens.end(family.family_id, "account disabled", now)
        raise _bad_credentials()
    for oldest in current.sign_ins[:-MAX_SIGN_INS]:
        await end_sign_in(parts, user.user_id, oldest, "too many")
    await parts.storage.audit.add(f"user:{user.user_id}", "sign in", f"user:{user.user_id}")
    return _tokens(parts, user, family.family_id, secret)


async def _read(parts: Parts, token: str) -> tuple[User, str, str]:
    """Return the account, the family and the hash of a refresh token that we signed and whose sign-in stands."""
    try:
        claims = parts.signer.read(REFRESH, token)
    except NotAuthenticated:
        raise _signed_out() from None
    user = await parts.storage.users.get(claims["sub"])
    family_id = str(claims.get("family", ""))
    if user is None or user.disabled_at is not None or family_id not in user.sign_ins:
        raise _signed_out()
    return user, family_id, hash_secret(str(claims.get("secret", "")))


async def _not_the_newest(parts: Parts, user: User, family_id: str, presented: str) -> Exception:
    """Say what became of a token that is not the newest; end the family unless it was exchanged a moment ago."""
    family = await parts.storage.refresh_tokens.get(family_id)
    if family is None or family.ended_at is not None:
        return _signed_out()
    age_s = (parts.clock.now() - family.last_used_at).total_seconds()
    if presented == family.previous_hash and age_s <= parts.settings.refresh_reuse_grace_s:
        return Conflict(
            "this refresh token was exchanged a moment ago; use the new one, or sign in if it never came",
            code="refresh_in_progress",
        )
    if await end_sign_in(parts, user.user_id, family_id, "token used twice"):
        log.warning("a refresh token of user %s was used twice; its sign-in has ended", user.user_id)
        await parts.storage.audit.add("system:accounts", "end sign-in: token used twice", f"user:{user.user_id}")
    return _signed_out()


def _tokens(parts: Parts, user: User, family_id: str, secret: str) -> SignedIn:
    settings = parts.settings
    ttl_s = settings.access_token_ttl_s
    refresh_ttl_s = settings.refresh_token_ttl_s
    return SignedIn(
        access_token=parts.signer.sign(ACCESS, subject=user.user_id, ttl_s=ttl_s, family=family_id),
        expires_in_s=ttl_s,
        refresh_token=parts.signer.sign(
            REFRESH, subject=user.user_id, ttl_s=refresh_ttl_s, family=family_id, secret=secret
        ),
        refresh_expires_in_s=refresh_ttl_s,
    )


def _bad_credentials() -> NotAuthenticated:
    return NotAuthenticated("the email or the password is wrong", code="bad_credentials")


def _signed_out() -> NotAuthenticated:
    return NotAuthenticated("this sign-in has ended; sign in again", code="signed_out")

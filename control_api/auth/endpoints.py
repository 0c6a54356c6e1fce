"""`/api/auth`: signing in and out, and one's own account."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Request, Response

from control_api.access import Act, OnHouse, on_house, open_to_all
from control_api.access.callers import check_own_page
from control_api.auth import service
from control_api.auth.schemas import (
    AcceptRequest,
    LoginAnswer,
    LoginRequest,
    MeAnswer,
    PasswordRequest,
    RefreshRequest,
    ResetRequest,
    SignInsAnswer,
    SignInView,
)
from control_api.auth.service import SignedIn
from control_api.cookies import REFRESH_COOKIE, needs_tls
from control_api.parts import HasParts, Parts
from control_api.rates import address_of
from control_api.schemas import codes
from control_api.users.invitations import accept
from control_api.users.new_passwords import change_own, use_reset
from interview.errors import NotAuthenticated
from interview.user import User

PREFIX = "/api/auth"
router = APIRouter(prefix=PREFIX, tags=["auth"])


@router.post(
    "/login",
    dependencies=[open_to_all("it is how one signs in", limited=True)],
    openapi_extra=codes("bad_credentials", "too_many_attempts"),
)
async def login(body: LoginRequest, request: Request, response: Response, parts: HasParts) -> LoginAnswer:
    """Sign in; the token goes into the `Authorization: Bearer` header of later calls, the cookie renews it."""
    signed_in = await service.login(parts, address_of(request.scope), body.email, body.password, body.label)
    return _answer(parts, response, signed_in, cookie=body.cookie)


@router.post(
    "/refresh",
    dependencies=[open_to_all("the refresh token is the proof", limited=True)],
    openapi_extra={**codes("signed_out", "refresh_in_progress", "cross_site"), "security": [{"refresh": []}, {}]},
)
async def refresh(
    request: Request,
    response: Response,
    parts: HasParts,
    body: RefreshRequest | None = None,
    cookie: Annotated[str | None, Cookie(alias=REFRESH_COOKIE, max_length=2000, include_in_schema=False)] = None,
) -> LoginAnswer:
    """Exchange the refresh token, which works once, for a new one and an access token."""
    given = body.refresh_token if body else None
    if given is None:
        check_own_page(request)
    token = given or cookie
    if not token:
        raise NotAuthenticated("sign in first: there is no refresh token", code="signed_out")
    return _answer(parts, response, await service.refresh(parts, token), cookie=given is None)


@router.post("/logout", status_code=204)
async def logout(on: Annotated[OnHouse, on_house(Act.ACCOUNT_LEAVE)], response: Response, parts: HasParts) -> None:
    """Sign out here: the refresh token and the access tokens of this sign-in end at once."""
    await service.leave(parts, on.caller)
    _forget_cookie(response)


@router.post("/logout-everywhere", status_code=204)
async def logout_everywhere(
    on: Annotated[OnHouse, on_house(Act.ACCOUNT_LEAVE)], response: Response, parts: HasParts
) -> None:
    """Sign out everywhere, at once."""
    await service.leave_everywhere(parts, on.caller)
    _forget_cookie(response)


@router.get("/me")
async def me(on: Annotated[OnHouse, on_house(Act.ACCOUNT_SEE)]) -> MeAnswer:
    """Tell who is signed in."""
    return _me(on.caller.user)


@router.get("/sessions")
async def list_sign_ins(on: Annotated[OnHouse, on_house(Act.ACCOUNT_SEE)], parts: HasParts) -> SignInsAnswer:
    """List where one is signed in."""
    families = await service.sign_ins_of(parts, on.caller.user)
    shown = {"family_id", "label", "created_at", "last_used_at", "expires_at"}
    return SignInsAnswer(
        sign_ins=[
            SignInView(**family.model_dump(include=shown), current=family.family_id == on.caller.family_id)
            for family in families
        ]
    )


@router.post(
    "/password",
    status_code=204,
    openapi_extra=codes("bad_password", "wrong_password", "password_changed", "too_many_attempts"),
)
async def change_password(
    body: PasswordRequest, on: Annotated[OnHouse, on_house(Act.ACCOUNT_SET_PASSWORD)], request: Request, parts: HasParts
) -> None:
    """Change one's password. One stays signed in here; every other sign-in ends at once."""
    await change_own(parts, on.caller, address_of(request.scope), current=body.current, new=body.new)


@router.post(
    "/accept-invitation",
    status_code=201,
    dependencies=[open_to_all("it is how one comes to have an account; the link's secret is the proof", limited=True)],
    openapi_extra=codes("link_not_found", "bad_password", "email_taken"),
)
async def accept_invitation(body: AcceptRequest, parts: HasParts) -> MeAnswer:
    """Make the account of an invitation, with a password of one's own. The link works once."""
    user = await accept(parts.storage, parts.clock, secret=body.secret, name=body.name, password=body.password)
    return _me(user)


@router.post(
    "/reset-password",
    status_code=204,
    dependencies=[open_to_all("the link's secret is the proof", limited=True)],
    openapi_extra=codes("link_not_found", "bad_password"),
)
async def reset_password(body: ResetRequest, parts: HasParts) -> None:
    """Set a new password with the link that an admin made. It works once, and ends every sign-in of the account."""
    await use_reset(parts.storage, parts.clock, secret=body.secret, password=body.password)


def _answer(parts: Parts, response: Response, signed_in: SignedIn, *, cookie: bool) -> LoginAnswer:
    if cookie:
        response.set_cookie(
            REFRESH_COOKIE,
            signed_in.refresh_token,
            max_age=signed_in.refresh_expires_in_s,
            path=PREFIX,
            httponly=True,
            samesite="strict",
            secure=needs_tls(parts.settings.api_public_url),
        )
    return LoginAnswer(
        access_token=signed_in.access_token,
        expires_in_s=signed_in.expires_in_s,
        refresh_token=None if cookie else signed_in.refresh_token,
        refresh_expires_in_s=signed_in.refresh_expires_in_s,
    )


def _forget_cookie(response: Response) -> None:
    response.delete_cookie(REFRESH_COOKIE, path=PREFIX, httponly=True, samesite="strict")


def _me(user: User) -> MeAnswer:
    return MeAnswer(user_id=user.user_id, email=user.email, name=user.name, role=user.role)

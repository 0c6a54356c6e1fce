"""`/api/auth`: signing in."""

from fastapi import APIRouter

from control_api.access import SignedIn
from control_api.auth import service
from control_api.auth.schemas import LoginAnswer, LoginRequest, MeAnswer
from control_api.parts import HasParts

router = APIRouter(prefix="/api/auth", tags=["auth"])


@router.post("/login")
async def login(body: LoginRequest, parts: HasParts) -> LoginAnswer:
    """Sign in; the token goes into the `Authorization: Bearer` header of later calls."""
    token = await service.login(parts, body.email, body.password)
    return LoginAnswer(access_token=token, expires_in_s=parts.settings.access_token_ttl_s)


@router.get("/me")
async def me(caller: SignedIn) -> MeAnswer:
    """Tell who is signed in."""
    user = caller.user
    return MeAnswer(user_id=user.user_id, email=user.email, name=user.name, role=user.role)

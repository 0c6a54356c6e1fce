"""`/api/auth`: signing in."""

from typing import Annotated

from fastapi import APIRouter

from control_api.access import Act, OnHouse, on_house, open_to_all
from control_api.auth import service
from control_api.auth.schemas import LoginAnswer, LoginRequest, MeAnswer
from control_api.parts import HasParts
from control_api.schemas import codes

router = APIRouter(prefix="/api/auth", tags=["auth"])


@router.post(
    "/login",
    dependencies=[open_to_all("it is how one signs in")],
    openapi_extra=codes("bad_credentials"),
)
async def login(body: LoginRequest, parts: HasParts) -> LoginAnswer:
    """Sign in; the token goes into the `Authorization: Bearer` header of later calls."""
    token = await service.login(parts, body.email, body.password)
    return LoginAnswer(access_token=token, expires_in_s=parts.settings.access_token_ttl_s)


@router.get("/me")
async def me(on: Annotated[OnHouse, on_house(Act.ACCOUNT_SEE)]) -> MeAnswer:
    """Tell who is signed in."""
    user = on.caller.user
    return MeAnswer(user_id=user.user_id, email=user.email, name=user.name, role=user.role)

"""`/api/invites`: a candidate's way in."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from control_api.access import Act, OnSession, on_own_seat, open_to_all
from control_api.access.callers import SEAT_COOKIE
from control_api.cookies import needs_tls
from control_api.invites import service
from control_api.invites.schemas import OpenRequest, SeatAnswer
from control_api.parts import HasParts
from control_api.schemas import codes

router = APIRouter(prefix="/api/invites", tags=["invites"])


@router.post(
    "/open",
    dependencies=[open_to_all("it is how a candidate comes in; the secret of the link is the proof", limited=True)],
    openapi_extra=codes("invite_not_found", "seat_in_use"),
)
async def open_invite(body: OpenRequest, request: Request, response: Response, parts: HasParts) -> SeatAnswer:
    """Open an invite link: sets the httpOnly seat cookie and returns the candidate's first view.

    While the session is open there is one seat: a second browser takes over, or is refused, as the plan says.
    """
    session, token = await service.open_invite(parts, body.secret, request.cookies.get(SEAT_COOKIE))
    response.set_cookie(
        SEAT_COOKIE,
        token,
        max_age=service.COOKIE_TTL_S,
        path="/api",
        httponly=True,
        samesite="strict",
        secure=needs_tls(parts.settings.api_public_url),
    )
    return service.first_view(parts, session)


@router.get("/seat", openapi_extra=codes("seat_closed", "seat_taken_over"))
async def seat(on: Annotated[OnSession, on_own_seat(Act.SESSION_SEE)], parts: HasParts) -> SeatAnswer:
    """Return the first view again, by the cookie: for a page that was loaded anew."""
    return service.first_view(parts, on.session)

"""`/api/parallel_interview/session/{id}/invite`: what a session's owner does with its links."""

from typing import Annotated

from fastapi import APIRouter

from control_api.access import Act, OnSession, on_session
from control_api.invites.links import look_at_links, renew, revoke
from control_api.invites.schemas import InviteRequest, LinksAnswer, RenewAnswer, RevokeAnswer
from control_api.parts import HasParts
from control_api.schemas import codes

router = APIRouter(prefix="/api/parallel_interview/session/{session_id}/invite", tags=["invites"])


@router.get("")
async def get_invite(on: Annotated[OnSession, on_session(Act.INVITE_SEE)], parts: HasParts) -> LinksAnswer:
    """Tell whether the candidate has a good link, and whether and when it was opened; never the secret."""
    links = await look_at_links(parts, on.session)
    return LinksAnswer(session_id=on.session.session_id, **vars(links))


@router.post("/renew", openapi_extra=codes("session_over"))
async def renew_invite(
    on: Annotated[OnSession, on_session(Act.INVITE_CHANGE)], parts: HasParts, body: InviteRequest | None = None
) -> RenewAnswer:
    """Make a new link, and let it be the only one."""
    caller, send = on.user, body is not None and body.send
    url, mail = await renew(parts, caller, on.session, send=send)
    return RenewAnswer(session_id=on.session.session_id, invite_url=url, mail=mail)


@router.post("/revoke")
async def revoke_invite(
    on: Annotated[OnSession, on_session(Act.INVITE_CHANGE)], parts: HasParts, body: InviteRequest | None = None
) -> RevokeAnswer:
    """Withdraw all links; what is open in a browser closes at once. Repeating is harmless."""
    mail = await revoke(parts, on.user, on.session, send=body is not None and body.send)
    return RevokeAnswer(session_id=on.session.session_id, mail=mail)

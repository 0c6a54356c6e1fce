"""`/api/users`: accounts and invitations, for admins."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from control_api.access import Act, OnHouse, OnUser, on_house, on_user
from control_api.parts import HasParts, Parts
from control_api.schemas import PathId, codes
from control_api.users import changing, invitations
from control_api.users.handing_over import hand_over
from control_api.users.new_passwords import make_reset
from control_api.users.schemas import (
    ChangeUserRequest,
    CreateUserAnswer,
    CreateUserRequest,
    InvitationAnswer,
    InvitationPage,
    InvitationView,
    InviteUserRequest,
    ResetAnswer,
    TransferAnswer,
    TransferRequest,
    UserAnswer,
    UserPage,
    UserView,
)
from control_api.users.service import add_user
from interview.user import Role, User

router = APIRouter(prefix="/api/users", tags=["users"])

Limit = Annotated[int, Query(ge=1, le=100)]
After = Annotated[str | None, Query(max_length=500)]


@router.get("", openapi_extra=codes("bad_cursor"))
async def list_users(
    on: Annotated[OnHouse, on_house(Act.USER_LIST)],
    parts: HasParts,
    role: Role | None = None,
    active: bool | None = None,
    limit: Limit = 50,
    cursor: After = None,
) -> UserPage:
    """List accounts, newest first, page by page."""
    users, after = await parts.storage.users.page(role=role, active=active, limit=limit, after=cursor)
    return UserPage(users=[UserView.of(user) for user in users], next_cursor=after)


@router.post("", status_code=201, openapi_extra=codes("bad_user", "bad_password", "email_taken"))
async def create_user(
    body: CreateUserRequest, on: Annotated[OnHouse, on_house(Act.USER_ADD)], parts: HasParts
) -> CreateUserAnswer:
    """Make an account; without a password one is generated, and shown only now."""
    user, generated = await add_user(
        parts.storage,
        parts.clock,
        email=body.email,
        name=body.name,
        role=body.role,
        password=body.password,
        by=on.caller.actor,
    )
    return CreateUserAnswer(**UserView.of(user).model_dump(), generated_password=generated)


@router.post("/invite", status_code=201, openapi_extra=codes("bad_user", "email_taken", "invitation_open"))
async def invite_user(
    body: InviteUserRequest, on: Annotated[OnHouse, on_house(Act.USER_ADD)], parts: HasParts
) -> InvitationAnswer:
    """Invite somebody to have an account; the link is shown only now."""
    link, url = await invitations.invite(
        parts.storage,
        parts.clock,
        parts.settings,
        actor=on.caller.actor,
        email=body.email,
        name=body.name,
        role=body.role,
    )
    return InvitationAnswer(**InvitationView.of(link).model_dump(), url=url)


@router.get("/invitations", openapi_extra=codes("bad_cursor"))
async def list_invitations(
    on: Annotated[OnHouse, on_house(Act.USER_LIST)],
    parts: HasParts,
    only_open: bool = False,
    limit: Limit = 50,
    cursor: After = None,
) -> InvitationPage:
    """List invitations, newest first, page by page; `only_open` leaves out what was used, withdrawn or ran out."""
    links, after = await parts.storage.account_links.invitations(
        open_at=parts.clock.now() if only_open else None, limit=limit, after=cursor
    )
    return InvitationPage(invitations=[InvitationView.of(link) for link in links], next_cursor=after)


@router.post("/invitations/{invitation_id}/resend", openapi_extra=codes("invitation_not_found", "email_taken"))
async def resend_invitation(
    invitation_id: PathId, on: Annotated[OnHouse, on_house(Act.USER_ADD)], parts: HasParts
) -> InvitationAnswer:
    """Give an invitation a new link, and its whole time again; the old link stops working."""
    link, url = await invitations.resend(
        parts.storage, parts.clock, parts.settings, actor=on.caller.actor, invitation_id=invitation_id
    )
    return InvitationAnswer(**InvitationView.of(link).model_dump(), url=url)


@router.delete(
    "/invitations/{invitation_id}",
    status_code=204,
    openapi_extra=codes("invitation_not_found", "invitation_used"),
)
async def revoke_invitation(
    invitation_id: PathId, on: Annotated[OnHouse, on_house(Act.USER_ADD)], parts: HasParts
) -> None:
    """Withdraw an invitation. Repeating it is harmless."""
    await invitations.revoke(parts.storage, parts.clock, actor=on.caller.actor, invitation_id=invitation_id)


@router.get("/{user_id}")
async def get_user(on: Annotated[OnUser, on_user(Act.USER_SEE)], parts: HasParts) -> UserAnswer:
    """Show an account."""
    return await _answer(parts, on.user)


@router.patch("/{user_id}", openapi_extra=codes("last_admin", "admins_busy"))
async def change_user(
    body: ChangeUserRequest, on: Annotated[OnUser, on_user(Act.USER_CHANGE)], parts: HasParts
) -> UserAnswer:
    """Change name or role; a role acts from the next call on."""
    user = await changing.change(
        parts.storage, parts.clock, actor=on.caller.actor, user_id=on.user.user_id, name=body.name, role=body.role
    )
    return await _answer(parts, user)


@router.post("/{user_id}/disable", openapi_extra=codes("last_admin", "admins_busy"))
async def disable_user(on: Annotated[OnUser, on_user(Act.USER_CHANGE)], parts: HasParts) -> UserAnswer:
    """Disable an account, at once; the answer says how many open sessions it leaves. Repeating it is harmless."""
    user = await changing.disable(parts.storage, parts.clock, actor=on.caller.actor, user_id=on.user.user_id)
    return await _answer(parts, user)


@router.post("/{user_id}/enable")
async def enable_user(on: Annotated[OnUser, on_user(Act.USER_CHANGE)], parts: HasParts) -> UserAnswer:
    """Enable an account again. Repeating it is harmless."""
    return await _answer(parts, await changing.enable(parts.storage, actor=on.caller.actor, user_id=on.user.user_id))


@router.post("/{user_id}/password-reset", status_code=201)
async def make_password_reset(on: Annotated[OnUser, on_user(Act.USER_CHANGE)], parts: HasParts) -> ResetAnswer:
    """Make a one-time link for a new password; the old password works until the link is used."""
    link, url = await make_reset(parts.storage, parts.clock, parts.settings, actor=on.caller.actor, user=on.user)
    return ResetAnswer(url=url, expires_at=link.expires_at)


@router.post("/{user_id}/transfer", openapi_extra=codes("bad_target"))
async def transfer(
    body: TransferRequest, on: Annotated[OnUser, on_user(Act.USER_HAND_OVER)], parts: HasParts
) -> TransferAnswer:
    """Give all sessions and plans of an account, or the named sessions, to another. A repeat goes on from there."""
    done = await hand_over(
        parts.storage,
        actor=on.caller.actor,
        source=on.user,
        target_id=body.to_user_id,
        session_ids=body.session_ids,
    )
    return TransferAnswer(**asdict(done))


async def _answer(parts: Parts, user: User) -> UserAnswer:
    open_sessions = await parts.storage.sessions.count_open(user.user_id)
    return UserAnswer(**UserView.of(user).model_dump(), open_sessions=open_sessions)

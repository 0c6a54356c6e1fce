"""Bodies of accounts, as admins see and change them."""

from typing import Annotated, Self

from pydantic import Field

from control_api.auth.schemas import Password
from control_api.schemas import Answer, Body
from control_api.users.handing_over import MAX_AT_ONCE
from interview.account_link import AccountLink
from interview.record import Line, Moment
from interview.user import Role, User

Email = Annotated[Line, Field(max_length=320)]
Name = Annotated[Line, Field(max_length=200)]
Id = Annotated[Line, Field(max_length=64)]


class UserView(Answer):
    """An account."""

    user_id: str
    email: str
    name: str
    role: Role
    created_at: Moment
    disabled_at: Moment | None

    @classmethod
    def of(cls, user: User) -> Self:
        """Show an account without what signs it in."""
        return cls.model_validate(user.model_dump(include=set(UserView.model_fields)))


class UserAnswer(UserView):
    """An account, and how many sessions it owns that have not ended: somebody must take them over when it goes."""

    open_sessions: int


class UserPage(Answer):
    """A page of accounts, newest first."""

    users: list[UserView]
    next_cursor: str | None


class CreateUserRequest(Body):
    """A new account. Without a password one is generated."""

    email: Email
    name: Name
    role: Role
    password: Password | None = None


class CreateUserAnswer(UserView):
    """The account, and its generated password, shown only now."""

    generated_password: str | None


class ChangeUserRequest(Body):
    """What is to be another."""

    name: Name | None = None
    role: Role | None = None


class InviteUserRequest(Body):
    """Who is invited to have an account, and what it may do."""

    email: Email
    name: Name
    role: Role


class InvitationView(Answer):
    """An invitation to have an account."""

    invitation_id: str
    email: str
    name: str
    role: Role
    created_at: Moment
    expires_at: Moment
    used_at: Moment | None
    revoked_at: Moment | None

    @classmethod
    def of(cls, link: AccountLink) -> Self:
        """Show an invitation without its secret's hash."""
        shown = set(InvitationView.model_fields)
        return cls.model_validate({"invitation_id": link.link_id, **link.model_dump(include=shown)})


class InvitationAnswer(InvitationView):
    """An invitation, with its link, shown only now."""

    url: str


class InvitationPage(Answer):
    """A page of invitations, newest first."""

    invitations: list[InvitationView]
    next_cursor: str | None


class ResetAnswer(Answer):
    """A link with which the user sets a new password, once; shown only now."""

    url: str
    expires_at: Moment


class TransferRequest(Body):
    """Who gets them: all sessions and plans, or the named sessions."""

    to_user_id: Id
    session_ids: Annotated[list[Id], Field(min_length=1, max_length=MAX_AT_ONCE)] | None = None


class TransferAnswer(Answer):
    """What this call gave on. Repeat it until `remaining` and `plans_remaining` are 0."""

    transferred: int
    already: int
    missing: tuple[str, ...]
    remaining: int
    plans_transferred: int
    plans_remaining: int

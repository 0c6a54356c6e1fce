"""Who is calling, and what they may do: the one place that decides.

A user shows a bearer token; a candidate shows the seat cookie that an invite link gave. What belongs to somebody else
does not exist for the caller (`NotFound`); what is one's own but not for one's role is `NotAllowed`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPBearer

from control_api.parts import HasParts, Parts
from interview.errors import NotAllowed, NotAuthenticated, NotFound
from interview.session import Session, Status
from interview.user import Role, User

SEAT_COOKIE = "viva_seat"
ACCESS = "access"
"""Purpose of a user's token."""
SEAT = "seat"
"""Purpose of a candidate's token; its subject is the session, its claim `invite` the hash of the link's secret."""

_SESSION_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Act(StrEnum):
    """What can be done to one session."""

    SEE = "see"
    CONSENT = "consent"
    JOIN = "join"
    START = "start"
    END = "end"
    DELETE = "delete"
    READ_MATERIAL = "read material"
    """Transcript, recording, incidents, stills, report."""


BY_CANDIDATE = frozenset({Act.SEE, Act.CONSENT, Act.JOIN, Act.START, Act.END})
"""What the candidate may do to their own session. Its owner and admins may do everything."""

MAY_CREATE = frozenset({Role.ADMIN, Role.RECRUITER})
"""Roles that own sessions."""


@dataclass(frozen=True)
class UserCaller:
    """A person with an account."""

    user: User

    @property
    def actor(self) -> str:
        """The name in the audit log."""
        return f"user:{self.user.user_id}"


@dataclass(frozen=True)
class CandidateCaller:
    """The candidate of one session."""

    session_id: str

    @property
    def actor(self) -> str:
        """The name in the audit log."""
        return f"candidate:{self.session_id}"


Caller = UserCaller | CandidateCaller


# For the OpenAPI document only; `caller_of` tells more exactly what is wrong.
_Account = Annotated[object, Depends(HTTPBearer(auto_error=False, scheme_name="account"))]
_SeatCookie = Annotated[object, Depends(APIKeyCookie(name=SEAT_COOKIE, auto_error=False, scheme_name="seat"))]


async def caller_of(request: Request, parts: HasParts, _account: _Account, _seat: _SeatCookie) -> Caller:
    """Find out who is calling. A bearer token goes before a cookie. Raises `NotAuthenticated`."""
    return await _caller(request, parts)


async def signed_in(request: Request, parts: HasParts, _account: _Account) -> UserCaller:
    """Find out which user is calling. Raises `NotAuthenticated`, and `NotAllowed` for a candidate."""
    caller = await _caller(request, parts)
    if not isinstance(caller, UserCaller):
        raise NotAllowed("this needs an account")
    return caller


async def seated(request: Request, parts: HasParts, _seat: _SeatCookie) -> CandidateCaller:
    """Find out which candidate is calling. Raises `NotAuthenticated`."""
    seat = request.cookies.get(SEAT_COOKIE)
    if not seat:
        raise NotAuthenticated("open the invite link again")
    return await _candidate(parts, seat)


AnyCaller = Annotated[Caller, Depends(caller_of)]
SignedIn = Annotated[UserCaller, Depends(signed_in)]
Seated = Annotated[CandidateCaller, Depends(seated)]


async def _caller(request: Request, parts: Parts) -> Caller:
    authorization = request.headers.get("authorization", "")
    if authorization:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotAuthenticated("send `Authorization: Bearer TOKEN`", code="bad_token")
        return UserCaller(await _user(parts, token.strip()))
    if seat := request.cookies.get(SEAT_COOKIE):
        return await _candidate(parts, seat)
    raise NotAuthenticated("sign in, or open the invite link again")


def check_may_create(caller: UserCaller) -> None:
    """Raise `NotAllowed` unless the user may own sessions."""
    if caller.user.role not in MAY_CREATE:
        raise NotAllowed(f"a {caller.user.role} owns no sessions", role=caller.user.role.value)


def rows_of(caller: UserCaller) -> str | None:
    """Return whose sessions the user lists: an owner id, or None for everybody's."""
    check_may_create(caller)
    return None if caller.user.role is Role.ADMIN else caller.user.user_id


async def session_for(parts: Parts, caller: Caller, session_id: str, act: Act) -> Session:
    """Return the session if the caller may do `act` to it.

    Raises `NotFound` when there is none or it is another's, `NotAllowed` when it is one's own but not for one's role.
    """
    if not _SESSION_ID.fullmatch(session_id) or not _may_know_of(caller, session_id):
        raise _no_session()
    try:
        session = await parts.storage.sessions.get(session_id)
    except NotFound:
        raise _no_session() from None
    if isinstance(caller, CandidateCaller):
        if session.status is Status.DELETED:
            raise _no_session()
        if act not in BY_CANDIDATE:
            raise NotAllowed("this is for the people who invited you")
    elif caller.user.role is not Role.ADMIN and session.owner_id != caller.user.user_id:
        raise _no_session()
    return session


def _may_know_of(caller: Caller, session_id: str) -> bool:
    return isinstance(caller, UserCaller) or caller.session_id == session_id


def _no_session() -> NotFound:
    # the same words for none and for another's, so that an answer does not tell one from the other
    return NotFound("there is no such session")


async def _user(parts: Parts, token: str) -> User:
    claims = parts.signer.read(ACCESS, token)
    user = await parts.storage.users.get(claims["sub"])
    if user is None or user.disabled_at is not None:
        raise NotAuthenticated("this account is not there any more, or was disabled")
    return user


async def _candidate(parts: Parts, token: str) -> CandidateCaller:
    claims = parts.signer.read(SEAT, token)
    invite = await parts.storage.invites.get(claims.get("invite", ""))
    if invite is None or invite.revoked_at is not None or invite.session_id != claims["sub"]:
        raise NotAuthenticated("the invitation was withdrawn", code="seat_closed")
    return CandidateCaller(session_id=invite.session_id)

"""Who is calling: a user by bearer token, a candidate by the seat cookie that an invite link gave."""

from dataclasses import dataclass

from fastapi import Request

from control_api.access.table import Who
from control_api.invites.seats import check_seat, note_use
from control_api.invites.validity import opens_now
from control_api.parts import Parts
from control_api.rates import Rate
from interview.errors import NotAllowed, NotAuthenticated, NotFound
from interview.session import Session
from interview.user import User

SEAT_COOKIE = "viva_seat"
ACCESS = "access"
"""Purpose of a user's token; its claim `family` names the sign-in from which it comes."""
SEAT = "seat"
"""Purpose of a candidate's token; its subject is the session, its claim `invite` the hash of the link's secret, and
its claim `seat` the browser's own secret."""


@dataclass(frozen=True)
class UserCaller:
    """A person with an account."""

    user: User
    family_id: str = ""
    """The sign-in from which the call comes."""

    @property
    def who(self) -> Who:
        """The column of the access table."""
        return Who(self.user.role.value)

    @property
    def actor(self) -> str:
        """The name in the audit log."""
        return f"user:{self.user.user_id}"

    def owns(self, owner_id: str) -> bool:
        """Tell whether what belongs to that user is the caller's own."""
        return self.user.user_id == owner_id


@dataclass(frozen=True)
class CandidateCaller:
    """The candidate of one session, which is as it was when they were let in."""

    session: Session

    @property
    def session_id(self) -> str:
        """The id of their session."""
        return self.session.session_id

    @property
    def who(self) -> Who:
        """The column of the access table."""
        return Who.CANDIDATE

    @property
    def actor(self) -> str:
        """The name in the audit log."""
        return f"candidate:{self.session_id}"


Caller = UserCaller | CandidateCaller


def owns_session(caller: Caller, session: Session) -> bool:
    """Tell whether the session is the caller's own."""
    if isinstance(caller, CandidateCaller):
        return caller.session_id == session.session_id
    return caller.owns(session.owner_id)


async def find_caller(request: Request, parts: Parts) -> Caller:
    """Find out who is calling. A bearer token goes before a cookie.

    Raises `NotAuthenticated`, and `TooMany` for an account that asks too often.
    """
    authorization = request.headers.get("authorization", "")
    if authorization:
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise NotAuthenticated("send `Authorization: Bearer TOKEN`", code="bad_token")
        return await _find_user(parts, token.strip())
    if request.cookies.get(SEAT_COOKIE):
        return await find_candidate(request, parts)
    raise NotAuthenticated("sign in, or open the invite link again")


def check_own_page(request: Request) -> None:
    """Raise `NotAllowed` (`cross_site`) where a browser says that another site's page makes it call.

    For calls that a cookie opens. Those cookies are same-site, but a neighbour under the same domain is that as well.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed("this call was made by a page of another site", code="cross_site")


async def find_candidate(request: Request, parts: Parts) -> CandidateCaller:
    """Find out which candidate is calling, by the cookie alone.

    Raises `NotAuthenticated`: `seat_closed` when the link is no longer good, `seat_taken_over` when the session is open
    in another browser; and `TooMany` for a seat from which too much is asked.
    """
    token = request.cookies.get(SEAT_COOKIE)
    if not token:
        raise NotAuthenticated("open the invite link again")
    check_own_page(request)
    claims = parts.signer.read(SEAT, token)
    await parts.rates.admit(Rate.USER, f"seat:{claims['sub']}")
    invite = await parts.storage.invites.get(claims.get("invite", ""))
    if invite is None or invite.session_id != claims["sub"]:
        raise _closed()
    try:
        session = await parts.storage.sessions.get(invite.session_id)
    except NotFound:
        raise _closed() from None
    if not opens_now(parts, invite, session):
        raise _closed()
    check_seat(session, claims.get("seat", ""))
    await note_use(parts, session)
    return CandidateCaller(session)


def _closed() -> NotAuthenticated:
    return NotAuthenticated("the invitation was withdrawn, or its time is over", code="seat_closed")


async def _find_user(parts: Parts, token: str) -> UserCaller:
    claims = parts.signer.read(ACCESS, token)
    await parts.rates.admit(Rate.USER, claims["sub"])
    user = await parts.storage.users.get(claims["sub"])
    if user is None or user.disabled_at is not None:
        raise NotAuthenticated("this account is not there any more, or was disabled")
    family_id = claims.get("family", "")
    # one read tells both: a sign-in that ended takes the tokens that are out with it
    if family_id not in user.sign_ins:
        raise NotAuthenticated("this sign-in has ended; sign in again", code="signed_out")
    return UserCaller(user, family_id)

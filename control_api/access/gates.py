"""The gates through which every call goes: they find the caller and the thing, and ask the table.

An endpoint names its act once, in the type of a parameter, and is handed what the gate let through:

    async def get_session(on: Annotated[OnSession, on_session(Act.SESSION_SEE)]) -> …

What is open to anyone says so too, with the reason: `dependencies=[open_to_all("it is how one gets in")]`.
"""

import re
from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request

from control_api.access.callers import (
    Caller,
    CandidateCaller,
    UserCaller,
    find_caller,
    find_candidate,
    owns_session,
)
from control_api.access.table import TABLE, Act, Reach, Thing, Verdict, decide
from control_api.parts import HasParts, Parts
from control_api.rates import Rate, address_of
from control_api.schemas import PathId
from interview import logs
from interview.errors import NotAllowed, NotFound
from interview.session import Session
from interview.user import User

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class OnHouse:
    """A user who may do what they ask for in the house, or to their own account."""

    caller: UserCaller
    reach: Reach

    @property
    def rows_of(self) -> str | None:
        """Whose rows the caller lists: a user's id, or None for everybody's."""
        return None if self.reach is Reach.ALL else self.caller.user.user_id


@dataclass(frozen=True)
class OnSession:
    """A caller, and the session to which they may do what they ask for."""

    caller: Caller
    session: Session

    @property
    def user(self) -> UserCaller:
        """The caller of an act that the table gives to no candidate."""
        assert isinstance(self.caller, UserCaller)
        return self.caller


@dataclass(frozen=True)
class OnUser:
    """An admin, and the account to which they may do what they ask for."""

    caller: UserCaller
    user: User


class Gate:
    """What all gates have in common: the act, and the question to the table."""

    def __init__(self, act: Act) -> None:
        self.act = act

    def check(self, caller: Caller, *, own: bool, thing: str) -> None:
        """Raise `NotFound` or `NotAllowed` unless the table allows the act; `thing` is what would not be there."""
        verdict = decide(self.act, caller.who, own=own)
        if verdict is Verdict.HIDDEN:
            raise absent(thing)
        if verdict is Verdict.FORBIDDEN:
            if isinstance(caller, CandidateCaller):
                raise NotAllowed("this is for the people who invited you")
            raise NotAllowed(f"a {caller.who} may not do this", role=caller.who.value)


class HouseGate(Gate):
    """Lets users through to acts on the house and on their own account."""

    async def __call__(self, request: Request, parts: HasParts) -> OnHouse:
        """Find the user. Raises `NotAuthenticated` and `NotAllowed`."""
        caller = await find_caller(request, parts)
        self.check(caller, own=True, thing="thing")
        if not isinstance(caller, UserCaller):
            raise NotAllowed("this needs an account")
        return OnHouse(caller, TABLE[self.act].reach(caller.who))


class _SessionGate(Gate):
    async def session_of(self, parts: Parts, caller: Caller, session_id: str) -> Session:
        """Return the session if the caller may do the gate's act to it."""
        if not UUID.fullmatch(session_id):
            raise absent("session")
        if isinstance(caller, CandidateCaller) and caller.session_id != session_id:
            raise absent("session")
        if isinstance(caller, CandidateCaller):
            logs.about(session_id)
            session = caller.session  # just read, to let them in
            self.check(caller, own=True, thing="session")
            return session
        try:
            session = await parts.storage.sessions.get(session_id)
        except NotFound:
            raise absent("session") from None
        logs.about(session_id)
        self.check(caller, own=owns_session(caller, session), thing="session")
        return session


class SessionGate(_SessionGate):
    """Lets callers through to the session that the path names."""

    async def __call__(self, session_id: PathId, request: Request, parts: HasParts) -> OnSession:
        """Find caller and session. Raises `NotAuthenticated`, `NotFound` and `NotAllowed`."""
        caller = await find_caller(request, parts)
        return OnSession(caller, await self.session_of(parts, caller, session_id))


class SeatGate(_SessionGate):
    """Lets a candidate through to the session of their own seat, which no path names."""

    async def __call__(self, request: Request, parts: HasParts) -> OnSession:
        """Find the candidate by the cookie, and their session."""
        caller = await find_candidate(request, parts)
        return OnSession(caller, await self.session_of(parts, caller, caller.session_id))


class UserGate(Gate):
    """Lets admins through to the account that the path names."""

    async def __call__(self, user_id: PathId, request: Request, parts: HasParts) -> OnUser:
        """Find caller and account. Raises `NotAuthenticated` and `NotFound`."""
        caller = await find_caller(request, parts)
        self.check(caller, own=False, thing="user")
        user = await parts.storage.users.get(user_id) if UUID.fullmatch(user_id) else None
        if user is None or not isinstance(caller, UserCaller):
            raise absent("user")
        return OnUser(caller, user)


class OpenGate:
    """Lets anyone through, and says why that is right; where guessing would pay, not too often from one address."""

    def __init__(self, why: str, *, limited: bool = False) -> None:
        self.why = why
        self.limited = limited

    async def __call__(self, request: Request, parts: HasParts) -> None:
        """Ask nothing. Raises `TooMany`."""
        if self.limited:
            await parts.rates.admit(Rate.OPEN, address_of(request.scope))


def on_house(act: Act) -> Any:
    """Return the gate to an act on the house or on one's own account."""
    assert TABLE[act].thing in (Thing.HOUSE, Thing.ACCOUNT)
    return Depends(HouseGate(act))


def on_session(act: Act) -> Any:
    """Return the gate to an act on the session that the path names."""
    assert TABLE[act].thing is Thing.SESSION
    return Depends(SessionGate(act))


def on_own_seat(act: Act) -> Any:
    """Return the gate to an act on the session of the caller's seat cookie."""
    assert TABLE[act].thing is Thing.SESSION
    return Depends(SeatGate(act))


def on_user(act: Act) -> Any:
    """Return the gate to an act on the account that the path names."""
    assert TABLE[act].thing is Thing.USER
    return Depends(UserGate(act))


def open_to_all(why: str, *, limited: bool = False) -> Any:
    """Return the gate that is always open; `limited` where what is sent is the proof of who calls."""
    return Depends(OpenGate(why, limited=limited))


def absent(thing: str) -> NotFound:
    """Return the error for what is not there, and in the same words for what is another's."""
    return NotFound(f"there is no such {thing}")

"""Rooms of interviews on a LiveKit server: opened, closed, and with agents sent into them."""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple, Self, TypeVar

import aiohttp
from livekit import api

from interview.errors import NotFound, RoomServiceUnavailable
from interview.names import (
    INTERVIEWER_AGENT,
    PROCTOR_AGENT,
    TOPIC_CONTROL,
    interviewer_identity,
    is_observer,
    proctor_identity,
    room_name,
)
from interview.settings import Settings
from rooms.tokens import candidate_token, observer_token

T = TypeVar("T")


def _http_url(url: str) -> str:
    """Turn `ws://` and `wss://` into what the server API is reached by."""
    return "http" + url.removeprefix("ws") if url.startswith("ws") else url


class OpenRoom(NamedTuple):
    """A room that exists, and since when (seconds since 1970)."""

    name: str
    created_at_s: float


class Rooms:
    """The rooms of all sessions. One per process; `aclose` it.

    Every method raises `RoomServiceUnavailable` when LiveKit is away, slow (`timeout_s`), or refuses our key.
    All are safe to repeat, except `dispatch`, which sends another agent each time.
    """

    def __init__(
        self,
        url: str,
        key: str,
        secret: str,
        *,
        empty_timeout_s: int = 660,
        departure_timeout_s: int = 150,
        candidate_token_ttl_s: int = 600,
        observer_token_ttl_s: int = 300,
        timeout_s: float = 5.0,
    ) -> None:
        self._url = _http_url(url)
        self._key = key
        self._secret = secret
        self._empty_timeout_s = empty_timeout_s
        self._departure_timeout_s = departure_timeout_s
        self._candidate_token_ttl_s = candidate_token_ttl_s
        self._observer_token_ttl_s = observer_token_ttl_s
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._api: api.LiveKitAPI | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Build from settings."""
        return cls(
            settings.livekit_url,
            settings.livekit_api_key,
            settings.livekit_api_secret.get_secret_value(),
            empty_timeout_s=settings.room_empty_timeout_s,
            departure_timeout_s=settings.room_departure_timeout_s,
            candidate_token_ttl_s=settings.candidate_token_ttl_s,
            observer_token_ttl_s=settings.observer_token_ttl_s,
        )

    async def aclose(self) -> None:
        """Close the connections to LiveKit."""
        if self._api is not None:
            await self._api.aclose()
            self._api = None

    def candidate_token(self, session_id: str) -> str:
        """Sign a fresh token for the candidate of a session (`rooms.tokens`)."""
        return candidate_token(
            key=self._key, secret=self._secret, session_id=session_id, ttl_s=self._candidate_token_ttl_s
        )

    def observer_token(self, session_id: str, user_id: str) -> str:
        """Sign a fresh token with which a user watches a room unseen (`rooms.tokens`)."""
        return observer_token(
            key=self._key,
            secret=self._secret,
            session_id=session_id,
            user_id=user_id,
            ttl_s=self._observer_token_ttl_s,
        )

    async def open(self, session_id: str) -> None:
        """Make the room of a session. A room that exists stays as it is, with whoever is in it."""
        request = api.CreateRoomRequest(
            name=room_name(session_id),
            empty_timeout=self._empty_timeout_s,
            departure_timeout=self._departure_timeout_s,
        )
        await self._call("open a room", lambda server: server.room.create_room(request))

    async def close(self, session_id: str) -> None:
        """Delete the room of a session and put everybody out; one that is gone is fine."""
        request = api.DeleteRoomRequest(room=room_name(session_id))
        with suppress(NotFound):
            await self._call("close a room", lambda server: server.room.delete_room(request))

    async def dispatch(self, session_id: str, attempt: int, *, proctor: bool = False) -> None:
        """Send the interviewer of `attempt`, and if wanted a proctor, into a room that is open.

        Where there is no such room LiveKit looks for it for 3 s and is then unavailable.
        """
        await self._dispatch(INTERVIEWER_AGENT, session_id, attempt)
        if proctor:
            await self.dispatch_proctor(session_id, attempt)

    async def dispatch_proctor(self, session_id: str, attempt: int) -> None:
        """Send a proctor of `attempt` into a room that is open."""
        await self._dispatch(PROCTOR_AGENT, session_id, attempt)

    async def retire(self, session_id: str, attempt: int) -> None:
        """Put the agents of an attempt out of the room and withdraw their dispatches; the next one is then alone.

        A killed agent lingers in its room for about 20 s otherwise. No such room is fine.
        """
        for identity in (interviewer_identity(attempt), proctor_identity(attempt)):
            await self.remove(session_id, identity)
        if not await self.exists(session_id):
            return
        room = room_name(session_id)
        with suppress(NotFound):
            for dispatch in await self._call("list dispatches", lambda s: s.agent_dispatch.list_dispatch(room)):
                if json.loads(dispatch.metadata or "{}").get("attempt") == attempt:
                    await self._call("withdraw a dispatch", _withdrawal(dispatch.id, room))

    async def remove(self, session_id: str, identity: str) -> None:
        """Put one participant out of the room; one that is gone is fine."""
        request = api.RoomParticipantIdentity(room=room_name(session_id), identity=identity)
        with suppress(NotFound):
            await self._call("remove a participant", lambda server: server.room.remove_participant(request))

    async def remove_observers(self, session_id: str) -> int:
        """Put out everybody who watches a room unseen; return how many there were."""
        watching = [one for one in await self.identities(session_id) if is_observer(one)]
        for identity in watching:
            await self.remove(session_id, identity)
        return len(watching)

    async def list_rooms(self) -> list[str]:
        """Return the names of all rooms that exist now, ours or not."""
        return [room.name for room in await self.open_rooms()]

    async def open_rooms(self) -> list[OpenRoom]:
        """Return all rooms that exist now, ours or not."""
        found = await self._call("list rooms", lambda server: server.room.list_rooms(api.ListRoomsRequest()))
        return [OpenRoom(room.name, float(room.creation_time)) for room in found.rooms]

    async def exists(self, session_id: str) -> bool:
        """Tell whether the room of a session is there."""
        request = api.ListRoomsRequest(names=[room_name(session_id)])
        found = await self._call("look for a room", lambda server: server.room.list_rooms(request))
        return bool(found.rooms)

    async def identities(self, session_id: str) -> list[str]:
        """Return who is in the room of a session, hidden ones included; empty when there is no such room."""
        request = api.ListParticipantsRequest(room=room_name(session_id))
        try:
            found = await self._call("list participants", lambda server: server.room.list_participants(request))
        except NotFound:
            return []
        return [participant.identity for participant in found.participants]

    async def send_control(self, session_id: str) -> None:
        """Tell the agents in a room to read their session again; nobody there is fine."""
        request = api.SendDataRequest(
            room=room_name(session_id), data=b"{}", kind=api.DataPacket.Kind.RELIABLE, topic=TOPIC_CONTROL
        )
        if not await self.exists(session_id):  # LiveKit would look for the room for 3 s
            return
        with suppress(NotFound):
            await self._call("send a control message", lambda server: server.room.send_data(request))

    async def _dispatch(self, agent_name: str, session_id: str, attempt: int) -> None:
        metadata = json.dumps({"session_id": session_id, "attempt": attempt})
        request = api.CreateAgentDispatchRequest(agent_name=agent_name, room=room_name(session_id), metadata=metadata)
        await self._call(f"dispatch the {agent_name}", lambda server: server.agent_dispatch.create_dispatch(request))

    async def _call(self, doing: str, call: Callable[[api.LiveKitAPI], Awaitable[T]]) -> T:
        """Make one call to LiveKit, and turn its failures into ours."""
        if self._api is None:
            self._api = api.LiveKitAPI(self._url, self._key, self._secret, timeout=self._timeout, failover=False)
        try:
            return await call(self._api)
        except api.ServerError as error:
            if error.code == api.ServerErrorCode.NOT_FOUND:
                raise NotFound(f"LiveKit has nothing there to {doing}", doing=doing) from error
            raise RoomServiceUnavailable(
                f"LiveKit refused to {doing} ({error.code}); check that the API key and secret are the server's",
                doing=doing,
                livekit_code=error.code,
            ) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise RoomServiceUnavailable(
                f"LiveKit cannot be reached to {doing}; check that the server runs", doing=doing
            ) from error


def _withdrawal(dispatch_id: str, room: str) -> Callable[[api.LiveKitAPI], Awaitable[Any]]:
    return lambda server: server.agent_dispatch.delete_dispatch(dispatch_id, room)

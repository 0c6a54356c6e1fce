"""Whether the candidate is in the room, and can be spoken to."""

import asyncio
from collections.abc import Callable

from livekit import rtc


class Presence:
    """Follows one participant's coming and going.

    They are here once their connection is active: what is sent to somebody who is still connecting does not reach them,
    and the captions of a line whose beginning they missed never do.
    """

    def __init__(self, room: rtc.Room, identity: str) -> None:
        self._room = room
        self._identity = identity
        self._here = asyncio.Event()
        self._away = asyncio.Event()

    def follow(self, on_room_closed: Callable[[], None]) -> None:
        """Begin to follow, in a room that is connected; `on_room_closed` is called when we are out of it for good."""

        def told(participant: rtc.RemoteParticipant) -> None:
            if (
                participant.identity == self._identity
                and participant.state == rtc.ParticipantState.PARTICIPANT_STATE_ACTIVE
            ):
                self._away.clear()
                self._here.set()

        def left(participant: rtc.RemoteParticipant) -> None:
            if participant.identity == self._identity:
                self._here.clear()
                self._away.set()

        self._room.on("participant_connected", told)
        self._room.on("participant_active", told)
        self._room.on("participant_disconnected", left)
        self._room.on("disconnected", lambda *_: on_room_closed())
        for participant in self._room.remote_participants.values():
            told(participant)

    async def arrives(self, within_s: float) -> bool:
        """Wait until the candidate is there; False when the time has passed."""
        try:
            async with asyncio.timeout(within_s):
                await self._here.wait()
        except TimeoutError:
            return False
        return True

    async def leaves(self) -> None:
        """Wait until the candidate has left."""
        await self._away.wait()

"""When the candidate counts as being there."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from livekit import rtc

from agent.presence import Presence

JOINED = rtc.ParticipantState.PARTICIPANT_STATE_JOINED
ACTIVE = rtc.ParticipantState.PARTICIPANT_STATE_ACTIVE


class Room(rtc.EventEmitter[Any]):
    """As much of a room as is followed."""

    def __init__(self, *inside: SimpleNamespace) -> None:
        super().__init__()
        self.remote_participants = {one.identity: one for one in inside}


def participant(state: int, identity: str = "candidate-1") -> SimpleNamespace:
    return SimpleNamespace(identity=identity, state=state)


def following(room: Room) -> Presence:
    presence = Presence(cast(rtc.Room, room), "candidate-1")
    presence.follow(lambda: None)
    return presence


async def test_who_is_still_connecting_is_not_spoken_to_yet():
    room = Room(participant(ACTIVE, "proctor-1"))
    presence = following(room)
    room.emit("participant_connected", participant(JOINED))
    assert not await presence.arrives(0)
    room.emit("participant_active", participant(ACTIVE))
    assert await presence.arrives(0)


async def test_who_was_there_before_us_is_there_at_once():
    assert await following(Room(participant(ACTIVE))).arrives(0)
    assert not await following(Room(participant(JOINED))).arrives(0)


async def test_who_comes_back_is_awaited_until_they_can_be_reached():
    room = Room(participant(ACTIVE))
    presence = following(room)
    room.emit("participant_disconnected", participant(ACTIVE))
    room.emit("participant_connected", participant(JOINED))
    await asyncio.wait_for(presence.leaves(), 1)
    assert not await presence.arrives(0)
    room.emit("participant_active", participant(ACTIVE))
    assert await presence.arrives(0)

"""`rooms.Rooms` on a real LiveKit server."""

import uuid
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from interview.errors import NotFound, RoomServiceUnavailable
from rooms.rooms import Rooms
from tests.api.control_api.house import NOWHERE, LiveKit


@pytest_asyncio.fixture
async def rooms(livekit: LiveKit) -> AsyncIterator[Rooms]:
    rooms = Rooms(livekit.url, livekit.key, livekit.secret)
    yield rooms
    await rooms.aclose()


async def test_a_room_is_opened_once_and_closed_once_however_often_it_is_asked(rooms: Rooms) -> None:
    session_id = str(uuid.uuid4())
    for _ in range(2):
        await rooms.open(session_id)
        assert (await rooms.list_rooms()).count(f"interview-{session_id}") == 1
    for _ in range(2):
        await rooms.close(session_id)
        assert f"interview-{session_id}" not in await rooms.list_rooms()


async def test_what_is_not_there_needs_no_removing(rooms: Rooms) -> None:
    session_id = str(uuid.uuid4())
    await rooms.remove(session_id, "interviewer-1")
    await rooms.retire(session_id, 1)
    await rooms.send_control(session_id)
    assert await rooms.identities(session_id) == []
    await rooms.open(session_id)
    await rooms.remove(session_id, "interviewer-1")
    await rooms.send_control(session_id)
    await rooms.close(session_id)


async def test_agents_cannot_be_sent_where_no_room_is(rooms: Rooms) -> None:
    with pytest.raises((NotFound, RoomServiceUnavailable)):
        await rooms.dispatch(str(uuid.uuid4()), 1)


async def test_a_server_that_is_away_or_refuses_the_key_is_unavailable(livekit: LiveKit) -> None:
    for broken in (Rooms(NOWHERE, "key", "x" * 32), Rooms(livekit.url, livekit.key, "x" * 32)):
        with pytest.raises(RoomServiceUnavailable):
            await broken.open(str(uuid.uuid4()))
        await broken.aclose()

"""The candidate's camera as a room tells of it: what is looked at, and what is said of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from livekit import rtc

from interview.clock import VirtualClock
from proctoring.camera import CandidateCamera, OnFrame
from tests.unit.proctoring.seeing import START

CANDIDATE = "candidate-s"


class Room(rtc.EventEmitter[str]):
    """A room with the candidate in it, whose camera is published."""

    def __init__(self, muted: bool = False) -> None:
        super().__init__()
        self.publication = SimpleNamespace(
            sid="TR_1", source=rtc.TrackSource.SOURCE_CAMERA, subscribed=False, muted=muted, simulcasted=False
        )
        self.candidate = SimpleNamespace(identity=CANDIDATE, track_publications={"TR_1": self.publication})
        self.remote_participants = {CANDIDATE: self.candidate}
        self.publication.set_subscribed = self._subscribe

    def mute(self, on: bool) -> None:
        self.publication.muted = on
        self.emit("track_muted" if on else "track_unmuted", self.candidate, self.publication)

    def _subscribe(self, on: bool) -> None:
        self.publication.subscribed = on
        if on:
            self.emit("track_subscribed", object(), self.publication, self.candidate)


class Stream:
    """Stands where a track's stream would: frames are put in by hand, one at a time."""

    def __init__(self) -> None:
        self._frames: asyncio.Queue[object] = asyncio.Queue(1)

    async def show(self) -> None:
        """Put in a frame, and return when it is taken and done with."""
        async with asyncio.timeout(5):
            await self._frames.put(object())
            await self._frames.join()

    async def __aiter__(self) -> AsyncIterator[object]:
        while True:
            yield await self._frames.get()
            self._frames.task_done()

    async def aclose(self) -> None:
        pass


@dataclass
class Told:
    """What a camera told its owner, in words."""

    words: list[str] = field(default_factory=list)

    async def frame(self, *_: object) -> None:
        self.words.append("frame")

    def off(self) -> None:
        self.words.append("off")

    def paused(self) -> None:
        self.words.append("paused")


Watching = Callable[..., tuple[CandidateCamera, Stream, Told]]


@pytest.fixture
async def watching(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Watching]:
    cameras: list[CandidateCamera] = []

    def watch(room: Room, on_frame: OnFrame | None = None) -> tuple[CandidateCamera, Stream, Told]:
        stream, told = Stream(), Told()
        monkeypatch.setattr(rtc.VideoStream, "from_track", lambda **_: stream)
        camera = CandidateCamera(
            cast(Any, room),
            CANDIDATE,
            frames_per_s=1e6,
            clock=VirtualClock(START),
            on_frame=on_frame or told.frame,
            on_off=told.off,
            on_paused=told.paused,
        )
        cameras.append(camera)
        camera.switch(True)
        return camera, stream, told

    yield watch
    for camera in cameras:
        await camera.aclose()


async def test_what_is_sent_while_the_camera_is_off_is_not_looked_at(watching: Watching) -> None:
    room = Room()
    _, stream, told = watching(room)
    await stream.show()
    room.mute(True)
    await stream.show()  # sent before, or a server's black picture
    room.mute(False)
    await stream.show()
    assert told.words == ["frame", "off", "frame"]


async def test_a_camera_that_is_found_switched_off_is_said_to_be_off(watching: Watching) -> None:
    room = Room(muted=True)
    _, stream, told = watching(room)
    assert told.words == ["off"]
    room.mute(False)
    await stream.show()
    assert told.words == ["off", "frame"]


async def test_a_frame_on_which_a_detector_fails_in_whatever_way_does_not_blind_the_proctor(watching: Watching) -> None:
    frames = 0

    async def failing(*_: object) -> None:
        nonlocal frames
        frames += 1
        raise IndexError("deque index out of range")

    camera, stream, _ = watching(Room(), failing)
    await stream.show()
    await stream.show()
    assert (frames, camera.failed) == (2, 2)

"""A candidate who just talks: says one thing after another, each when whoever is in the room has replied.

Where `local.candidate` goes by what the page shows, this one goes by ear alone, so any agent can be talked to.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from typing import Any

from livekit import rtc

from local.devices import Microphone
from local.ear import Ear
from local.seat import RoomPass
from local.utterance import Utterance

_QUIET_S = 0.7
_WAIT_S = 15.0
"""So long after one's own words, without a reply, one goes on."""
_LOOK_EVERY_S = 0.1
_CONNECT_S = 20.0


class Talker:
    """One candidate. `answers` were given, `replies` were heard to them; `failure` says why the room was left."""

    def __init__(self, said: Sequence[Utterance]) -> None:
        """`said` is said from the first to the last, again and again."""
        self._said = said
        self._ear = Ear(keep=False)
        self._room = rtc.Room()
        self._microphone = Microphone(keep=False)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.answers = 0
        self.replies = 0
        self.failure = ""

    async def join(self, room_pass: RoomPass) -> None:
        """Enter the room and begin to talk once spoken to."""
        self._room.on("track_subscribed", self._on_track)
        self._room.on("disconnected", self._on_disconnected)
        await asyncio.wait_for(self._room.connect(room_pass.livekit_url, room_pass.livekit_token), _CONNECT_S)
        self._own(self._microphone.run())
        await self._microphone.publish(self._room.local_participant)
        self._own(self._talk())

    async def is_spoken_to(self, within_s: float) -> bool:
        """Wait until something has been heard; False when nothing was."""
        until_s = time.monotonic() + within_s
        while self._ear.last_sound_s < 0 and time.monotonic() < until_s:  # noqa: ASYNC110 - an ear tells nobody
            await asyncio.sleep(_LOOK_EVERY_S)
        return self._ear.last_sound_s > 0

    async def leave(self) -> None:
        """Stop talking and go."""
        self._room.off("disconnected", self._on_disconnected)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._room.disconnect()

    async def _talk(self) -> None:
        spoke_until_s = time.monotonic()
        while True:
            if await self._replied(spoke_until_s):
                self.replies += 1
            spoke_until_s = (await self._microphone.say(self._said[self.answers % len(self._said)].samples)).end_s
            self.answers += 1

    async def _replied(self, since_s: float) -> bool:
        """Wait until the other has spoken and is silent, or has said nothing for so long (False)."""
        while True:
            heard = self._ear.last_sound_s > since_s
            if heard and self._ear.quiet_for_s() >= _QUIET_S:
                return True
            if not heard and self.answers and time.monotonic() - since_s > _WAIT_S:
                return False
            await asyncio.sleep(_LOOK_EVERY_S)

    def _on_track(
        self, track: rtc.Track, _publication: rtc.RemoteTrackPublication, _participant: rtc.RemoteParticipant
    ) -> None:
        if track.kind == rtc.TrackKind.KIND_AUDIO:
            self._own(self._ear.follow(track))

    def _on_disconnected(self, reason: int) -> None:
        self.failure = rtc.DisconnectReason.Name(reason).lower()  # pyright: ignore[reportArgumentType]

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

"""The candidate's microphone as a proctor hears it: short stretches at 16 kHz, and nothing while the interviewer talks.

What comes from the candidate's loudspeaker into their microphone is the interviewer's voice; so nothing is listened to
while the interviewer is heard, nor shortly after.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

import numpy as np
from livekit import rtc

from interview.clock import Clock
from proctoring.analysis import Sound
from proctoring.detectors.voice import SAMPLE_RATE
from proctoring.following import TrackFollower

logger = logging.getLogger(__name__)

OnSound = Callable[[datetime, Sound], Awaitable[None]]

_STRETCH_S = 0.4
_AFTER_OTHERS_S = 0.9
_FRAME_MS = 100
"""At 10 ms, as they come by themselves, handing frames to Python costs more than looking at what is in them."""
_BACKLOG_FRAMES = 10
_LOG_EVERY = 100


class CandidateMicrophone:
    """Subscribes to one participant's microphone. Starts switched off.

    `on_sound(at, samples)` is awaited for one stretch at a time, `at` being its end; `on_gap()` is called where the
    next stretch will not follow on the last.
    """

    def __init__(
        self, room: rtc.Room, identity: str, *, clock: Clock, on_sound: OnSound, on_gap: Callable[[], None]
    ) -> None:
        self._identity = identity
        self._clock = clock
        self._on_sound = on_sound
        self._on_gap = on_gap
        self._others_until = 0.0
        self._others_speak = False
        self.failed = 0
        """Stretches that could not be listened to."""
        self._track = TrackFollower(
            room, identity, rtc.TrackSource.SOURCE_MICROPHONE, read=self._read, on_stopped=on_gap
        )
        room.on("active_speakers_changed", self._speakers)

    def switch(self, on: bool) -> None:
        """Subscribe to the candidate's microphone, or unsubscribe; a repeat is harmless."""
        self._track.switch(on)

    async def aclose(self) -> None:
        """Stop, and wait for a few seconds at most until the reader is gone."""
        await self._track.aclose()

    def _speakers(self, speakers: list[rtc.Participant]) -> None:
        spoke, self._others_speak = self._others_speak, any(one.identity != self._identity for one in speakers)
        if spoke and not self._others_speak:
            self._others_until = asyncio.get_running_loop().time() + _AFTER_OTHERS_S

    async def _read(self, track: rtc.Track) -> None:
        loop = asyncio.get_running_loop()
        stream = rtc.AudioStream.from_track(
            track=track,
            sample_rate=SAMPLE_RATE,
            num_channels=1,
            capacity=_BACKLOG_FRAMES,
            frame_size_ms=_FRAME_MS,
        )
        parts: list[Sound] = []
        skipping = False
        try:
            async for event in stream:
                if self._others_speak or loop.time() < self._others_until:
                    if not skipping:
                        self._on_gap()
                    parts, skipping = [], True
                    continue
                skipping = False
                parts.append(np.frombuffer(event.frame.data, dtype=np.int16).astype(np.float32) / np.float32(32768))
                if sum(len(part) for part in parts) >= _STRETCH_S * SAMPLE_RATE:
                    await self._hear(np.concatenate(parts))
                    parts = []
        finally:
            await stream.aclose()

    async def _hear(self, sound: Sound) -> None:
        """Hand a stretch on. One that the detector fails on is counted, and the next one is taken."""
        try:
            await self._on_sound(self._clock.now(), sound)
        except Exception as error:  # whatever one stretch does to the detector, the next one is listened to
            self.failed += 1
            if self.failed % _LOG_EVERY == 1:
                logger.exception("%s: %d stretches not listened to: %s", self._identity, self.failed, error)

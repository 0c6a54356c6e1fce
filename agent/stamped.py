"""Taps on arriving audio: stamped with the time at which it was spoken, and brought to the rate that engines hear."""

import time
from collections.abc import AsyncIterator, Callable

import numpy as np
from livekit import rtc
from livekit.agents.voice import io

from agent.arrival import ArrivalClock
from agent.two_thirds import TwoThirds

_BEGAN_AT = "viva.began_at"

ROOM_RATE = 24_000
ENGINES_RATE = 16_000
"""Of the recogniser, the voice activity detection and the turn model; each would resample for itself otherwise."""


class StampedInput(io.AudioInput):
    """A tap in the chain of audio inputs: each frame that passes knows when it began. `look` is shown each."""

    def __init__(self, source: io.AudioInput, look: Callable[[rtc.AudioFrame], None] = lambda _: None) -> None:
        super().__init__(label="Stamped", source=source)
        self._from = source
        self._look = look
        self._clock = ArrivalClock()

    def __aiter__(self) -> AsyncIterator[rtc.AudioFrame]:
        return self

    async def __anext__(self) -> rtc.AudioFrame:
        frame = await self._from.__anext__()
        frame.userdata[_BEGAN_AT] = self._clock.begin_of(frame.duration, time.time())
        self._look(frame)
        return frame


def began_at_of(frame: rtc.AudioFrame) -> float | None:
    """Return the wall-clock second of a frame's first sample; None for one that the framework put in its place."""
    began_at = frame.userdata.get(_BEGAN_AT)
    return began_at if isinstance(began_at, float) else None


class ResampledInput(io.AudioInput):
    """A tap that passes audio of `ROOM_RATE` on at `ENGINES_RATE`, stamps and all; other audio as it is."""

    def __init__(self, source: io.AudioInput) -> None:
        super().__init__(label="Resampled", source=source)
        self._from = source
        self._two_thirds = TwoThirds()

    def __aiter__(self) -> AsyncIterator[rtc.AudioFrame]:
        return self

    async def __anext__(self) -> rtc.AudioFrame:
        frame = await self._from.__anext__()
        if frame.sample_rate != ROOM_RATE or frame.num_channels != 1:
            return frame
        samples = self._two_thirds.push(np.frombuffer(frame.data, np.int16))
        return rtc.AudioFrame(samples.tobytes(), ENGINES_RATE, 1, len(samples), userdata=frame.userdata)

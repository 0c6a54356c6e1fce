"""Stamps arriving audio with the time at which it was spoken, once, for the recording and the transcript alike."""

import time
from collections.abc import AsyncIterator, Callable

from livekit import rtc
from livekit.agents.voice import io

from agent.arrival import ArrivalClock

_BEGAN_AT = "viva.began_at"


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

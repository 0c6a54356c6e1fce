"""What the simulated candidate hears: the interviewer's audio as it arrives, kept for the recording.

Times are seconds of the monotonic clock; `-inf` stands for never.
"""

import time

import numpy as np
from livekit import rtc

from local.timeline import Chunk

SAMPLE_RATE = 24_000
_AUDIBLE_RMS = 10 ** (-45 / 20) * 32768
_PHRASE_GAP_S = 0.5
_FRAME_MS = 20


class Ear:
    """Follows loudness while listening, and keeps every frame with the moment of its arrival."""

    def __init__(self, *, keep: bool = True) -> None:
        self.tracks: list[list[Chunk]] = []
        """What arrived, one list a track; nothing without `keep`."""
        self._keep = keep
        self.last_sound_s = float("-inf")
        self.phrase_began_s = float("-inf")
        """When the stretch of speech that goes on, or was the last, began; silence of 0.5 s ends it."""

    def quiet_for_s(self) -> float:
        """How long nothing has been heard."""
        return time.monotonic() - self.last_sound_s

    async def follow(self, track: rtc.Track) -> None:
        """Listen to one track until it ends."""
        kept: list[Chunk] = []
        self.tracks.append(kept)
        stream = rtc.AudioStream.from_track(
            track=track, sample_rate=SAMPLE_RATE, num_channels=1, frame_size_ms=_FRAME_MS
        )
        try:
            async for event in stream:
                samples = np.frombuffer(event.frame.data, dtype=np.int16)
                # A frame is delivered when its last sample has been heard.
                chunk = Chunk(time.monotonic() - len(samples) / SAMPLE_RATE, samples)
                if self._keep:
                    kept.append(chunk)
                self._hear(chunk)
        finally:
            await stream.aclose()

    def _hear(self, chunk: Chunk) -> None:
        if float(np.sqrt(np.mean(chunk.samples.astype(np.float64) ** 2))) < _AUDIBLE_RMS:
            return
        if chunk.at_s - self.last_sound_s > _PHRASE_GAP_S:
            self.phrase_began_s = chunk.at_s
        self.last_sound_s = chunk.at_s

"""The transcript's times point into the joined recording: over a hole, an outage, a pause and further attempts.

Clicks come through the same taps as a candidate's voice: stamped, recorded, encoded, joined. What a recogniser would
say of when each was heard is compared with where it lies in the joined recording, and with when it was made. (Measured:
less than 0.1 ms from the transcript, 10 ms from the truth.)
"""

import io
import random
import wave
from collections.abc import AsyncIterator
from types import SimpleNamespace

import numpy as np
import pytest
from livekit import rtc
from livekit.agents.voice import io as voice_io
from numpy.typing import NDArray

from agent import recorder as recorder_module
from agent import stamped as stamped_module
from agent.hearing import StreamClock
from agent.recorder import SAMPLE_RATE, Recorder
from agent.stamped import StampedInput, began_at_of
from interview.audio import JOINED_RATE, decode_segment
from interview.joined import Joined
from interview.recording import RecordingSegment

FRAME_S = 0.02
EPOCH = 1_800_000_000.0
CLICK_EVERY_S = 1.7
ALLOWED_S = 0.2
ATTEMPTS = ((0.0, 23.0), (41.37, 18.5), (655.123, 12.2))
"""When each attempt's microphone began, and for how long: an outage of 18 s, and a pause of ten minutes."""
MUTED = (9.0, 12.4)
"""A hole in the first: no frames come at all."""


class Microphone(voice_io.AudioInput):
    """Frames with a click in them now and then, which arrive late, in bunches, as they do where a process is busy."""

    def __init__(self, begins_s: float, lasts_s: float, now: SimpleNamespace, seed: int) -> None:
        super().__init__(label="Microphone", source=None)
        self._begins_s = begins_s
        self._frames = round(lasts_s / FRAME_S)
        self._now = now
        self._random = random.Random(seed)
        self._n = 0
        self._released_at = 0.0
        self.clicks: list[tuple[float, float]] = []
        """Of each click: when it was made, and where it lies in the stream of frames."""
        self._pushed_s = 0.0

    def __aiter__(self) -> AsyncIterator[rtc.AudioFrame]:
        return self

    async def __anext__(self) -> rtc.AudioFrame:
        muted = MUTED if not self._begins_s else (-1.0, -1.0)
        while muted[0] <= self._n * FRAME_S < muted[1]:
            self._n += 1
        if self._n >= self._frames:
            raise StopAsyncIteration
        starts_s = self._n * FRAME_S
        samples = np.zeros(round(FRAME_S * SAMPLE_RATE), np.int16)
        if round(starts_s / FRAME_S) % round(CLICK_EVERY_S / FRAME_S) == 40:
            samples[:240] = 12_000
            self.clicks.append((EPOCH + self._begins_s + starts_s, self._pushed_s))
        self._n += 1
        self._pushed_s += FRAME_S
        # on time but for jitter; one in fifty begins a bunch that is taken up to 0.3 s late
        due = EPOCH + self._begins_s + starts_s + FRAME_S
        if self._random.random() < 0.02:
            self._released_at = due + self._random.uniform(0.05, 0.3)
        self._now.at = max(due + self._random.uniform(0, 0.01), self._released_at, self._now.at)
        return rtc.AudioFrame(samples.tobytes(), SAMPLE_RATE, 1, len(samples))


async def test_what_was_heard_lies_where_the_transcript_says(monkeypatch: pytest.MonkeyPatch) -> None:
    now = SimpleNamespace(at=EPOCH)
    monkeypatch.setattr(stamped_module, "time", SimpleNamespace(time=lambda: now.at))
    monkeypatch.setattr(recorder_module, "time", SimpleNamespace(time=lambda: now.at))
    stored: list[tuple[RecordingSegment, bytes]] = []
    heard: list[tuple[float, float]] = []
    for attempt, (begins_s, lasts_s) in enumerate(ATTEMPTS, start=1):
        now.at = EPOCH + begins_s
        microphone = Microphone(begins_s, lasts_s, now, seed=attempt)
        recorder = Recorder("s", attempt, 5.0, lambda segment, ogg: stored.append((segment, ogg)))
        clock = StreamClock()
        async for frame in recorder.record_input(StampedInput(microphone)):
            clock.pushed(frame.duration, began_at_of(frame))
        await recorder.aclose()
        heard += [(made_at, clock.wall(stream_s)) for made_at, stream_s in microphone.clicks]
        assert recorder.dropped == 0

    joined, origin = join(stored)
    onsets = origin + onsets_s(joined)
    assert len(onsets) == len(heard) > 25
    to_transcript = np.abs(onsets - [said_at for _, said_at in heard])
    to_truth = np.abs(onsets - [made_at for made_at, _ in heard])
    assert to_transcript.max() < 0.01, to_transcript
    assert to_truth.max() < ALLOWED_S, to_truth


def join(stored: list[tuple[RecordingSegment, bytes]]) -> tuple[NDArray[np.int16], float]:
    audio = {segment.segment_id: ogg for segment, ogg in stored}
    joined = Joined([segment for segment, _ in stored])
    sound = [
        one.bytes_of(decode_segment(audio[one.segment.segment_id]) if one.segment else None) for one in joined.stretches
    ]
    with wave.open(io.BytesIO(joined.header + b"".join(sound))) as reader:
        samples = np.frombuffer(reader.readframes(reader.getnframes()), np.int16).reshape(-1, 2)
    return samples[:, 0], stored[0][0].started_at.timestamp()


def onsets_s(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """The second of each click: the first loud sample after half a second without any."""
    loud = np.flatnonzero(np.abs(samples.astype(int)) > 5_000) / JOINED_RATE
    return loud[np.insert(np.diff(loud) > 0.5, 0, True)]

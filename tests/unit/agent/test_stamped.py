"""What engines hear is the same audio at their rate, and still says when it was spoken."""

from collections.abc import AsyncIterator

import numpy as np
import pytest
from livekit import rtc
from livekit.agents.voice import io
from numpy.typing import NDArray

from agent import stamped
from agent.stamped import ENGINES_RATE, ROOM_RATE, ResampledInput, StampedInput, began_at_of
from agent.two_thirds import TwoThirds

FRAME_S = 0.05
AMPLITUDE = 8000


def tone(hz: float, rate: int, lasting_s: float = 2.0) -> NDArray[np.int16]:
    at = np.arange(round(lasting_s * rate)) / rate
    return (AMPLITUDE * np.sin(2 * np.pi * hz * at)).astype(np.int16)


class Played(io.AudioInput):
    """Two seconds of a tone, as frames."""

    def __init__(self, rate: int) -> None:
        super().__init__(label="Played")
        samples, size = tone(440, rate), round(FRAME_S * rate)
        self._frames = iter(
            rtc.AudioFrame(samples[first : first + size].tobytes(), rate, 1, size)
            for first in range(0, len(samples), size)
        )

    def __aiter__(self) -> AsyncIterator[rtc.AudioFrame]:
        return self

    async def __anext__(self) -> rtc.AudioFrame:
        frame = next(self._frames, None)
        if frame is None:
            raise StopAsyncIteration
        return frame


@pytest.fixture
def arriving(monkeypatch: pytest.MonkeyPatch) -> float:
    """Let each frame arrive when its last sample was spoken; return when the first sample was."""
    began_at, frames = 1_000_000.0, iter(range(1, 1000))
    monkeypatch.setattr(stamped.time, "time", lambda: began_at + FRAME_S * next(frames))
    return began_at


async def test_each_frame_comes_at_the_engines_rate_and_says_when_it_began(arriving: float):
    frames = [frame async for frame in ResampledInput(StampedInput(Played(ROOM_RATE)))]
    assert {(frame.sample_rate, frame.samples_per_channel) for frame in frames} == {(ENGINES_RATE, 800)}
    began = [began_at_of(frame) for frame in frames]
    assert began == pytest.approx([arriving + FRAME_S * number for number in range(len(frames))])


async def test_what_has_another_rate_is_passed_on_as_it_is(arriving: float):
    frames = [frame async for frame in ResampledInput(StampedInput(Played(ENGINES_RATE)))]
    assert [frame.samples_per_channel for frame in frames] == [round(FRAME_S * ENGINES_RATE)] * len(frames)
    assert began_at_of(frames[0]) == pytest.approx(arriving)


def resampled(samples: NDArray[np.int16], sizes: tuple[int, ...]) -> NDArray[np.int16]:
    stream, pieces, first = TwoThirds(), list[NDArray[np.int16]](), 0
    while first < len(samples):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(stream.push(samples[first : first + size]))
        first += size
    return np.concatenate(pieces)


@pytest.mark.parametrize("hz", [100, 440, 1000, 3000, 6000])
def test_a_tone_of_speech_keeps_its_place_in_time_pitch_and_strength(hz: float):
    heard, wanted = resampled(tone(hz, ROOM_RATE), (1200,)), tone(hz, ENGINES_RATE)
    late = round(0.001 * ENGINES_RATE)
    apart = [
        float(np.abs(heard[100 + shift : -100].astype(float) - wanted[100 : len(heard) - 100 - shift]).max())
        for shift in range(late + 1)
    ]
    # the delay is no whole number of samples, so a high tone cannot fit exactly
    assert min(apart) < AMPLITUDE * (0.02 + 2 * np.pi * hz / ENGINES_RATE / 2)
    assert heard[100:-100].std() == pytest.approx(AMPLITUDE / 2**0.5, rel=0.02)


@pytest.mark.parametrize("hz", [9000, 10000, 11500])
def test_what_the_lower_rate_cannot_carry_is_gone(hz: float):
    heard = resampled(tone(hz, ROOM_RATE), (1200,))
    assert heard[100:-100].std() < AMPLITUDE / 2**0.5 / 100


def test_it_does_not_matter_in_what_pieces_audio_comes():
    samples = np.random.default_rng(1).normal(0, 3000, ROOM_RATE).astype(np.int16)
    whole, pieces = resampled(samples, (len(samples),)), resampled(samples, (1, 1200, 7, 2, 480, 5))
    assert np.array_equal(whole, pieces)
    assert len(whole) == pytest.approx(len(samples) * 2 / 3, abs=2)


def test_silence_stays_silence():
    assert not resampled(np.zeros(ROOM_RATE, np.int16), (1200,)).any()

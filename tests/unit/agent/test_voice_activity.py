"""Voice begins and ends when the silero plugin says so, which this stands in for."""

import asyncio

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import vad
from livekit.plugins import silero
from numpy.typing import NDArray

from agent import engines
from agent.voice_activity import VoiceActivity
from local.persona import Phrase, VoiceChoice
from local.utterance import utter

RATE = 24_000
SAID = (
    Phrase(say="I read the log first,", pause_s=0.3),
    Phrase(say="then I write a test that fails,", pause_s=1.2),
    Phrase(say="and then I change the code until the test is green."),
)


@pytest.fixture(scope="module")
def talk() -> NDArray[np.int16]:
    """Speech with pauses in a room that is not quite silent."""
    voice = utter(SAID, VoiceChoice()).samples
    drawn = np.random.default_rng(1)
    return np.concatenate(
        [
            np.concatenate([voice, np.zeros(RATE, np.int16)]) + drawn.normal(0, loud, len(voice) + RATE)
            for loud in (0, 30, 300)
        ]
    ).astype(np.int16)


async def heard(detector: vad.VAD, samples: NDArray[np.int16]) -> list[vad.VADEvent]:
    stream, size = detector.stream(), RATE // 20
    for at in range(0, len(samples), size):
        part = samples[at : at + size]
        stream.push_frame(rtc.AudioFrame(part.tobytes(), RATE, 1, len(part)))
    stream.end_input()
    async with asyncio.timeout(60):
        events = [event async for event in stream]
    await stream.aclose()
    return events


async def test_voice_begins_and_ends_as_with_the_plugin(talk: NDArray[np.int16]):
    plugin = silero.VAD.load(min_silence_duration=engines.VAD_SILENCE_S, min_speech_duration=0.05)
    ours, theirs = await heard(engines.load_vad(), talk), await heard(plugin, talk)
    assert sum(event.type is vad.VADEventType.END_OF_SPEECH for event in ours) >= 6
    assert [event.type for event in ours] == [event.type for event in theirs]
    for our, their in zip(ours, theirs, strict=True):
        assert our.probability == pytest.approx(their.probability, abs=0.02)
        assert our.speaking == their.speaking
        told = ["samples_index", "timestamp", "speech_duration", "silence_duration"]
        if our.type is vad.VADEventType.INFERENCE_DONE:  # the plugin tells these with no other
            told += ["raw_accumulated_silence", "raw_accumulated_speech"]
        for name in told:
            assert getattr(our, name) == pytest.approx(getattr(their, name)), name


async def test_after_a_turn_was_ended_from_outside_it_listens_anew(talk: NDArray[np.int16]):
    stream = VoiceActivity(speech_s=0.05, silence_s=0.25).stream()
    part = talk[: RATE // 2]
    for _ in range(2):
        stream.push_frame(rtc.AudioFrame(part.tobytes(), RATE, 1, len(part)))
        stream.flush()
    stream.end_input()
    begun = [event async for event in stream if event.type is vad.VADEventType.START_OF_SPEECH]
    assert len(begun) == 2
    assert begun[0].timestamp == begun[1].timestamp
    await stream.aclose()

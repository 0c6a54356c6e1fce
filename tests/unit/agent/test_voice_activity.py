"""Voice begins and ends when the silero plugin says so, which this stands in for."""

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from livekit import rtc
from livekit.agents import vad
from livekit.plugins import silero
from numpy.typing import NDArray

from agent import engines
from agent.voice_activity import UNFOUNDED, WINDOW_S, Attention, Voice, VoiceActivity
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


SOFT = (0.0, 0.0, 0.4, 0.3, 0.6, 0.9, 0.9, 0.9)
"""How likely each window is voice, of somebody who begins with a breath."""
NOISE = (0.0, 0.0, 0.4, *(0.0,) * 12)


def paused_after(voice: Voice, probabilities: Sequence[float]) -> int | None:
    """Return after which window the framework pauses a line: when it is told of enough voice, counted from 1."""
    for number, probability in enumerate(probabilities, start=1):
        for event in list(voice.hear(probability)):
            told = event.type is vad.VADEventType.INFERENCE_DONE and event.speaking
            if told and event.speech_duration >= engines.SPEECH_S:
                return number
    return None


def types(voice: Voice, probabilities: Sequence[float]) -> list[vad.VADEventType]:
    events = [event for probability in probabilities for event in voice.hear(probability)]
    return [event.type for event in events if event.type is not vad.VADEventType.INFERENCE_DONE]


def attentive(*, line_is_said: bool = True) -> Attention:
    attention = Attention()
    attention.line_is_said = lambda: line_is_said
    return attention


def test_whoever_begins_softly_pauses_a_line_with_the_first_window_that_may_be_voice():
    assert paused_after(Voice(engines.SPEECH_S, 0.25, attentive()), SOFT) == 3
    assert paused_after(Voice(engines.SPEECH_S, 0.25, attentive(line_is_said=False)), SOFT) == 8


def test_whoever_begins_loudly_pauses_a_line_a_window_sooner_too():
    loud = (0.0, 0.0, 0.34, 0.9, 0.9, 0.9, 0.9)
    assert paused_after(Voice(engines.SPEECH_S, 0.25, attentive()), loud) == 4
    assert paused_after(Voice(engines.SPEECH_S, 0.25), loud) == 6


def test_a_soft_beginning_of_which_no_voice_comes_ends_after_as_much_silence_as_any_other():
    began, ended = vad.VADEventType.START_OF_SPEECH, vad.VADEventType.END_OF_SPEECH
    attention = attentive()
    voice = Voice(engines.SPEECH_S, 0.25, attention)
    assert types(voice, (0.0,) * 20) == []
    assert types(voice, NOISE[: 3 + int(0.25 / WINDOW_S)]) == [began]
    assert types(voice, (0.0, 0.0)) == [ended]
    assert attention.unfounded == 1


def test_where_soft_beginnings_are_noise_again_and_again_none_counts_any_more():
    attention = attentive()
    voice = Voice(engines.SPEECH_S, 0.25, attention)
    for _ in range(UNFOUNDED):
        assert paused_after(voice, NOISE) == 3
        types(voice, (0.0,) * 12)
    assert paused_after(voice, SOFT) == 8


def test_a_voice_that_came_after_all_makes_up_for_noise():
    attention = attentive()
    voice = Voice(engines.SPEECH_S, 0.25, attention)
    for _ in range(UNFOUNDED):
        for said in (NOISE, SOFT):
            assert paused_after(voice, said) == 3
            types(voice, (0.9, 0.9, *(0.0,) * 12) if said is SOFT else (0.0,) * 12)
    assert attention.unfounded == 0

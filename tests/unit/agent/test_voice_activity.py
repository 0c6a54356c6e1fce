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
QUIET = (0.0,) * 12
BEGAN, ENDED = vad.VADEventType.START_OF_SPEECH, vad.VADEventType.END_OF_SPEECH


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


class Line:
    """A line that voice pauses, and that goes on when no voice has come; `pauses` is False in its first seconds."""

    def __init__(self, *, pauses: bool = True) -> None:
        self.attention = Attention()
        self.voice = Voice(engines.SPEECH_S, engines.VAD_SILENCE_S, self.attention)
        self._heard, self._pauses = True, pauses
        self.attention.line_is_heard = lambda: self._heard

    def types(self, probabilities: Sequence[float]) -> list[vad.VADEventType]:
        """Return what begins and ends, with the line paused between."""
        found: list[vad.VADEventType] = []
        for probability in probabilities:
            told = types(self.voice, [probability])
            if told and self._pauses:
                self._heard = False
            found += told
        self._heard = True
        return found


def attentive() -> Attention:
    attention = Attention()
    attention.line_is_heard = lambda: True
    return attention


def test_whoever_begins_softly_pauses_a_line_with_the_first_window_that_may_be_voice():
    assert paused_after(Voice(engines.SPEECH_S, 0.25, attentive()), SOFT) == 3
    assert paused_after(Voice(engines.SPEECH_S, 0.25), SOFT) == 8


def test_whoever_is_in_the_middle_of_beginning_when_a_line_does_pauses_it_a_window_sooner():
    attention, surely = attentive(), (0.9, 0.9, 0.9, 0.9)
    attention.line_is_heard = iter((False, True)).__next__
    assert paused_after(Voice(engines.SPEECH_S, 0.25, attention), surely) == 2
    assert paused_after(Voice(engines.SPEECH_S, 0.25), surely) == 3


@pytest.mark.parametrize(
    "noise",
    [(0.4, *QUIET), (0.4,) * 12, (0.8, 0.3, *QUIET), (0.6, 0.0, 0.0, 0.0, 0.0, 0.0, 0.6, *QUIET)],
    ids=["a breath", "a hum that is nearly voice", "a click", "typing"],
)
def test_a_soft_beginning_of_which_no_voice_comes_ends_as_soon_as_any_other_and_is_counted(noise: tuple[float, ...]):
    line = Line()
    assert line.types(noise) == [BEGAN, ENDED]
    assert line.attention.unfounded == 1


def test_what_began_softly_and_was_voice_goes_on_as_any_other():
    line = Line()
    assert line.types((*SOFT, *(0.4,) * 30)) == [BEGAN]
    assert line.types(QUIET) == [ENDED]
    assert line.attention.unfounded == 0


def test_where_soft_beginnings_are_noise_again_and_again_none_counts_any_more():
    line = Line()
    for _ in range(UNFOUNDED):
        assert line.types(NOISE) == [BEGAN, ENDED]
    assert line.types(NOISE) == []
    assert paused_after(line.voice, SOFT) == 8


def test_a_voice_that_came_after_all_makes_up_for_noise():
    line = Line()
    for _ in range(UNFOUNDED):
        assert line.types(NOISE) == [BEGAN, ENDED]
        assert line.types((*SOFT, *QUIET)) == [BEGAN, ENDED]
    assert line.attention.unfounded == 0


def test_noise_over_a_line_that_nothing_pauses_is_not_counted():
    line = Line(pauses=False)
    for _ in range(UNFOUNDED + 1):
        assert line.types(NOISE) == [BEGAN, ENDED]
    assert line.attention.unfounded == 0


async def test_the_detector_begins_sooner_while_a_line_is_heard(talk: NDArray[np.int16]):
    begun: dict[bool, list[float]] = {}
    for line_is_heard in (False, True):
        detector = engines.load_vad()
        detector.attention.line_is_heard = lambda heard=line_is_heard: heard
        events = await heard(detector, talk)
        begun[line_is_heard] = [event.timestamp for event in events if event.type is BEGAN]
    assert len(begun[True]) >= len(begun[False]) >= 6
    assert begun[True][0] <= begun[False][0] - WINDOW_S / 2

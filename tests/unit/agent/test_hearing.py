"""Recognised words are put on the wall clock."""

import pytest
from livekit.agents.language import LanguageCode
from livekit.agents.stt import SpeechData
from livekit.agents.types import TimedString

from agent.hearing import StreamClock, segment


def pushed(clock: StreamClock, seconds: float, *, starting_at: float, step_s: float = 0.05) -> None:
    for n in range(round(seconds / step_s)):
        clock.pushed(step_s, starting_at + n * step_s)


def test_a_stream_without_gaps_runs_with_the_wall_clock():
    clock = StreamClock()
    pushed(clock, 10, starting_at=500.0)
    assert clock.wall(4.0) == pytest.approx(504.0, abs=0.01)


def test_a_muted_stretch_moves_what_comes_after_it():
    clock = StreamClock()
    pushed(clock, 4, starting_at=500.0)
    pushed(clock, 4, starting_at=530.0)
    assert clock.wall(3.0) == pytest.approx(503.0, abs=0.01)
    assert clock.wall(5.0) == pytest.approx(531.0, abs=0.01)


def test_silence_that_stands_in_for_audio_keeps_the_count():
    clock = StreamClock()
    pushed(clock, 4, starting_at=500.0)
    clock.pushed(2.0, None)
    pushed(clock, 4, starting_at=506.0)
    assert clock.wall(7.0) == pytest.approx(507.0, abs=0.01)


def test_a_stream_without_audio_has_no_time():
    with pytest.raises(ValueError, match="no audio"):
        StreamClock().wall(1.0)


def test_a_final_result_becomes_words_with_times_and_confidence():
    clock = StreamClock()
    pushed(clock, 10, starting_at=500.0)
    words = [
        TimedString("Hello", start_time=1.0, end_time=1.4, confidence=0.9),
        TimedString("there.", start_time=1.5, end_time=2.0, confidence=0.5),
    ]
    heard = segment(SpeechData(language=LanguageCode("en"), text=" Hello there. ", confidence=0.7, words=words), clock)
    assert heard.text == "Hello there."
    assert heard.started_at == pytest.approx(501.0, abs=0.01)
    assert heard.ended_at == pytest.approx(502.0, abs=0.01)
    assert [word.text for word in heard.words] == ["Hello", "there."]
    assert heard.confidence == pytest.approx(0.7)

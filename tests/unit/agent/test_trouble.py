"""What goes wrong is said once, in words, and no question is taken from somebody who cannot be heard."""

import pytest

from agent.dialogue.actions import ShowProgress, WatchSilence
from agent.dialogue.events import (
    EngineChanged,
    Heard,
    LineEnded,
    LineStarted,
    Microphone,
    MicrophoneChanged,
    SilenceReached,
    SpeechPaused,
    SpeechStarted,
)
from agent.dialogue.timing import MAX_PROMPTS
from interview.engines import EngineKind
from interview.transcript import LineKind
from tests.unit.agent.player import LONG, VAGUE, Interview


def engine(interview: Interview, engine: EngineKind, *, down: bool) -> None:
    interview.tell(EngineChanged(at_s=interview.now, engine=engine, down=down))


def silence(interview: Interview) -> None:
    interview.tell(SilenceReached(at_s=interview.now, watch=interview.last(WatchSilence).watch))


def notices(interview: Interview) -> list[str]:
    return [line.text for line in interview.said() if line.kind is LineKind.NOTICE]


def test_a_recogniser_that_is_away_is_told_once_and_its_return_too():
    interview = Interview()
    interview.reach_question(1)
    for _ in range(2):
        engine(interview, EngineKind.STT, down=True)
        interview.line_plays() if interview.state.speaking else None
        engine(interview, EngineKind.STT, down=False)
        interview.line_plays() if interview.state.speaking else None
    assert [("cannot hear" in text, "hear you again" in text) for text in notices(interview)] == [
        (True, False),
        (False, True),
    ]
    assert interview.state.question_id == "q1"


def test_it_is_not_said_over_the_candidate_but_after_the_next_line():
    interview = Interview()
    interview.reach_question(1)
    interview.tell(SpeechStarted(at_s=interview.now))
    engine(interview, EngineKind.TTS, down=True)
    assert notices(interview) == []
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    interview.line_plays()
    assert "no voice" in notices(interview)[0]


def test_a_model_that_is_away_costs_follow_ups_and_no_time():
    interview = Interview()
    interview.reach_question(1)
    engine(interview, EngineKind.LLM, down=True)
    interview.speaks(VAGUE)
    interview.ends_turn()
    assert interview.said()[-1].question_id == "q2"
    assert notices(interview) == []
    assert interview.last(ShowProgress).trouble == (EngineKind.LLM,)


@pytest.mark.parametrize(
    ("microphone", "words"),
    [(Microphone.MUTED, "switched off"), (Microphone.SILENT, "no sound"), (Microphone.MISSING, "no microphone")],
)
def test_a_microphone_that_gives_nothing_is_said_soon_and_shown(microphone: Microphone, words: str):
    interview = Interview()
    interview.reach_question(1)
    interview.tell(MicrophoneChanged(at_s=interview.now, microphone=microphone))
    assert interview.last(ShowProgress).microphone is microphone
    assert interview.last(WatchSilence).after_s < 12
    silence(interview)
    assert words in notices(interview)[0]


def test_somebody_who_only_mutes_while_listening_is_not_bothered():
    interview = Interview()
    interview.reach_question(1)
    interview.tell(MicrophoneChanged(at_s=interview.now, microphone=Microphone.MUTED))
    old = interview.last(WatchSilence).watch
    interview.tell(MicrophoneChanged(at_s=interview.now, microphone=Microphone.OK))
    interview.tell(SilenceReached(at_s=interview.now, watch=old))
    assert notices(interview) == []


@pytest.mark.parametrize("deaf", ["microphone", "recogniser"])
def test_who_cannot_be_heard_loses_no_question(deaf: str):
    interview = Interview()
    interview.reach_question(1)
    if deaf == "microphone":
        interview.tell(MicrophoneChanged(at_s=interview.now, microphone=Microphone.MUTED))
    else:
        engine(interview, EngineKind.STT, down=True)
    for _ in range(MAX_PROMPTS + 5):
        if interview.state.speaking:
            interview.line_plays()
        silence(interview)
    assert interview.state.question_id == "q1"
    assert len(notices(interview)) == 1


def test_an_answer_from_the_time_of_the_outage_is_an_answer_although_a_notice_has_begun():
    interview = Interview()
    interview.reach_question(1)
    engine(interview, EngineKind.STT, down=True)
    interview.line_plays()
    spoken_s = interview.now
    interview.now += 10
    engine(interview, EngineKind.STT, down=False)
    notice = interview.said()[-1]
    interview.tell(LineStarted(at_s=interview.now, line_id=notice.line_id))
    interview.tell(Heard(at_s=interview.now + 0.1, text=LONG, started_s=spoken_s, ended_s=spoken_s + 5))
    interview.tell(LineEnded(at_s=interview.now + 0.2, line_id=notice.line_id, interrupted=True))
    interview.ends_turn()
    interview.judged(complete=True)
    assert interview.state.answered == ("q1",)
    assert interview.said()[-1].question_id == "q2"
    assert interview.state.cut_offs == 0


def test_a_recogniser_that_dies_while_somebody_speaks_is_told_soon_after():
    interview = Interview()
    interview.reach_question(1)
    interview.tell(SpeechStarted(at_s=interview.now))
    engine(interview, EngineKind.STT, down=True)
    interview.tell(SpeechPaused(at_s=interview.now + 4))
    assert interview.last(WatchSilence).after_s <= 4
    silence(interview)
    assert "cannot hear" in notices(interview)[0]


def test_a_notice_between_the_question_whether_to_stop_and_its_answer_changes_nothing():
    interview = Interview()
    interview.reach_question(1)
    interview.answers("I want to stop the interview.")
    interview.line_plays()
    engine(interview, EngineKind.TTS, down=True)
    interview.line_plays()
    interview.answers("Yes.")
    assert interview.said()[-1].kind is LineKind.CLOSE

"""Who speaks when: silence, pauses, interruptions, words that come late."""

import pytest

from agent.dialogue.actions import (
    BePatient,
    Hush,
    RecordAnswer,
    WatchSilence,
    WatchVoice,
)
from agent.dialogue.events import (
    Heard,
    LineEnded,
    LineStarted,
    SilenceReached,
    SpeechPaused,
    SpeechStarted,
    TurnEnded,
    VoiceReached,
)
from interview.session import Stage
from interview.transcript import LineKind
from tests.unit.agent.player import LONG, VAGUE, Interview


def test_silence_is_prompted_gently_and_then_the_interview_moves_on():
    interview = Interview()
    interview.reach_question(1)
    for _ in range(3):
        interview.tell(SilenceReached(at_s=interview.now, watch=interview.last(WatchSilence).watch))
        assert interview.said()[-1].kind is LineKind.PROMPT
        interview.line_plays(1.0)
    interview.tell(SilenceReached(at_s=interview.now, watch=interview.last(WatchSilence).watch))
    assert interview.said()[-1].question_id == "q2"
    assert interview.state.answered == ()


def test_an_old_watch_does_not_speak_over_the_candidate():
    interview = Interview()
    interview.reach_question(1)
    old = interview.last(WatchSilence).watch
    interview.tell(SpeechStarted(at_s=interview.now))
    said = len(interview.said())
    interview.tell(SilenceReached(at_s=interview.now, watch=old))
    assert len(interview.said()) == said


def test_a_reply_that_cut_the_candidate_off_is_taken_back():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks("I built the first half of it")
    interview.judged(complete=True)
    interview.ends_turn()
    cut = interview.said()[-1]
    actions = interview.speaks_on("and then the second half of it")
    stored = next(action for action in actions if isinstance(action, RecordAnswer))
    assert stored.question_id == "q1"
    assert [action.cut_offs for action in actions if isinstance(action, BePatient)] == [1]
    assert interview.state.answer == "I built the first half of it and then the second half of it"
    interview.judged(complete=True)
    interview.ends_turn()
    assert interview.said()[-1].text == cut.text
    assert interview.said()[-1].line_id > cut.line_id


@pytest.mark.parametrize(
    ("text", "after_s", "lasts_s", "question_id"),
    [
        pytest.param("and it was my best work", 1.6, 2.1, "q1", id="nobody has heard the question yet"),
        pytest.param("that was the hardest part", 1.8, 2.1, "q2", id="in its last moments it is answered"),
        pytest.param("and it was my best work", 1.9, 6.0, "q1", id="a long one has hardly begun"),
        pytest.param("that was the hardest part", 2.2, 6.0, "q2", id="enough of it was heard"),
        pytest.param("could you repeat that please", 1.9, 6.0, "q2", id="a request is about it"),
        pytest.param("and it was my best work", 1.6, None, "q2", id="nobody knows how long it is"),
    ],
)
def test_a_question_that_was_hardly_heard_is_not_answered_by_what_is_said_over_it(
    text: str, after_s: float, lasts_s: float | None, question_id: str
):
    interview = Interview(follow_ups=0)
    interview.reach_question(1)
    interview.answers("I built the first half of it")
    asked = interview.said()[-1]
    assert asked.question_id == "q2"
    actions = interview.speaks_on(text, after_s, lasts_s=lasts_s)
    assert [action.question_id for action in actions if isinstance(action, RecordAnswer)] == [question_id]
    interview.ends_turn()
    assert interview.said()[-1].question_id == ("q2" if question_id == "q1" or "repeat" in text else "q3")


def test_words_that_come_before_the_reply_is_heard_take_it_back():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks("I built the first half of it")
    interview.judged(complete=True)
    interview.ends_turn()
    cut = interview.said()[-1]
    assert cut.question_id == "q2"
    actions = interview.tell(
        Heard(at_s=interview.now, text="all by myself", started_s=interview.now - 1, ended_s=interview.now - 0.5)
    )
    assert [action.line_id for action in actions if isinstance(action, Hush)] == [cut.line_id]
    assert [action.question_id for action in actions if isinstance(action, RecordAnswer)] == ["q1"]
    interview.tell(LineEnded(at_s=interview.now, line_id=cut.line_id, interrupted=True))
    interview.judged(complete=True)
    interview.ends_turn()
    assert interview.said()[-1].text == cut.text


def test_a_line_that_was_stopped_before_it_was_heard_is_said_after_a_short_silence():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    unheard = interview.said()[-1]
    interview.tell(LineEnded(at_s=interview.now, line_id=unheard.line_id, interrupted=True))
    watch = interview.last(WatchSilence)
    assert watch.after_s <= 1
    assert interview.state.question_id == "q1"
    interview.tell(SilenceReached(at_s=interview.now, watch=watch.watch))
    interview.judged(complete=True)
    assert interview.said()[-1].text == unheard.text
    assert interview.said()[-1].line_id > unheard.line_id


def test_words_recognised_late_belong_to_the_question_they_answered():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks("I built all of it")
    interview.judged(complete=True)
    interview.ends_turn()
    spoken_until = interview.now - 0.2
    interview.now += 0.4
    interview.tell(LineStarted(at_s=interview.now, line_id=interview.said()[-1].line_id))
    actions = interview.tell(
        Heard(at_s=interview.now + 0.2, text="by myself", started_s=spoken_until - 1, ended_s=spoken_until)
    )
    assert [action.question_id for action in actions if isinstance(action, RecordAnswer)] == ["q1"]
    assert interview.state.speaking is not None


def test_a_question_that_words_recognised_late_have_stopped_is_asked_again():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks("I built all of it")
    interview.judged(complete=True)
    interview.ends_turn()
    stopped, spoken_until = interview.said()[-1], interview.now - 0.2
    interview.tell(LineStarted(at_s=interview.now, line_id=stopped.line_id))
    interview.now += 0.2
    interview.tell(Heard(at_s=interview.now, text="by myself", started_s=spoken_until - 1, ended_s=spoken_until))
    interview.tell(LineEnded(at_s=interview.now, line_id=stopped.line_id, interrupted=True))
    watch = interview.last(WatchSilence)
    assert watch.after_s <= 1
    assert interview.state.question_id == "q1"
    assert interview.state.answer.endswith("by myself")
    interview.tell(SilenceReached(at_s=interview.now, watch=watch.watch))
    interview.judged(complete=True)
    assert interview.said()[-1].text == stopped.text
    assert interview.state.asked == ("q1", "q2")


def test_a_barge_in_late_in_a_question_answers_that_question():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    interview.line_plays(2.5, interrupted=True)
    actions = interview.speaks("I know this one already")
    assert [action.question_id for action in actions if isinstance(action, RecordAnswer)] == ["q2"]


def test_a_hello_over_the_greeting_brings_the_warm_up_question_again():
    interview = Interview()
    interview.line_plays(2.0, interrupted=True)
    interview.answers("Hello there")
    assert interview.said()[-1].kind is LineKind.WARM_UP
    assert interview.state.question_id is None


def types(interview: Interview, text: str) -> None:
    interview.tell(Heard(at_s=interview.now, text=text, started_s=interview.now, ended_s=interview.now, typed=True))
    interview.tell(TurnEnded(at_s=interview.now))


@pytest.mark.parametrize("heard", [True, False])
def test_what_is_typed_during_the_greeting_answers_the_warm_up_when_the_greeting_has_been_said(heard: bool):
    interview = Interview()
    if heard:
        interview.tell(LineStarted(at_s=interview.now, line_id=0))
    types(interview, "I came to it through school")
    types(interview, "and stayed")
    assert [line.kind for line in interview.said()] == [LineKind.GREETING], "it is not cut short"
    stages = [action.stage for action in interview.actions if isinstance(action, RecordAnswer)]
    assert stages == [Stage.WARM_UP, Stage.WARM_UP]
    interview.line_plays(9)
    assert (interview.said()[-1].kind, interview.said()[-1].question_id) == (LineKind.QUESTION, "q1")


def test_a_hello_that_is_typed_during_the_greeting_asks_for_nothing():
    interview = Interview()
    types(interview, "Hello!")
    interview.line_plays(9)
    assert [line.kind for line in interview.said()] == [LineKind.GREETING]
    types(interview, "I came to it through school")
    assert interview.said()[-1].question_id == "q1"


def test_a_request_that_is_typed_during_the_greeting_is_met_after_it():
    interview = Interview()
    types(interview, "Could you repeat the question?")
    interview.line_plays(9)
    assert interview.said()[-1].kind is LineKind.REPEAT


def test_a_voice_over_the_greeting_does_not_undo_what_was_typed():
    interview = Interview()
    interview.tell(LineStarted(at_s=interview.now, line_id=0))
    types(interview, "I came to it through school")
    interview.now += 3
    interview.speaks("Is that enough", 1)
    interview.tell(LineEnded(at_s=interview.now, line_id=0, interrupted=True))
    interview.ends_turn()
    assert interview.said()[-1].question_id == "q1"


def test_who_speaks_over_the_greeting_after_typing_is_not_spoken_over():
    interview = Interview()
    interview.tell(LineStarted(at_s=interview.now, line_id=0))
    types(interview, "I came to it through school")
    interview.now += 3
    interview.tell(SpeechStarted(at_s=interview.now))
    interview.tell(LineEnded(at_s=interview.now + 0.3, line_id=0, interrupted=True))
    assert [line.kind for line in interview.said()] == [LineKind.GREETING], "they are speaking"
    interview.now += 3
    interview.tell(SpeechPaused(at_s=interview.now))
    text = "and stayed with it"
    interview.tell(Heard(at_s=interview.now, text=text, started_s=interview.now - 3, ended_s=interview.now))
    interview.ends_turn()
    assert [line.question_id for line in interview.said()[1:]] == ["q1"], "both are one answer"


def test_what_is_typed_and_then_noise_over_the_greeting_is_answered_within_a_bound():
    interview = Interview()
    interview.tell(LineStarted(at_s=interview.now, line_id=0))
    types(interview, "I came to it through school")
    interview.tell(SpeechStarted(at_s=interview.now))
    interview.tell(LineEnded(at_s=interview.now + 0.3, line_id=0, interrupted=True))
    voice = interview.last(WatchVoice)
    interview.now += voice.after_s
    interview.tell(VoiceReached(at_s=interview.now, voice=voice.voice, words=False))
    watch = interview.last(WatchSilence)
    interview.now += watch.after_s
    interview.tell(SilenceReached(at_s=interview.now, watch=watch.watch))
    assert interview.said()[-1].question_id == "q1"


def test_a_question_whose_answer_was_typed_at_once_is_not_taken_back_by_what_is_said_then():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    asked = interview.said()[-1]
    assert asked.question_id == "q2"
    interview.tell(LineStarted(at_s=interview.now, line_id=asked.line_id))
    interview.now += 0.4
    interview.tell(LineEnded(at_s=interview.now, line_id=asked.line_id, interrupted=True))
    interview.tell(Heard(at_s=interview.now, text=LONG, started_s=interview.now, ended_s=interview.now, typed=True))
    interview.speaks("and more of it", 2)
    assert interview.last(RecordAnswer).question_id == "q2"
    assert interview.state.answer == f"{LONG} and more of it", "what was typed is not lost"
    interview.ends_turn()
    assert [line.question_id for line in interview.said()].count("q2") == 1


def test_a_sound_without_words_delays_the_reply_but_does_not_lose_it():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(VAGUE)
    interview.ends_turn()
    interview.tell(SpeechStarted(at_s=interview.now))
    assert interview.deadline_passes() == []
    interview.tell(SpeechPaused(at_s=interview.now))
    watch = interview.last(WatchSilence)
    assert watch.after_s <= 1
    interview.tell(SilenceReached(at_s=interview.now, watch=watch.watch))
    interview.deadline_passes()
    assert interview.said()[-1].question_id == "q2"


def test_a_sound_of_listening_over_a_question_answers_nothing_and_the_question_is_said_again():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    question = interview.said()[-1]
    interview.line_plays(2.5, interrupted=True)
    interview.answers("Mm-hmm.")
    again = interview.said()[-1]
    assert (again.kind, again.text, again.question_id) == (LineKind.REPEAT, question.text, "q2")
    interview.line_plays()
    interview.answers(LONG)
    interview.deadline_passes()
    assert interview.said()[-1].question_id == "q3"
    assert interview.state.answered == ("q1", "q2")


def test_somebody_who_makes_ready_to_speak_is_waited_for():
    interview = Interview()
    interview.reach_question(1)
    said = len(interview.said())
    interview.answers("Okay, so, um.")
    assert len(interview.said()) == said
    assert interview.last(WatchSilence).after_s == 12
    interview.answers(LONG)
    assert interview.state.answer == LONG


def test_the_same_sound_after_an_answer_lets_the_interview_go_on():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(LONG)
    interview.answers("Okay.")
    interview.deadline_passes()
    assert interview.said()[-1].question_id == "q2"


def test_what_is_typed_before_the_next_question_is_heard_answers_the_one_before():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    assert interview.said()[-1].question_id == "q2"
    actions = interview.tell(
        Heard(at_s=interview.now, text="in Go", started_s=interview.now, ended_s=interview.now, typed=True)
    )
    assert [action.question_id for action in actions if isinstance(action, RecordAnswer)] == ["q1"]
    assert not any(isinstance(action, BePatient) for action in actions)
    interview.ends_turn()
    interview.deadline_passes()
    assert interview.said()[-1].question_id == "q2"


def test_somebody_who_spoke_on_after_a_reply_is_given_as_much_time_as_before():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks("I built the first half of it")
    interview.judged(complete=True)
    interview.ends_turn()
    cut = interview.said()[-1]
    interview.speaks_on("and then")
    assert interview.last(WatchSilence).after_s > 3
    interview.tell(SpeechStarted(at_s=interview.now))
    interview.tell(SpeechPaused(at_s=interview.now + 1))
    assert interview.last(WatchSilence).after_s > 3
    interview.ends_turn()
    interview.judged(complete=True)
    assert interview.said()[-1].text == cut.text

"""The dialogue machine: told what happens, it asks for the right thing."""

import pytest
from pydantic import ValidationError

from agent.dialogue import DialogueState
from agent.dialogue.actions import (
    CancelJudge,
    Close,
    Judge,
    Prepare,
    ShowProgress,
    WatchSilence,
)
from agent.dialogue.events import (
    EVENT,
    HeardPartial,
    JudgingFailed,
    LineEnded,
    SilenceReached,
    SpeechStarted,
    TimeUp,
)
from interview.session import Stage
from interview.transcript import LineKind
from tests.unit.agent.player import LONG, VAGUE, Interview


def test_it_greets_says_what_is_recorded_and_asks_the_warm_up_question():
    first = Interview().said()[0]
    assert first.kind is LineKind.GREETING
    assert "Ada" in first.text
    assert "recorded" in first.text
    assert first.text.endswith("this kind of work.")


def test_a_whole_interview_asks_every_question_in_order_and_closes():
    interview = Interview()
    interview.reach_question(3)
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    interview.line_plays()
    interview.answers("No, thank you.")
    interview.line_plays()
    assert [line.question_id for line in interview.said() if line.kind is LineKind.QUESTION] == ["q1", "q2", "q3"]
    assert [line.kind for line in interview.said()][-2:] == [LineKind.INVITE_QUESTIONS, LineKind.CLOSE]
    assert interview.last(Close).reason == "completed"
    assert interview.state.stage is Stage.DONE
    assert interview.state.answered == ("q1", "q2", "q3")


def test_the_next_planned_line_is_prepared_while_the_candidate_may_speak():
    interview = Interview()
    interview.reach_question(1)
    prepared = interview.last(Prepare).text
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    assert interview.said()[-1].text == prepared


def test_an_incomplete_answer_gets_the_follow_up_that_is_ready():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(VAGUE)
    interview.judged(complete=False, follow_up="What did you build yourself?")
    interview.ends_turn()
    line = interview.said()[-1]
    assert (line.kind, line.text, line.question_id) == (LineKind.FOLLOW_UP, "What did you build yourself?", "q1")


def test_a_follow_up_that_comes_within_the_deadline_is_used():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(VAGUE)
    interview.ends_turn()
    assert interview.said()[-1].kind is LineKind.QUESTION
    interview.judged(complete=False, follow_up="What did you build yourself?")
    assert interview.said()[-1].kind is LineKind.FOLLOW_UP


def test_a_late_follow_up_is_dropped_and_the_planned_line_is_said_at_the_deadline():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(VAGUE)
    interview.ends_turn()
    interview.deadline_passes()
    assert interview.said()[-1].question_id == "q2"
    assert any(isinstance(action, CancelJudge) for action in interview.actions)
    said = len(interview.said())
    interview.judged(complete=False, follow_up="What did you build yourself?")
    assert len(interview.said()) == said


def test_follow_ups_are_bounded():
    interview = Interview(follow_ups=1)
    interview.reach_question(1)
    interview.speaks(VAGUE)
    interview.judged(complete=False, follow_up="What did you build yourself?")
    interview.ends_turn()
    interview.line_plays()
    interview.speaks(VAGUE)
    interview.ends_turn()
    assert interview.said()[-1].question_id == "q2"


def test_a_failed_judgement_costs_nothing():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(VAGUE)
    interview.ends_turn()
    interview.tell(JudgingFailed(at_s=interview.now, judge_id=interview.last(Judge).judge_id))
    assert interview.said()[-1].question_id == "q2"


def test_a_judgement_of_a_small_early_part_does_not_decide():
    interview = Interview()
    interview.reach_question(1)
    interview.tell(SpeechStarted(at_s=interview.now))
    interview.tell(HeardPartial(at_s=interview.now, text="well I did a few things"))
    interview.judged(complete=False, follow_up="What things?")
    interview.speaks(LONG)
    interview.ends_turn()
    assert interview.said()[-1].question_id != "q1" or interview.said()[-1].kind is LineKind.QUESTION
    interview.deadline_passes()
    assert interview.said()[-1].question_id == "q2"


@pytest.mark.parametrize("words", ["Could you repeat the question?", "Sorry, I didn't catch that.", "Pardon?"])
def test_it_repeats_when_asked_and_the_question_stays_open(words: str):
    interview = Interview()
    interview.reach_question(2)
    interview.answers(words)
    line = interview.said()[-1]
    assert line.kind is LineKind.REPEAT
    assert "Question number 2?" in line.text
    assert line.question_id == "q2"


def test_the_same_words_inside_a_long_answer_are_an_answer():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks("We had to repeat that migration three times because the table was large and the lock was long")
    interview.judged(complete=True)
    interview.ends_turn()
    assert interview.said()[-1].question_id == "q2"


def test_time_to_think_is_granted_and_lengthens_the_silence():
    interview = Interview()
    interview.reach_question(1)
    interview.answers("Let me think.")
    assert interview.said()[-1].kind is LineKind.ACKNOWLEDGEMENT
    interview.line_plays(1.0)
    assert interview.last(WatchSilence).after_s == 30


def test_i_do_not_know_is_taken_gracefully_without_a_probe():
    interview = Interview()
    interview.reach_question(1)
    interview.answers("I don't know.")
    assert interview.said()[-1].question_id == "q2"
    assert interview.said()[-1].text.startswith("That is all right.")


def test_a_question_of_the_candidate_is_noted_and_nothing_is_promised():
    interview = Interview(questions=1)
    interview.reach_question(1)
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    interview.line_plays()
    interview.answers("When will I hear whether I got the job?")
    assert interview.said()[-1].kind is LineKind.CLOSE
    assert "noted" in interview.said()[-1].text


def test_progress_is_shown_on_every_change_and_only_then():
    interview = Interview()
    interview.reach_question(2)
    shown = [action for action in interview.actions if isinstance(action, ShowProgress)]
    assert all(a != b for a, b in zip(shown, shown[1:], strict=False))
    assert (shown[-1].question_id, shown[-1].state, shown[-1].answered) == ("q2", "listening", 1)


def test_a_stored_interview_replays_to_the_same_state():
    interview = Interview()
    interview.reach_question(3)
    interview.answers("Let me think.")
    stored = [EVENT.validate_json(EVENT.dump_json(event)) for event in interview.events]
    assert interview.dialogue.replay(stored) == interview.state
    assert DialogueState.model_validate_json(interview.state.model_dump_json()) == interview.state


def test_after_the_end_nothing_happens_any_more():
    interview = Interview()
    interview.tell(TimeUp(at_s=1))
    interview.line_plays()
    assert interview.speaks("Are you there?") == []


def test_a_judgement_that_nobody_waits_for_says_nothing_about_the_next_question():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(VAGUE)
    interview.ends_turn()
    interview.deadline_passes()
    interview.judged(complete=False, follow_up="What did you build yourself?")
    interview.line_plays()
    interview.speaks("I built all of that alone")
    interview.ends_turn()
    interview.deadline_passes()
    assert interview.said()[-1].question_id == "q3"


@pytest.mark.parametrize("words", ["Could you repeat the question?", "Let me think.", "Can we skip this one?"])
def test_a_request_is_not_an_answer(words: str):
    interview = Interview()
    interview.reach_question(1)
    interview.answers(words)
    for _ in range(4):
        interview.line_plays(1.0)
        interview.tell(SilenceReached(at_s=interview.now, watch=interview.last(WatchSilence).watch))
    assert interview.state.question_id != "q1"
    assert interview.state.answered == ()


def test_a_request_within_an_answer_leaves_the_rest_of_it():
    interview = Interview()
    interview.reach_question(1)
    interview.answers(LONG)
    interview.judged(complete=False, follow_up="Why twice?")
    interview.line_plays()
    interview.answers("Could you repeat that?")
    assert interview.state.answer == LONG


def test_a_request_whose_reply_was_not_heard_is_still_met():
    interview = Interview()
    interview.reach_question(1)
    interview.answers("Could you repeat the question?")
    unheard = interview.said()[-1]
    interview.tell(LineEnded(at_s=interview.now, line_id=unheard.line_id, interrupted=True))
    interview.tell(SilenceReached(at_s=interview.now, watch=interview.last(WatchSilence).watch))
    assert interview.said()[-1].text == unheard.text


def test_an_event_that_cannot_be_read_does_not_quote_what_was_said():
    with pytest.raises(ValidationError) as raised:
        EVENT.validate_python({"type": "heard", "at_s": "x", "text": "my secret\x00", "started_s": 1, "ended_s": 1})
    assert "my secret" not in str(raised.value)

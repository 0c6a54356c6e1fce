"""The dialogue machine: told what happens, it asks for the right thing."""

from typing import Any

import pytest
from pydantic import ValidationError

from agent.dialogue import Dialogue, DialogueState
from agent.dialogue.actions import (
    Action,
    AwaitDeadline,
    BePatient,
    CancelJudge,
    Close,
    Hush,
    Judge,
    Line,
    Prepare,
    RecordAnswer,
    Say,
    ShowProgress,
    WatchSilence,
)
from agent.dialogue.events import (
    EVENT,
    Began,
    DeadlineReached,
    Event,
    Heard,
    HeardPartial,
    Judged,
    JudgingFailed,
    Left,
    LineEnded,
    LineStarted,
    Resumed,
    SilenceReached,
    SpeechPaused,
    SpeechStarted,
    TimeShort,
    TimeUp,
    TurnEnded,
)
from agent.dialogue.lines import Script
from interview.catalogue import catalogue
from interview.plan import Competency, Plan, Question
from interview.session import Stage
from interview.transcript import LineKind

LONG = "I built the payment service myself and measured that it was twice as fast in the end"
VAGUE = "I did some things on the back end mostly"


def plan(questions: int = 3, follow_ups: int = 1) -> Plan:
    return Plan(
        plan_id="p",
        title="Backend engineer",
        competencies=(Competency(id="c", name="Building"),),
        questions=tuple(
            Question(id=f"q{n}", text=f"Question number {n}?", competency="c", max_follow_ups=follow_ups)
            for n in range(1, questions + 1)
        ),
    )


class Interview:
    """Plays a candidate and a room against the machine, keeping time and all actions."""

    def __init__(self, questions: int = 3, follow_ups: int = 1) -> None:
        self.dialogue = Dialogue(Script(plan(questions, follow_ups), catalogue("en"), "Ada", recorded=True))
        self.state = DialogueState()
        self.now = 0.0
        self.events: list[Event] = []
        self.actions: list[Action] = []
        self.tell(Began(at_s=0.0))

    def tell(self, event: Event) -> list[Action]:
        self.events.append(event)
        step = self.dialogue.step(self.state, event)
        self.state = step.state
        self.actions += step.actions
        return list(step.actions)

    def said(self) -> list[Line]:
        return [action.line for action in self.actions if isinstance(action, Say)]

    def last(self, kind: type[Any]) -> Any:
        return next(action for action in reversed(self.actions) if isinstance(action, kind))

    def line_plays(self, seconds: float = 3.0, *, interrupted: bool = False) -> None:
        line = self.said()[-1]
        self.tell(LineStarted(at_s=self.now, line_id=line.line_id))
        self.now += seconds
        self.tell(LineEnded(at_s=self.now, line_id=line.line_id, interrupted=interrupted))

    def speaks(self, text: str, seconds: float = 4.0) -> list[Action]:
        started = self.now
        self.tell(SpeechStarted(at_s=started))
        self.now += seconds
        self.tell(SpeechPaused(at_s=self.now))
        return self.tell(Heard(at_s=self.now, text=text, started_s=started, ended_s=self.now))

    def answers(self, text: str) -> None:
        self.speaks(text)
        self.ends_turn()

    def ends_turn(self) -> list[Action]:
        self.now += 0.5
        return self.tell(TurnEnded(at_s=self.now))

    def deadline_passes(self) -> list[Action]:
        return self.tell(DeadlineReached(at_s=self.now, turn=self.last(AwaitDeadline).turn))

    def judged(self, *, complete: bool, follow_up: str = "") -> list[Action]:
        judge = self.last(Judge)
        return self.tell(
            Judged(at_s=self.now, judge_id=judge.judge_id, complete=complete, follow_up=follow_up, words=judge.words)
        )

    def reach_question(self, number: int) -> None:
        self.line_plays()
        self.answers("I came to it through school")
        for _ in range(number - 1):
            self.line_plays()
            self.speaks(LONG)
            self.judged(complete=True)
            self.ends_turn()
        self.line_plays()


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
    interview.tell(LineStarted(at_s=interview.now, line_id=cut.line_id))
    started = interview.now + 0.3
    interview.now = started + 3
    interview.tell(LineEnded(at_s=started + 0.3, line_id=cut.line_id, interrupted=True))
    actions = interview.tell(
        Heard(at_s=interview.now, text="and then the second half of it", started_s=started, ended_s=interview.now)
    )
    stored = next(action for action in actions if isinstance(action, RecordAnswer))
    assert stored.question_id == "q1"
    assert [action.cut_offs for action in actions if isinstance(action, BePatient)] == [1]
    assert interview.state.answer == "I built the first half of it and then the second half of it"
    interview.judged(complete=True)
    interview.ends_turn()
    assert interview.said()[-1].text == cut.text
    assert interview.said()[-1].line_id > cut.line_id


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
    assert interview.state.question_index == 0
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
    assert interview.state.question_index == -1


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


def test_when_time_is_short_the_rest_is_left_out_and_recorded_as_such():
    interview = Interview()
    interview.reach_question(1)
    interview.tell(TimeShort(at_s=interview.now))
    interview.answers(LONG)
    assert interview.said()[-1].kind is LineKind.INVITE_QUESTIONS
    assert interview.state.unasked == ("q2", "q3")
    assert interview.state.answered == ("q1",)


def test_when_time_is_up_it_closes_at_once_and_keeps_the_answer():
    interview = Interview()
    interview.reach_question(2)
    interview.speaks(LONG)
    interview.tell(TimeUp(at_s=interview.now))
    assert interview.said()[-1].kind is LineKind.CLOSE
    interview.line_plays()
    assert interview.state.stage is Stage.DONE
    assert interview.state.answered == ("q1", "q2")
    assert interview.state.unasked == ("q3",)


def test_somebody_who_comes_back_is_asked_the_same_question_unless_its_answer_began():
    silent = Interview()
    silent.reach_question(2)
    silent.tell(Resumed(at_s=silent.now))
    assert "Question number 2?" in silent.said()[-1].text

    talking = Interview()
    talking.reach_question(2)
    talking.speaks("I began to say something")
    talking.tell(Resumed(at_s=talking.now))
    assert "Question number 2?" not in talking.said()[-1].text
    assert "please go on" in talking.said()[-1].text.lower()


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


def test_time_that_is_up_while_the_candidate_speaks_waits_for_the_end_of_their_turn():
    interview = Interview()
    interview.reach_question(1)
    interview.tell(SpeechStarted(at_s=interview.now))
    interview.tell(TimeUp(at_s=interview.now))
    assert interview.said()[-1].kind is LineKind.QUESTION
    interview.tell(Heard(at_s=interview.now, text=LONG, started_s=interview.now - 5, ended_s=interview.now))
    interview.ends_turn()
    line = interview.said()[-1]
    assert line.kind is LineKind.CLOSE
    assert "time is up" in line.text
    assert interview.state.answered == ("q1",)
    assert interview.state.unasked == ("q2", "q3")


def test_a_sound_without_words_when_time_is_up_does_not_hold_the_close_back():
    interview = Interview()
    interview.reach_question(1)
    interview.tell(SpeechStarted(at_s=interview.now))
    interview.tell(TimeUp(at_s=interview.now))
    interview.tell(SpeechPaused(at_s=interview.now))
    interview.tell(SilenceReached(at_s=interview.now, watch=interview.last(WatchSilence).watch))
    assert interview.said()[-1].kind is LineKind.CLOSE


def test_somebody_who_never_stops_is_closed_upon_when_time_is_told_again():
    interview = Interview()
    interview.reach_question(1)
    interview.tell(SpeechStarted(at_s=interview.now))
    interview.tell(TimeUp(at_s=interview.now))
    interview.tell(TimeUp(at_s=interview.now + 30))
    close = interview.said()[-1]
    assert close.kind is LineKind.CLOSE
    interview.tell(LineEnded(at_s=interview.now + 31, line_id=close.line_id, interrupted=True))
    assert interview.state.stage is Stage.CLOSE
    interview.tell(TimeUp(at_s=interview.now + 60))
    assert interview.state.stage is Stage.DONE


def test_a_close_that_cut_the_candidate_off_is_said_again_once_they_have_finished():
    interview = Interview(questions=1)
    interview.reach_question(1)
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    interview.line_plays()
    interview.answers("Yes, I would like to know")
    interview.line_plays(1.0, interrupted=True)
    assert interview.state.stage is Stage.CLOSE
    actions = interview.speaks("how large the team is")
    assert any(isinstance(action, RecordAnswer) for action in actions)
    interview.tell(SilenceReached(at_s=interview.now, watch=interview.last(WatchSilence).watch))
    assert interview.said()[-1].kind is LineKind.CLOSE
    interview.line_plays(1.0, interrupted=True)
    assert interview.state.stage is Stage.DONE


def test_a_goodbye_over_the_end_of_the_close_ends_the_interview():
    interview = Interview()
    interview.tell(TimeUp(at_s=1))
    interview.line_plays(4.0, interrupted=True)
    assert interview.state.stage is Stage.DONE


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


def test_nothing_goes_on_while_the_candidate_is_away():
    interview = Interview()
    interview.reach_question(2)
    watch = interview.last(WatchSilence).watch
    said = len(interview.said())
    interview.tell(Left(at_s=interview.now))
    interview.tell(SilenceReached(at_s=interview.now + 12, watch=watch))
    interview.tell(Heard(at_s=interview.now, text=LONG, started_s=interview.now - 5, ended_s=interview.now))
    interview.tell(TurnEnded(at_s=interview.now))
    assert len(interview.said()) == said
    interview.tell(Resumed(at_s=interview.now + 100))
    line = interview.said()[-1]
    assert (line.kind, line.question_id) == (LineKind.NOTICE, "q2")
    interview.line_plays()
    assert interview.last(WatchSilence).watch == interview.state.watch


def test_a_line_that_ends_while_the_candidate_is_away_waits_for_them():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    watches = sum(isinstance(action, WatchSilence) for action in interview.actions)
    interview.tell(Left(at_s=interview.now))
    interview.line_plays()
    assert sum(isinstance(action, WatchSilence) for action in interview.actions) == watches
    interview.tell(Resumed(at_s=interview.now))
    assert "Question number 2?" in interview.said()[-1].text


def test_whoever_leaves_after_the_last_words_were_cut_off_has_finished():
    interview = Interview()
    interview.tell(TimeUp(at_s=1))
    interview.line_plays(1.0, interrupted=True)
    interview.tell(Left(at_s=interview.now))
    assert interview.last(Close).reason == "completed"


@pytest.mark.parametrize("words", ["Could you repeat the question?", "Let me think.", "Can we skip this one?"])
def test_a_request_is_not_an_answer(words: str):
    interview = Interview()
    interview.reach_question(1)
    interview.answers(words)
    for _ in range(4):
        interview.line_plays(1.0)
        interview.tell(SilenceReached(at_s=interview.now, watch=interview.last(WatchSilence).watch))
    assert interview.state.question_index > 0
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


def test_an_event_that_cannot_be_read_does_not_quote_what_was_said():
    with pytest.raises(ValidationError) as raised:
        EVENT.validate_python({"type": "heard", "at_s": "x", "text": "my secret\x00", "started_s": 1, "ended_s": 1})
    assert "my secret" not in str(raised.value)

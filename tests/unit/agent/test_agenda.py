"""Which question comes next: the plan's order, what is left out for time, what the candidate comes back to."""

import pytest

from agent.dialogue import agenda
from agent.dialogue.actions import Prepare
from agent.dialogue.events import TimeAdded, TimeLeft, TimeShort
from agent.dialogue.state import DialogueState
from interview.plan import Difficulty, Variants
from interview.session import Stage
from interview.transcript import LineKind
from tests.unit.agent.player import LONG, VAGUE, Interview, plan


def with_optional(*optional: str):
    whole = plan(questions=4)
    questions = tuple(q.model_copy(update={"optional": q.id in optional}) for q in whole.questions)
    return whole.model_copy(update={"questions": questions})


def after_first(**changes) -> DialogueState:
    state = DialogueState(stage=Stage.QUESTIONS, question_id="q1", asked=("q1",), questions_since_s=60.0)
    return state.model_copy(update={"allowed_s": 600.0} | changes)


def test_with_time_enough_an_optional_question_is_asked_in_its_place():
    coming = agenda.upcoming(with_optional("q2"), after_first(), at_s=120.0)
    assert (coming.question and coming.question.id, coming.left_out) == ("q2", ())


def test_an_optional_question_that_would_cost_a_core_question_is_left_out_and_named():
    # one question took 150 s, 345 s are left before the close, and two core questions are still to come
    coming = agenda.upcoming(with_optional("q2"), after_first(), at_s=210.0)
    assert (coming.question and coming.question.id, coming.left_out) == ("q3", ("q2",))


def test_an_optional_question_at_the_end_costs_nobody_anything():
    state = after_first(asked=("q1", "q2", "q3"), question_id="q3")
    coming = agenda.upcoming(with_optional("q4"), state, at_s=540.0)
    assert coming.question == with_optional("q4").questions[3]


def test_core_questions_are_left_out_only_when_time_is_short():
    plan_ = with_optional()
    assert agenda.upcoming(plan_, after_first(), at_s=550.0).question is not None
    short = agenda.upcoming(plan_, after_first(time_short=True), at_s=560.0)
    assert (short.question, short.left_out) == (None, ("q2", "q3", "q4"))


def test_more_time_brings_the_optional_question_back_before_it_is_passed_over():
    plan_ = with_optional("q2")
    tight, more = after_first(), after_first(allowed_s=1200.0)
    assert agenda.upcoming(plan_, tight, at_s=210.0).left_out == ("q2",)
    assert agenda.upcoming(plan_, more, at_s=210.0).left_out == ()


def later(interview: Interview) -> None:
    interview.answers("Can we come back to that later?")


def test_a_question_that_is_put_off_comes_again_after_the_others():
    interview = Interview(questions=3)
    interview.reach_question(1)
    later(interview)
    assert (interview.said()[-1].question_id, interview.said()[-1].kind) == ("q2", LineKind.QUESTION)
    for _ in range(2):
        interview.line_plays()
        interview.speaks(LONG)
        interview.judged(complete=True)
        interview.ends_turn()
    again = interview.said()[-1]
    assert (again.question_id, again.kind) == ("q1", LineKind.REPEAT)
    interview.line_plays()
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    assert interview.said()[-1].kind is LineKind.INVITE_QUESTIONS
    assert interview.state.answered == ("q2", "q3", "q1")


def test_a_request_to_come_back_whose_reply_is_taken_back_stands_again():
    interview = Interview(questions=3)
    interview.reach_question(1)
    later(interview)
    interview.speaks_on("Thank you.")
    interview.ends_turn()
    assert interview.said()[-1].question_id == "q2"
    assert interview.state.postponed == ("q1",)


def test_the_last_question_cannot_be_put_off_but_gets_time():
    interview = Interview(questions=1)
    interview.reach_question(1)
    later(interview)
    assert interview.said()[-1].kind is LineKind.ACKNOWLEDGEMENT
    assert interview.state.thinking
    assert interview.state.question_id == "q1"


def test_what_was_said_before_it_was_put_off_counts_as_an_answer():
    interview = Interview(questions=2)
    interview.reach_question(1)
    interview.answers(LONG)
    interview.judged(complete=False, follow_up="Why twice?")
    interview.line_plays()
    later(interview)
    assert interview.state.answered == ("q1",)


def test_no_follow_up_is_asked_of_a_question_that_has_had_its_time():
    interview = Interview(questions=2)
    questions = tuple(q.model_copy(update={"max_s": 60}) for q in plan(2).questions)
    interview.dialogue._script.plan = plan(2).model_copy(update={"questions": questions})
    interview.reach_question(1)
    interview.now += 90
    interview.speaks(VAGUE)
    interview.ends_turn()
    assert interview.said()[-1].question_id == "q2"


@pytest.mark.parametrize(("left_s", "words"), [(300, "five minutes"), (60, "one minute")])
def test_the_time_that_is_left_is_said_once_before_the_next_question(left_s: int, words: str):
    interview = Interview()
    interview.reach_question(1)
    interview.tell(TimeLeft(at_s=interview.now, left_s=left_s))
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    assert words in interview.said()[-1].text
    interview.line_plays()
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    assert words not in interview.said()[-1].text


def test_more_time_takes_the_notice_back():
    interview = Interview()
    interview.reach_question(1)
    interview.tell(TimeLeft(at_s=interview.now, left_s=60))
    interview.tell(TimeShort(at_s=interview.now))
    interview.tell(TimeAdded(at_s=interview.now, allowed_s=3600))
    interview.speaks(LONG)
    interview.judged(complete=True)
    interview.ends_turn()
    assert (interview.said()[-1].question_id, "minute" in interview.said()[-1].text) == ("q2", False)


def adaptive(follow_ups: int = 0) -> Interview:
    interview = Interview(questions=4)
    whole = plan(4, follow_ups)
    questions = tuple(
        q.model_copy(update={"variants": Variants(easier=f"Easier {q.id}?", harder=f"Harder {q.id}?")})
        for q in whole.questions
    )
    interview.dialogue._script.plan = whole.model_copy(update={"questions": questions, "adaptive": True})
    interview.line_plays()
    interview.answers("I came to it through school")
    return interview


def answers(interview: Interview, *, complete: bool) -> None:
    interview.line_plays()
    interview.speaks(LONG)
    interview.judged(complete=complete, follow_up="" if complete else "What exactly?")
    interview.ends_turn()


def test_two_complete_answers_lead_to_the_harder_wording_which_is_what_is_recorded_and_repeated():
    interview = adaptive()
    answers(interview, complete=True)
    assert interview.said()[-1].text.endswith("Question number 2?")
    answers(interview, complete=True)
    asked = interview.said()[-1]
    assert (asked.text.endswith("Harder q3?"), asked.difficulty) == (True, Difficulty.HARDER)
    assert interview.last(Prepare).text == asked.text
    interview.line_plays()
    interview.answers("Could you repeat the question?")
    assert interview.said()[-1].text.endswith("Harder q3?")
    assert interview.dialogue.progress(interview.state).question == "Harder q3?"


def test_two_incomplete_answers_lead_to_the_easier_wording_follow_ups_or_not():
    interview = adaptive(follow_ups=1)
    for _ in range(2):
        answers(interview, complete=False)
        answers(interview, complete=True)
    assert interview.said()[-1].text.endswith("Easier q3?")
    assert interview.state.judged == (False, False)


def test_a_plan_that_is_not_adaptive_asks_as_planned():
    interview = Interview(questions=4)
    interview.reach_question(4)
    assert interview.said()[-1].text.endswith("Question number 4?")
    assert interview.said()[-1].difficulty is None

"""Which answers are over, and that their evaluation is only queued."""

import time

from agent.dialogue.actions import Action, FinishQuestion
from agent.dialogue.events import TimeUp
from agent.memory import Memory
from interview.outbox import Outbox
from interview.session import Stage
from interview.transcript import Speaker
from interview.writes import Remember, Write
from tests.unit.agent.player import LONG, Interview


def finished(actions: list[Action]) -> list[str]:
    return [action.question_id for action in actions if isinstance(action, FinishQuestion)]


def test_a_question_is_over_when_the_next_is_asked_and_the_last_when_the_questions_are():
    interview = Interview(questions=2)
    interview.reach_question(1)
    assert finished(interview.actions) == []
    interview.speaks(LONG)
    assert finished(interview.judged(complete=True)) == []
    assert finished(interview.ends_turn()) == ["q1"]
    interview.line_plays()
    interview.speaks(LONG)
    interview.judged(complete=True)
    assert finished(interview.ends_turn()) == ["q2"]
    interview.line_plays()
    interview.answers("No, thank you")
    assert finished(interview.actions) == ["q1", "q2"]


def test_a_follow_up_does_not_end_its_question():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks("I did some things on the back end mostly")
    interview.judged(complete=False, follow_up="What did you do?")
    assert finished(interview.ends_turn()) == []


def test_a_question_that_was_skipped_has_no_answer():
    interview = Interview()
    interview.reach_question(1)
    interview.answers("Can we skip this one please")
    assert finished(interview.actions) == []


def test_an_answer_that_goes_on_after_all_is_over_a_second_time():
    interview = Interview()
    interview.reach_question(1)
    interview.speaks(LONG)
    interview.judged(complete=True)
    assert finished(interview.ends_turn()) == ["q1"]
    started = interview.now
    interview.line_plays(0.4, interrupted=True)
    interview.speaks("and it was the first of its kind", seconds=2)
    assert interview.now > started
    interview.judged(complete=True)
    assert finished(interview.ends_turn()) == ["q1"]


def test_the_answer_that_the_end_of_the_time_cuts_off_is_over_too():
    interview = Interview()
    interview.reach_question(2)
    interview.speaks(LONG)
    assert finished(interview.tell(TimeUp(at_s=interview.now))) == ["q2"]


def says(memory: Memory, speaker: Speaker, question_id: str) -> None:
    now = time.time()
    memory.turn(speaker, "words", started_at=now, ended_at=now, stage=Stage.QUESTIONS, question_id=question_id)


async def nobody(_: Write, __: Remember) -> None:
    raise AssertionError("nobody writes here")


async def test_words_that_come_late_queue_their_answer_again_and_nothing_else_does():
    outbox = Outbox("test", nobody)
    memory = Memory(outbox, "s", 1, evaluate_after_s=2)
    says(memory, Speaker.CANDIDATE, "q1")
    memory.question_done("q1")
    assert len(outbox) == 2
    says(memory, Speaker.INTERVIEWER, "q1")
    says(memory, Speaker.CANDIDATE, "q2")
    assert len(outbox) == 4
    says(memory, Speaker.CANDIDATE, "q1")
    assert len(outbox) == 6

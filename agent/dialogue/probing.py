"""When an answer is worth judging, when a judgement counts, and whether a follow-up may be asked."""

from agent.dialogue import cues, judgements
from agent.dialogue.actions import Judge
from agent.dialogue.context import Context
from agent.dialogue.state import DialogueState
from agent.dialogue.step import Step, changed
from interview.plan import Question
from interview.session import Stage

FIRST_JUDGED_WORDS = 6
"""Fewer words than this tell a model nothing while the candidate still speaks."""

REJUDGE_WORDS = 10
"""How many more words make an answer worth judging again while the candidate still speaks."""


def judge_early(here: Context, state: DialogueState, answer: str) -> Step:
    """Judge a growing answer, one judgement at a time, when it has grown enough to be worth it."""
    size = cues.words(answer)
    enough = state.judgement.words + REJUDGE_WORDS if state.judgement else FIRST_JUDGED_WORDS
    if state.judging_words is not None or size < enough:
        return Step(state)
    return _judge(here, state, answer)


def judge_whole(here: Context, state: DialogueState) -> Step:
    """Judge all that was heard, unless that is being done or was done."""
    enough = judgements.JUDGED_SHARE * cues.words(state.answer)
    if has_read_all(state) or (state.judging_words is not None and state.judging_words >= enough):
        return Step(state)
    return _judge(here, state, state.answer)


def has_read_all(state: DialogueState) -> bool:
    """Tell whether the latest judgement had read the whole answer."""
    return state.judgement is not None and state.judgement.words >= cues.words(state.answer)


def may_follow_up(here: Context, state: DialogueState) -> bool:
    """Tell whether the current question allows one more follow-up."""
    question = here.script.current(state)
    return (
        state.stage is Stage.QUESTIONS
        and question is not None
        and len(state.follow_ups) < question.max_follow_ups
        and not state.time_short
        and not _has_taken_its_time(here, state, question)
    )


def _has_taken_its_time(here: Context, state: DialogueState, question: Question) -> bool:
    since_s = state.question_since_s
    return question.max_s is not None and since_s is not None and here.at_s - since_s >= question.max_s


def _judge(here: Context, state: DialogueState, answer: str) -> Step:
    question = here.script.current(state)
    # where the next question's wording follows from the answers, the first answer is judged even if nothing is probed
    wanted = may_follow_up(here, state) or (here.script.plan.adaptive and len(state.judged) < len(state.asked))
    if question is None or not wanted or not answer:
        return Step(state)
    size = cues.words(answer)
    state = changed(state, judge_id=state.judge_id + 1, judging_words=size)
    judge = Judge(
        judge_id=state.judge_id,
        question=here.script.wording(state, question).text,
        answer=answer,
        asked=state.follow_ups,
        wanted=here.script.wanted(question),
        words=size,
    )
    return Step(state, (judge,))

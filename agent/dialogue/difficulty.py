"""Adaptive difficulty: in which wording the next question is asked. Off unless the plan is `adaptive`.

Everybody gets the same questions in the same order; only the words of a question may differ, and only to those that
the plan's author wrote. Two answers in a row that were judged complete lead to the harder wording, two incomplete ones
to the easier; everything else, and every doubt, leaves the question as planned. The same answers always give the same
wording, so a replay does too.
"""

from collections.abc import Sequence

from interview.plan import Difficulty, PlanContent, Question
from interview.record import Record

LOOK_BACK = 2
"""How many of the latest answers decide. One alone says too little: a short answer has many reasons."""


class Wording(Record):
    """How a question is asked; `difficulty` is what is recorded in its turn."""

    difficulty: Difficulty
    text: str


def choose(plan: PlanContent, question: Question, judged: Sequence[bool | None]) -> Wording:
    """Choose the wording of `question`, which is about to be asked.

    `judged` tells of each core question asked before it, in order, whether its first answer (before any follow-up) was
    judged complete; None where nobody judged it in time, or where the candidate skipped it.
    """
    difficulty = _wanted(judged) if plan.adaptive else Difficulty.PLANNED
    text = question.worded(difficulty)
    if text is None:
        return Wording(difficulty=Difficulty.PLANNED, text=question.text)
    return Wording(difficulty=difficulty, text=text)


def _wanted(judged: Sequence[bool | None]) -> Difficulty:
    latest = judged[-LOOK_BACK:]
    if len(latest) == LOOK_BACK and all(one is True for one in latest):
        return Difficulty.HARDER
    if len(latest) == LOOK_BACK and all(one is False for one in latest):
        return Difficulty.EASIER
    return Difficulty.PLANNED

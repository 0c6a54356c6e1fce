"""Which question comes next, and which are left out because time is short. Pure.

Everybody on a plan is asked the same core questions in the same order. What differs from that is recorded: an optional
question that there is no time for, a question that the candidate asked to come back to.
"""

from typing import NamedTuple

from agent.dialogue.state import DialogueState
from interview.plan import Plan, Question

_CLOSING_S = 45.0
"""What the candidate's questions and the close need; when less is left, no further question is begun."""

_CLOSING_SHARE = 0.25
"""Of a plan so short that the above would leave no time for its questions, this share."""


class Upcoming(NamedTuple):
    """The question that follows, or None after the last."""

    question: Question | None
    again: bool = False
    """It was asked before, and the candidate wanted to come back to it."""
    left_out: tuple[str, ...] = ()
    """Ids of questions that are passed over for want of time."""


def closing_s(duration_s: float) -> float:
    """Return how long before the end of an interview of this length no further question is begun."""
    return min(_CLOSING_S, _CLOSING_SHARE * duration_s)


def upcoming(plan: Plan, state: DialogueState, at_s: float) -> Upcoming:
    """Return what follows the current question."""
    done = {*state.asked, *state.unasked}
    ahead = [question for question in plan.questions if question.id not in done]
    if state.time_short:
        return Upcoming(None, left_out=tuple(question.id for question in ahead))
    left_out: list[str] = []
    for n, question in enumerate(ahead):
        core = sum(not later.optional for later in ahead[n + 1 :]) + len(state.postponed)
        if question.optional and core and _is_tight(plan, state, at_s, core):
            left_out.append(question.id)
            continue
        return Upcoming(question, left_out=tuple(left_out))
    for question_id in state.postponed:
        question = plan.question(question_id)
        if question is not None:
            return Upcoming(question, again=True, left_out=tuple(left_out))
    return Upcoming(None, left_out=tuple(left_out))


def _is_tight(plan: Plan, state: DialogueState, at_s: float, core: int) -> bool:
    """Tell whether one more question would take the time of so many core questions that still have to be asked."""
    if state.allowed_s is None:
        return False
    left_s = state.allowed_s - closing_s(state.allowed_s) - at_s
    return left_s < (core + 1) * _per_question_s(plan, state, at_s)


def _per_question_s(plan: Plan, state: DialogueState, at_s: float) -> float:
    """Return how long a question takes: as long as those so far, or what the plan has for each where none was asked."""
    if state.asked and state.questions_since_s is not None:
        return (at_s - state.questions_since_s) / len(state.asked)
    allowed_s = state.allowed_s or plan.duration_s
    return (allowed_s - closing_s(allowed_s)) / len(plan.questions)

"""What the evaluations made during the interview already say about a competency. Pure."""

from collections.abc import Iterable, Sequence

from interview.evaluation import Evaluation, EvaluationStatus
from interview.plan import Plan
from interview.transcript import Speaker, Turn
from reports.scores import CompetencyScore


def first_passes(plan: Plan, turns: Sequence[Turn], evaluations: Iterable[Evaluation]) -> dict[str, CompetencyScore]:
    """Return, by competency, the level of its only question's answer: the same rubric read against the same words.

    That is a first pass that need not be paid for again. A competency of several questions has none: what each answer
    shows says nothing yet about all of them together.
    """
    of = {evaluation.question_id: evaluation for evaluation in evaluations}
    found = {}
    for competency in plan.competencies:
        own = [question.id for question in plan.questions if question.competency == competency.id]
        if len(own) == 1 and (reply := _reply(of.get(own[0]), turns)) is not None:
            found[competency.id] = reply
    return found


def is_current(evaluation: Evaluation, turns: Sequence[Turn]) -> bool:
    """Tell whether an evaluation is about the answer as it is now."""
    result = evaluation.result
    if result is None or evaluation.status is not EvaluationStatus.READY or result.revision != evaluation.revision:
        return False
    said = {
        turn.seq for turn in turns if turn.speaker is Speaker.CANDIDATE and turn.question_id == evaluation.question_id
    }
    return said == set(result.answer_seqs)


def _reply(evaluation: Evaluation | None, turns: Sequence[Turn]) -> CompetencyScore | None:
    if evaluation is None or evaluation.result is None or not is_current(evaluation, turns):
        return None
    result = evaluation.result
    if result.level is None:
        return None
    return CompetencyScore(quotes=[quote.text for quote in result.quotes], reason=result.feedback, level=result.level)

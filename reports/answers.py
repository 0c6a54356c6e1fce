"""What is put before the model of one answer, and what is made of its reply. Pure: `evaluator` makes the calls."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from interview import prompts
from interview.errors import NotFound
from interview.evaluation import EvaluationQuote, EvaluationResult, EvaluationVersions
from interview.instructions import has_instruction
from interview.plan import Plan, Question
from interview.transcript import Turn
from reports.quotes import Span, said_at, said_by_candidate, verify, without_false_quotes
from reports.scores import Evidence, confidence, is_cut
from reports.words import storable

PROMPT = "answer_evaluation"
PROMPT_VERSION = 1


class AnswerEvaluation(BaseModel):
    """The model's reply. Evidence comes before the level, so that the level follows from it."""

    model_config = ConfigDict(extra="forbid")

    quotes: Annotated[list[str], Field(max_length=4)]
    feedback: str
    level: Annotated[int, Field(ge=1, le=5)]


class Reply(NamedTuple):
    """What the model said, who it was, and what it cost."""

    evaluation: AnswerEvaluation
    model: str
    prompt_tokens: int
    completion_tokens: int


def question_of(plan: Plan, question_id: str) -> Question:
    """Return the question of that id. Raises `NotFound`."""
    question = plan.question(question_id)
    if question is None:
        raise NotFound(f"the plan {plan.plan_id} has no question {question_id}")
    return question


def answer_to(plan: Plan, question: Question, turns: Sequence[Turn]) -> Evidence:
    """Gather what was said under one question, as evidence of what it measures."""
    competency = next(one for one in plan.competencies if one.id == question.competency)
    own = sorted(
        (turn for turn in turns if turn.question_id == question.id), key=lambda turn: (turn.started_at, turn.seq)
    )
    return Evidence(competency, (question.id,), tuple(own))


def system_prompt(question: Question, answer: Evidence) -> str:
    """Write the system prompt for one answer; its user message is `scores.user_message`."""
    rubric = "\n".join(f"{level} {words}" for level, words in enumerate(answer.competency.rubric, start=1))
    return prompts.load(PROMPT, PROMPT_VERSION).format(
        competency=answer.competency.name, question=question.text, rubric=rubric
    )


def result_of(
    plan: Plan, answer: Evidence, *, revision: int, at: datetime, not_scorable: str = "", reply: Reply | None = None
) -> EvaluationResult:
    """Make the result of a reply, or of the reason why there is none, and put its evidence to the proof.

    Only quotes that were said remain. A level above 1 claims evidence, so it does not stand without a quote; level 1
    says that there is none.
    """
    found = reply.evaluation if reply else None
    said = said_by_candidate(answer.turns)
    proof = verify(found.quotes if found else (), said)
    feedback, invented = without_false_quotes(storable(found.feedback), said) if found else ("", 0)
    if found and found.level > 1 and not proof.spans:
        not_scorable = "None of the model's evidence occurs in the transcript."
    turns = {turn.seq: turn for turn in answer.turns}
    return EvaluationResult(
        revision=revision,
        competency=answer.competency.id,
        level=found.level if found and not not_scorable else None,
        not_scorable=not_scorable,
        feedback="" if not_scorable else feedback,
        quotes=tuple(_quote(span, turns[span.seq]) for span in proof.spans),
        dropped_quotes=proof.dropped + invented,
        answer_seqs=tuple(turn.seq for turn in answer.answers),
        instruction_seqs=tuple(turn.seq for turn in answer.answers if has_instruction(turn.text)),
        answer_words=answer.words,
        answer_cut=is_cut(answer),
        transcription_confidence=confidence(answer.answers),
        versions=EvaluationVersions(
            model=reply.model if reply else "",
            prompt=PROMPT,
            prompt_version=PROMPT_VERSION,
            plan_id=plan.plan_id,
            plan_version=plan.version,
        ),
        prompt_tokens=reply.prompt_tokens if reply else 0,
        completion_tokens=reply.completion_tokens if reply else 0,
        evaluated_at=at,
    )


def _quote(span: Span, turn: Turn) -> EvaluationQuote:
    return EvaluationQuote(
        turn_id=turn.turn_id,
        seq=turn.seq,
        start=span.start,
        end=span.end,
        text=turn.text[span.start : span.end],
        said_at=said_at(turn, span.start),
    )

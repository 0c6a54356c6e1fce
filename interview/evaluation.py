"""What one answer was found to show: its place in the queue, and the result. For the recruiter, never in the room."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from interview.record import Moment, Record, Text

Count = Annotated[int, Field(ge=0)]
Level = Annotated[int, Field(ge=1, le=5)]


class EvaluationStatus(StrEnum):
    """Where the evaluation of an answer stands."""

    QUEUED = "queued"
    EVALUATING = "evaluating"
    READY = "ready"
    """Also where the answer cannot be scored: then the result says why."""
    FAILED = "failed"
    """Given up, with the reason in `failure`."""


class EvaluationQuote(Record):
    """Characters `start` to `end` of the text of turn `seq`, as they stand there, and when they were said."""

    turn_id: str
    seq: Count
    start: Count
    end: Count
    text: Text
    said_at: Moment


class EvaluationVersions(Record):
    """What made a result. `model` is as the provider named it, empty where none was asked."""

    model: Text = ""
    prompt: str
    prompt_version: int
    plan_id: str
    plan_version: int


class EvaluationResult(Record):
    """What was found: a level of the competency's rubric, or why there is none."""

    revision: int
    """Of the evaluation when this was made: a lower one than its own means that the answer has changed since."""
    competency: str
    """The id of what the question measures."""
    level: Level | None = None
    not_scorable: Text = ""
    """Why there is no level; empty where there is one."""
    feedback: Text = ""
    quotes: tuple[EvaluationQuote, ...] = ()
    dropped_quotes: Count = 0
    """What the model quoted and nobody said."""
    answer_seqs: tuple[int, ...] = ()
    """The candidate's turns that were the answer."""
    instruction_seqs: tuple[int, ...] = ()
    """Those of them with words that read like an instruction to the model; they were kept from it."""
    answer_words: Count = 0
    answer_cut: bool = False
    """Whether the model was given the first part of a very long answer only."""
    transcription_confidence: float | None = None
    versions: EvaluationVersions
    prompt_tokens: Count = 0
    completion_tokens: Count = 0
    evaluated_at: Moment


class Evaluation(Record):
    """The evaluation of the answer to one question. `result` is encrypted at rest.

    An answer that grows is evaluated again, under the next `revision`; the earlier result stays until then.
    """

    session_id: str
    question_id: str
    revision: Annotated[int, Field(ge=1)] = 1
    through_seq: Count
    """The candidate's last turn that the answer was known to have."""
    status: EvaluationStatus = EvaluationStatus.QUEUED
    queued_at: Moment
    """When the answer of this revision was finished."""
    not_before: Moment
    """When it may be claimed: later than `queued_at` while last words may come, and after a failure."""
    owner: str | None = None
    """Who holds the lease."""
    lease_until: Moment | None = None
    attempts: Count = 0
    """At this revision."""
    failure: str = ""
    result: EvaluationResult | None = None
    schema_version: int = 1

    @property
    def evaluation_id(self) -> str:
        """The derived id."""
        return evaluation_id(self.session_id, self.question_id)


def evaluation_id(session_id: str, question_id: str) -> str:
    """Derive an evaluation's id."""
    return f"{session_id}:{question_id}"


def anonymised_evaluation(evaluation: Evaluation) -> Evaluation:
    """Return the evaluation without feedback and quotes; level, figures and versions stay.

    One that waits is never made: what it would be made from is gone.
    """
    result = evaluation.result and evaluation.result.model_copy(update={"feedback": "", "quotes": ()})
    undone = {"status": EvaluationStatus.FAILED, "failure": "anonymised"}
    changes = {} if evaluation.status is EvaluationStatus.READY else undone
    return evaluation.model_copy(update={"result": result, "owner": None, "lease_until": None, **changes})

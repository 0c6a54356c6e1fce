"""Bodies of what an interview left behind."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from control_api.schemas import Answer
from interview.evaluation import Evaluation, EvaluationResult, EvaluationStatus, EvaluationVersions
from interview.gaps import Gap, GapReason
from interview.incident import Incident, Severity
from interview.plan import IncidentKind, Plan
from interview.record import Moment
from interview.recording import RecordingSegment
from interview.report import ReportStatus
from interview.review import Reason, ReviewState, Verdict
from interview.session import Status
from interview.transcript import Turn


class CorrectionView(Answer):
    """What a turn is read as, since somebody listened and agreed that it was misheard."""

    turn_id: str
    text: str
    reason: str
    by: str
    """The user id of whoever corrected it."""
    at: Moment
    problem_id: str | None
    """The candidate's problem that it answers; null where somebody corrected it by themselves."""


class TranscriptAnswer(Answer):
    """Every stored turn, in order, as it was recognised; corrections stand beside them and replace nothing.

    Of two corrections of one turn the later one holds.
    """

    session_id: str
    status: Status
    turns: list[Turn]
    corrections: list[CorrectionView]


class GapView(Answer):
    """A stretch of the recording that is silent, since nothing of it was kept: from when to when, and why.

    `start_s` and `end_s` are seconds from the recording's first sample; what lies before or after it is out of its
    bounds.
    """

    started_at: Moment
    ended_at: Moment
    start_s: float
    end_s: float
    reason: GapReason


class RecordingAnswer(Answer):
    """How the recording lies in time; `started_at` is the time of its first sample."""

    session_id: str
    started_at: Moment
    ended_at: Moment
    duration_s: float
    segments: int
    gaps: list[GapView]

    @classmethod
    def of(cls, session_id: str, segments: Sequence[RecordingSegment], gaps: Sequence[Gap]) -> Self:
        """Show a recording that has segments."""
        started_at = min(segment.started_at for segment in segments)
        ended_at = max(segment.ended_at for segment in segments)
        views = [
            GapView(
                started_at=gap.started_at,
                ended_at=gap.ended_at,
                start_s=_between(started_at, gap.started_at),
                end_s=_between(started_at, gap.ended_at),
                reason=gap.reason,
            )
            for gap in gaps
        ]
        return cls(
            session_id=session_id,
            started_at=started_at,
            ended_at=ended_at,
            duration_s=_between(started_at, ended_at),
            segments=len(segments),
            gaps=views,
        )


def _between(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds(), 3)


class StillView(Answer):
    """A frame that was kept; `url` answers with a JPEG."""

    moment: str
    taken_at: Moment
    url: str


class IncidentView(Answer):
    """One thing for a person to look at."""

    incident_id: str
    session_id: str
    attempt: int
    kind: IncidentKind
    severity: Severity
    started_at: Moment
    ended_at: Moment | None
    confidence: float
    detector: str
    detector_version: str
    threshold: float
    filed_at: Moment
    stills: list[StillView]
    state: ReviewState
    verdict: Verdict | None
    reason: Reason | None
    decided_at: Moment | None
    contested_at: Moment | None

    @classmethod
    def of(cls, incident: Incident, base_url: str) -> Self:
        """Show an incident; its stills lie under `base_url`, the path of the session."""
        stills = [
            StillView(
                moment=still.moment,
                taken_at=still.taken_at,
                url=f"{base_url}/incidents/{incident.incident_id}/stills/{still.moment}",
            )
            for still in incident.stills
        ]
        shown = incident.model_dump(exclude={"stills", "schema_version"})
        return cls(**shown, stills=stills)


class IncidentsAnswer(Answer):
    """All incidents of a session, by time."""

    session_id: str
    incidents: list[IncidentView]


class EvaluationQuoteView(Answer):
    """Words of the answer that the evaluation rests on: characters `start` to `end` of a turn's text."""

    turn_id: str
    seq: int
    start: int
    end: int
    text: str
    said_at: Moment


class EvaluationResultView(Answer):
    """What an answer was found to show: a level of the competency's rubric, or why it cannot be scored."""

    revision: int
    """A lower one than the evaluation's means that the answer has grown since."""
    competency: str
    level: int | None
    level_words: str
    """The rubric's words for the level."""
    not_scorable: str
    feedback: str
    quotes: list[EvaluationQuoteView]
    dropped_quotes: int
    """What the model quoted and nobody said."""
    answer_seqs: list[int]
    """The candidate's turns that were the answer."""
    instruction_seqs: list[int]
    """Those of them with words that read like an instruction to the model; they were kept from it."""
    answer_words: int
    answer_cut: bool
    transcription_confidence: float | None
    versions: EvaluationVersions
    prompt_tokens: int
    completion_tokens: int
    evaluated_at: Moment

    @classmethod
    def of(cls, result: EvaluationResult, plan: Plan) -> Self:
        """Show a result with the words of its level."""
        rubric = next((one.rubric for one in plan.competencies if one.id == result.competency), None)
        words = rubric[result.level - 1] if rubric and result.level else ""
        return cls(**result.model_dump(), level_words=words)


class EvaluationView(Answer):
    """Where the evaluation of one answer stands, and what was found last."""

    question_id: str
    question: str
    revision: int
    status: EvaluationStatus
    queued_at: Moment
    attempts: int
    failure: str
    result: EvaluationResultView | None

    @classmethod
    def of(cls, evaluation: Evaluation, plan: Plan) -> Self:
        """Show an evaluation beside its question."""
        question = plan.question(evaluation.question_id)
        return cls(
            question_id=evaluation.question_id,
            question=question.text if question else "",
            revision=evaluation.revision,
            status=evaluation.status,
            queued_at=evaluation.queued_at,
            attempts=evaluation.attempts,
            failure=evaluation.failure,
            result=EvaluationResultView.of(evaluation.result, plan) if evaluation.result else None,
        )


class EvaluationsAnswer(Answer):
    """What a session's answers were found to show so far, in the plan's order. People decide; this is no decision."""

    session_id: str
    status: Status
    evaluations: list[EvaluationView]


class ReportAnswer(Answer):
    """A report: where it stands, and what it says once it is ready."""

    session_id: str
    version: int
    status: ReportStatus
    stands: str
    """In words: `queued`, `building: scoring 3/6`, `partial: why`, `ready`, `failed: why`."""
    progress: str
    queued_at: Moment
    ready_at: Moment | None
    failure: str
    content: dict[str, Any] | None

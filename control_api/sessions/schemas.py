"""Bodies of `/api/parallel_interview` (SPEC 1: names and paths are fixed)."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StrictInt, model_validator

from control_api.outgoing.invites import MailState
from control_api.schemas import Answer, Body, GivenEmail, GivenMoment, ProgressView
from interview.accommodation import Accommodations
from interview.engines import Condition
from interview.plan import (
    MAX_DURATION_S,
    MAX_QUESTIONS,
    MIN_DURATION_S,
    Plan,
    ProctoringPolicy,
    RecordingPolicy,
)
from interview.queue import Place
from interview.record import Line, Moment, Text
from interview.report import ReportStatus
from interview.session import (
    Consent,
    ConsentItem,
    HistoryEntry,
    Presence,
    SeatChange,
    Session,
    Status,
)
from interview.usage import Usage

QuestionText = Annotated[Line, Field(max_length=1000)]


class QuestionGiven(Body):
    """A question with what it measures and how far it may be probed."""

    text: QuestionText
    competency: Annotated[Line, Field(max_length=64)] = "general"
    max_follow_ups: Annotated[StrictInt, Field(ge=0, le=3)] = 1


class CreateRequest(Body):
    """A candidate, and either questions or a plan."""

    name: Annotated[Line, Field(max_length=200)]
    email: GivenEmail
    questions: Annotated[list[QuestionText | QuestionGiven] | None, Field(min_length=1, max_length=MAX_QUESTIONS)] = (
        None
    )
    plan_id: Annotated[Line, Field(max_length=64)] | None = None
    duration_s: Annotated[StrictInt, Field(ge=MIN_DURATION_S, le=MAX_DURATION_S)] | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] | None = None
    accommodations: Accommodations | None = None
    """This candidate's, instead of the plan's."""
    not_before: GivenMoment | None = None
    not_after: GivenMoment | None = None
    reference: Annotated[Text, Field(max_length=100)] = ""
    """The caller's own, such as the number of an application."""
    send: StrictBool = False
    """Whether to mail the link to the candidate, where mail is configured."""

    @model_validator(mode="after")
    def _questions_or_plan(self) -> Self:
        if (self.questions is None) == (self.plan_id is None):
            raise ValueError("give either questions or plan_id")
        if self.not_before and self.not_after and self.not_after <= self.not_before:
            raise ValueError("not_after is not later than not_before")
        return self


class UserDetails(Answer):
    """Whom the session is for."""

    name: str
    email: str


class QuestionView(Answer):
    """A question as it will be asked."""

    id: str
    text: str
    competency: str


class InterviewConfig(Answer):
    """The session's snapshot of its plan."""

    plan_id: str
    title: str
    language: str
    duration_s: int
    questions: list[QuestionView]
    recording: RecordingPolicy
    proctoring: ProctoringPolicy

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """Show a plan."""
        return cls(
            plan_id=plan.plan_id,
            title=plan.title,
            language=plan.language,
            duration_s=plan.duration_s,
            questions=[QuestionView(id=q.id, text=q.text, competency=q.competency) for q in plan.questions],
            recording=plan.recording,
            proctoring=plan.proctoring,
        )


class CreateAnswer(Answer):
    """A new session. `invite_url` is shown this once: only a hash of its secret is kept."""

    status: Literal["success"] = "success"
    session_id: str
    livekit_room_name: str
    livekit_token: str
    livekit_url: str
    user_details: UserDetails
    interview_config: InterviewConfig
    invite_url: str
    mail: MailState


class QueueView(Answer):
    """Where a session stands in the queue: 1 is next. The wait, in seconds, is an estimate."""

    position: int
    expected_wait_s: int

    @classmethod
    def of(cls, place: Place | None) -> Self | None:
        """Show a place; None for one that is not in the queue."""
        return None if place is None else cls(position=place.position, expected_wait_s=place.expected_wait_s)


class SessionView(Answer):
    """A session as its owner sees it. A deleted one has no `user_details` and no `interview_config` any more."""

    view: Literal["owner"] = "owner"
    session_id: str
    status: Status
    owner_id: str
    user_details: UserDetails | None
    interview_config: InterviewConfig | None
    reference: str
    livekit_room_name: str
    created_at: Moment
    updated_at: Moment
    not_before: Moment | None
    not_after: Moment
    redo_of: str | None
    redo_reason: str
    redone_by: str | None
    batch_id: str | None
    seat_changes: tuple[SeatChange, ...]
    """Browsers in which the link was opened while another had the seat."""
    consent: Consent | None
    accommodations: Accommodations | None
    """Those that hold for this session: the candidate's own, or else the plan's."""
    attempt: int
    started_at: Moment | None
    clock_started_at: Moment | None
    ended_at: Moment | None
    end_reason: str
    progress: ProgressView
    presence: Presence
    usage: Usage
    """What providers were asked for, and what that cost by the price table; the report's making included."""
    conditions: tuple[Condition, ...]
    """When hearing, judging or speaking was served by a fallback (`degraded`), or by nothing (`down`)."""
    paused_at: Moment | None
    allowed_s: int
    """The plan's time with the candidate's extra time and what was added, in seconds."""
    queue: QueueView | None
    history: tuple[HistoryEntry, ...]

    @classmethod
    def of(cls, session: Session, place: Place | None = None) -> Self:
        """Show a session."""
        deleted = session.status is Status.DELETED
        candidate = session.candidate
        return cls(
            session_id=session.session_id,
            status=session.status,
            owner_id=session.owner_id,
            user_details=None if deleted else UserDetails(name=candidate.name, email=candidate.email),
            interview_config=None if deleted else InterviewConfig.of(session.plan),
            reference=session.reference,
            redo_of=session.redo_of,
            redo_reason=session.redo_reason,
            redone_by=session.redone_by,
            batch_id=session.batch_id,
            seat_changes=session.seat_changes,
            livekit_room_name=session.livekit_room_name,
            created_at=session.created_at,
            updated_at=session.updated_at,
            not_before=session.not_before,
            not_after=session.not_after,
            consent=session.consent,
            accommodations=None if deleted else session.adjustments,
            attempt=session.attempt,
            started_at=session.started_at,
            clock_started_at=session.clock_started_at,
            ended_at=session.ended_at,
            end_reason=session.end_reason,
            progress=ProgressView.of(session.progress),
            presence=session.presence,
            usage=session.usage,
            conditions=session.conditions,
            paused_at=session.paused_at,
            allowed_s=session.allowed_s,
            queue=QueueView.of(place),
            history=session.history,
        )


class CandidateSessionView(Answer):
    """A session as its candidate sees it: no questions ahead of time, nothing about the house."""

    view: Literal["candidate"] = "candidate"
    session_id: str
    status: Status
    title: str
    language: str
    duration_s: int
    recording: RecordingPolicy
    proctoring_enabled: bool
    not_before: Moment | None
    not_after: Moment
    consent: dict[ConsentItem, bool] | None
    started_at: Moment | None
    ended_at: Moment | None
    allowed_s: int
    progress: ProgressView
    queue: QueueView | None

    @classmethod
    def of(cls, session: Session, place: Place | None = None) -> Self:
        """Show a session to its candidate."""
        return cls(
            session_id=session.session_id,
            status=session.status,
            title=session.plan.title,
            language=session.plan.language,
            duration_s=session.plan.duration_s,
            recording=session.plan.recording,
            proctoring_enabled=session.plan.proctoring.enabled,
            not_before=session.not_before,
            not_after=session.not_after,
            consent=session.consent.items if session.consent else None,
            started_at=session.started_at,
            ended_at=session.ended_at,
            allowed_s=session.allowed_s,
            progress=ProgressView.of(session.progress),
            queue=QueueView.of(place),
        )


class SessionPage(Answer):
    """A page of sessions. `next_cursor` goes into `cursor` for the next page; null on the last."""

    sessions: list[SessionView]
    next_cursor: str | None


class TokenAnswer(Answer):
    """A fresh room token of the candidate."""

    livekit_url: str
    livekit_token: str
    livekit_room_name: str
    expires_in_s: int


class StartAnswer(Answer):
    """A session that runs, and the candidate's way into its room; or one that queues, which has no room yet.

    While `status` is `QUEUED`, ask again: repeating `start` is harmless.
    """

    session_id: str
    status: Status
    attempt: int
    started_at: Moment | None
    queue: QueueView | None
    livekit_url: str | None
    livekit_token: str | None
    livekit_room_name: str
    expires_in_s: int | None


class MovedAnswer(Answer):
    """A session after it was paused, resumed or given more time."""

    session_id: str
    status: Status
    attempt: int
    paused_at: Moment | None
    allowed_s: int
    queue: QueueView | None

    @classmethod
    def of(cls, session: Session, place: Place | None = None) -> Self:
        """Show a session."""
        return cls(
            session_id=session.session_id,
            status=session.status,
            attempt=session.attempt,
            paused_at=session.paused_at,
            allowed_s=session.allowed_s,
            queue=QueueView.of(place),
        )


class ExtendRequest(Body):
    """How much more time, in seconds."""

    seconds: Annotated[StrictInt, Field(ge=60, le=MAX_DURATION_S)]


class ReportInfo(Answer):
    """Where the session's report stands; `none` when the session never began."""

    status: ReportStatus | Literal["none"]


class EndAnswer(Answer):
    """A session that has ended."""

    session_id: str
    status: Status
    ended_at: Moment | None
    end_reason: str
    report_info: ReportInfo


class RescheduleRequest(Body):
    """Another window for starting; what is left out stays, and `not_before: null` takes that away."""

    not_before: GivenMoment | None = None
    not_after: GivenMoment | None = None
    send: StrictBool = False

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set & {"not_before", "not_after"}:
            raise ValueError("give not_before, not_after, or both")
        return self


class CandidateRequest(Body):
    """A correction of name or email; what is left out stays."""

    name: Annotated[Line, Field(max_length=200)] | None = None
    email: GivenEmail | None = None
    send: StrictBool = False

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.name is None and self.email is None:
            raise ValueError("give name, email, or both")
        return self


class RedoRequest(Body):
    """Why a session is to be redone (needed for a completed one), and when the new one can be started."""

    reason: Annotated[Text, Field(max_length=200)] = ""
    not_before: GivenMoment | None = None
    not_after: GivenMoment | None = None
    send: StrictBool = False


class ChangedAnswer(Answer):
    """A session that was changed. `invite_url` is a new link, shown this once; null where none was made."""

    session_id: str
    user_details: UserDetails
    not_before: Moment | None
    not_after: Moment
    invite_url: str | None
    mail: MailState

    @classmethod
    def of(cls, session: Session, url: str | None, mail: MailState, **more: str) -> Self:
        """Show a session that was changed."""
        return cls(
            session_id=session.session_id,
            user_details=UserDetails(name=session.candidate.name, email=session.candidate.email),
            not_before=session.not_before,
            not_after=session.not_after,
            invite_url=url,
            mail=mail,
            **more,
        )


class RedoAnswer(ChangedAnswer):
    """The new session, and the one that it repeats."""

    redo_of: str

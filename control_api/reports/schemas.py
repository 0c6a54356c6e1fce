"""Bodies of what people do with reports."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StrictBool, model_validator

from control_api.schemas import Answer, Body, GivenEmail
from interview.appraisal import Decision, DecisionEntry, OwnScore, OwnScores, ReportRelease
from interview.plan import Competency
from interview.record import Line, Moment, Text
from interview.report import Report, ReportStatus
from interview.session import Status

MAX_GROUPED = 1000
Level = Annotated[int, Field(ge=1, le=5)]
Key = Annotated[Line, Field(max_length=64)]
Written = Annotated[Line, Field(max_length=4000)]


class RebuildRequest(Body):
    """How to build it anew. Without `afresh`, what the model said about words that have not changed is used again."""

    afresh: StrictBool = False


class ReportVersionView(Answer):
    """One version of a report: where it stands, in a code and in words."""

    session_id: str
    version: int
    status: ReportStatus
    stands: str
    """`queued`, `building: scoring 3/6`, `partial: why`, `ready`, `failed: why`."""
    reason: str
    """Why it was built anew: `asked`, `correction`; empty for the first."""
    afresh: bool
    readable: bool
    queued_at: Moment
    ready_at: Moment | None
    attempts: int

    @classmethod
    def of(cls, report: Report) -> Self:
        """Show a version."""
        return cls(
            session_id=report.session_id,
            version=report.version,
            status=report.status,
            stands=report.stands,
            reason=report.reason,
            afresh=report.afresh,
            readable=report.is_readable,
            queued_at=report.queued_at,
            ready_at=report.ready_at,
            attempts=report.attempts,
        )


class ReportVersions(Answer):
    """All versions of a session's report, the newest first."""

    session_id: str
    versions: list[ReportVersionView]


class ReportQueue(Answer):
    """Reports that are not ready: those that were given up first, then in the order of the queue."""

    reports: list[ReportVersionView]
    more: bool


class DecideRequest(Body):
    """A decision, and why."""

    decision: Decision
    reason: Written


class DecisionView(Answer):
    """A decision, by whom (user id) and with which version of the report at hand."""

    session_id: str
    n: int
    decision: Decision
    reason: str
    by: str
    at: Moment
    report_version: int | None

    @classmethod
    def of(cls, entry: DecisionEntry) -> Self:
        """Show a decision."""
        return cls.model_validate(entry, from_attributes=True)


class Decisions(Answer):
    """What was decided, the last of all first. `current` is null until somebody decides."""

    session_id: str
    current: DecisionView | None
    history: list[DecisionView]


class OwnScoreGiven(Body):
    """A level of the competency's rubric, or none where one cannot tell; and a note."""

    level: Annotated[int, Field(strict=True, ge=1, le=5)] | None = None
    note: Annotated[Text, Field(max_length=2000)] = ""


class OwnScoresRequest(Body):
    """One's own scores, by the plan's competencies."""

    scores: Annotated[dict[Key, OwnScoreGiven], Field(min_length=1, max_length=50)]


class OwnScoreView(Answer):
    """What a person gave for one competency."""

    level: int | None
    note: str


class OwnScoresView(Answer):
    """What one person gave. `blind`: before having read what the model made of it."""

    session_id: str
    n: int
    by: str
    at: Moment
    blind: bool
    scores: dict[str, OwnScoreView]

    @classmethod
    def of(cls, given: OwnScores) -> Self:
        """Show scores."""
        shown = {name: _view(score) for name, score in given.scores.items()}
        return cls(session_id=given.session_id, n=given.n, by=given.by, at=given.at, blind=given.blind, scores=shown)


def _view(score: OwnScore) -> OwnScoreView:
    return OwnScoreView(level=score.level, note=score.note)


class OwnScoresList(Answer):
    """What people gave, oldest first; on a blind plan only one's own, until one has given them."""

    session_id: str
    competencies: list[Competency]
    """What is scored, with the words of each level, as this session's plan has it."""
    withheld: bool
    """Whether the model's scores are kept back until one has given one's own."""
    given: list[OwnScoresView]


class ComparedScore(Answer):
    """One competency of one candidate: the model's level with how far it can be relied on, and people's."""

    level: int | None
    confidence: float
    not_scorable: str
    withheld: bool
    """Whether the model's level is kept back until one has given one's own."""
    people: list[int]
    """The latest level of everybody who gave one."""


class ComparedRow(Answer):
    """One candidate."""

    session_id: str
    name: str
    status: Status
    plan_version: int
    ended_at: Moment | None
    report_version: int | None
    decision: Decision | None
    scores: dict[str, ComparedScore]
    """By competency."""


class ScoreSpread(Answer):
    """How the model's levels of one competency are spread over the candidates of this page."""

    n: int
    lowest: int | None
    median: float | None
    highest: int | None


class ComparedCompetency(Answer):
    """What is compared."""

    id: str
    name: str
    spread: ScoreSpread


class Comparison(Answer):
    """Candidates of one plan side by side, by when their sessions were made: no ranking, and no total."""

    plan_id: str
    competencies: list[ComparedCompetency]
    rows: list[ComparedRow]
    next_cursor: str | None


class AgreementView(Answer):
    """How far two ratings of the same answers agree: quadratic weighted kappa with its 95 % bootstrap interval.

    Null where it is not defined: nothing was rated twice, or both gave everybody the same level. The interval is null,
    too, of fewer than five pairs.
    """

    n: int
    kappa: float | None
    low: float | None
    high: float | None
    exact: float | None
    within_one: float | None


class AgreementAnswer(Answer):
    """Agreement on one plan. Only scores that were given before the model's were read count as people's own."""

    plan_id: str
    sessions: int
    """Ended sessions that were looked at: the newest."""
    blind: AgreementView
    """People, before they read the model's, and the model."""
    seen: AgreementView
    """People who had read the model's, and the model: how far they were led cannot be told."""
    people: AgreementView
    """Two people of the same session, blind."""
    by_competency: dict[str, AgreementView]
    """Of `blind`."""


class Grouped(Body):
    """Of which group somebody is: named by session, or by email for all of their sessions."""

    session_id: Key | None = None
    email: GivenEmail | None = None
    group: Annotated[Line, Field(max_length=100)]

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if (self.session_id is None) == (self.email is None):
            raise ValueError("name either the session or the email")
        return self


class ImpactRequest(Body):
    """Groups of the candidates of one plan. They are used for this answer and stored nowhere."""

    plan_id: Key
    groups: Annotated[list[Grouped], Field(min_length=1, max_length=MAX_GROUPED)]


class GroupImpactView(Answer):
    """How one group fares. `warnings`: `small_group`, `few_selected`, `below_four_fifths`, `no_decisions`."""

    group: str
    n: int
    selected: int
    rate: float | None
    rate_low: float
    rate_high: float
    impact_ratio: float | None
    p: float | None
    warnings: list[str]


class ImpactAnswer(Answer):
    """Selection rates by group: who was decided to advance, of all on whom there is a decision."""

    plan_id: str
    selected_means: Literal["advance"]
    decided: int
    undecided: int
    """Named, but without a decision so far: not counted."""
    unknown: int
    """Named, but no session of one's own on this plan."""
    groups: list[GroupImpactView]


class ReleaseRequest(Body):
    """What the candidate may read: the newest version that is ready, with or without levels, and some words."""

    with_levels: StrictBool = False
    note: Annotated[Text, Field(max_length=4000)] = ""


class ReleaseView(Answer):
    """What the candidate may read. `version` is null where nothing is released, or it was taken back."""

    session_id: str
    version: int | None
    with_levels: bool
    note: str
    by: str | None
    at: Moment | None

    @classmethod
    def of(cls, session_id: str, release: ReportRelease | None) -> Self:
        """Show a release."""
        if release is None:
            return cls(session_id=session_id, version=None, with_levels=False, note="", by=None, at=None)
        return cls.model_validate(release, from_attributes=True)


class CandidateReportAnswer(Answer):
    """The candidate's version of the report: what was understood of their answers, in words and their own quotes."""

    session_id: str
    version: int
    released: bool
    """False where its owner looks at what it would be."""
    note: str
    content: dict[str, Any]


class FoundTurn(Answer):
    """A turn in which the words stand: its text around them, and where they stand in that."""

    turn_id: str
    seq: int
    speaker: str
    question_id: str | None
    started_at: Moment
    excerpt: str
    start: int
    end: int


class FoundSession(Answer):
    """A session in which the words were said."""

    session_id: str
    candidate: str
    plan_title: str
    created_at: Moment
    turns: list[FoundTurn]
    more: bool
    """Whether they stand in further turns of it."""


class SearchAnswer(Answer):
    """What was found in the sessions that were looked at; with `next_cursor`, what comes after them."""

    q: str
    sessions: list[FoundSession]
    looked_at: int
    next_cursor: str | None


class CorrectRequest(Body):
    """What was really said in a turn. With `rescore`, what rests on it is evaluated again and the report built anew."""

    turn_id: Annotated[Line, Field(max_length=120)]
    text: Annotated[Line, Field(max_length=20_000)]
    reason: Annotated[Text, Field(max_length=4000)] = ""
    rescore: StrictBool = True


class CorrectedAnswer(Answer):
    """A correction, which stands beside the original."""

    session_id: str
    turn_id: str
    text: str
    reason: str
    by: str
    at: Moment
    report_version: int | None
    """The version of the report that is being built because of it."""

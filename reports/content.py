"""The content of a report: the one model behind every format. Its JSON form is the published schema.

Times ending in `_s` that mark a moment count from the candidate's first joining (`session.zero_at`) and may
be negative for what came before; others are durations. `level` is always 1 to 5.
"""

from typing import Annotated, Literal

from pydantic import Field

from interview.engines import EngineKind, EngineState
from interview.gaps import GapReason
from interview.incident import Severity
from interview.plan import IncidentKind
from interview.record import Moment, Record
from interview.review import Reason, ReviewState, Verdict
from interview.session import ConsentItem, Stage, Status
from interview.transcript import LineKind, Speaker, TurnKind

SCHEMA_VERSION = 1

Share = Annotated[float, Field(ge=0, le=1)]
Level = Annotated[int, Field(ge=1, le=5)]


class SessionFacts(Record):
    """What the session was. `zero_at` is the moment from which the report's times count."""

    session_id: str
    candidate_name: str
    plan_title: str
    job_role: str
    language: str
    status: Status
    created_at: Moment
    started_at: Moment | None
    zero_at: Moment
    ended_at: Moment | None
    end_reason: str
    duration_s: float
    """From `zero_at` to the end, pauses left out."""
    planned_duration_s: float
    consent: dict[ConsentItem, bool]
    consent_text_version: str


class Spread(Record):
    """How a figure is spread over `n` values; percentiles are by the nearest rank. None where there is no
    value.
    """

    n: int
    p50: float | None = None
    p95: float | None = None
    longest: float | None = None


class RecordingGap(Record):
    """A stretch that is silent in the recording since nothing of it was kept, in seconds from the report's zero."""

    start_s: float
    end_s: float
    kind: GapReason


class EngineCondition(Record):
    """A stretch in which hearing, judging or speaking was done by a fallback, or by nothing."""

    kind: EngineKind
    state: EngineState
    start_s: float
    end_s: float | None
    """None: until the end."""


class Stretch(Record):
    """A stretch of the interview, in seconds from the report's zero; `end_s` is None where it lasted to the end."""

    start_s: float
    end_s: float | None


class Conditions(Record):
    """The circumstances that a reader must know before judging."""

    interviewer_attempts: int
    """More than one: the interviewer was replaced on the way. Going on after a pause does not count."""
    paused_s: float
    reply_delay_s: Spread
    """From the candidate's end of speech to the interviewer's answer."""
    transcription_confidence: Share | None
    """Of the candidate's spoken words, weighted by length; None where the engine gave none."""
    low_confidence_turns: int
    typed_turns: int
    cut_turns: int
    """The candidate's turns that were cut off by a fault or by the interviewer."""
    recorded_s: float
    recording_segments: int
    recording_longest_gap_s: float
    recording_gaps: tuple[RecordingGap, ...] = ()
    recording_start_s: float | None = None
    """When the joined recording's first sample was heard: a moment of the report less this is the place in it."""
    database_away_s: float = 0
    """For how long nothing could be stored at once; what came meanwhile was stored afterwards."""
    audio_given_up: int = 0
    """Segments of audio that could not be kept meanwhile."""
    engines: tuple[EngineCondition, ...] = ()
    not_watched: tuple[str, ...] = ()
    """Kinds of incident that the plan wanted and proctoring could not look for, because a model was missing."""
    pauses: tuple[Stretch, ...] = ()
    """While the clock stood still, waits for a seat included."""
    absences: tuple[Stretch, ...] = ()
    """While the candidate was out of the room, after having come."""
    absent_s: float = 0
    replaced_at_s: tuple[float, ...] = ()
    """When another interviewer's first words came."""


class TranscriptTurn(Record):
    """One turn as it was stored. `seq` names it: quotes point to it, and the page's anchor is
    `turn-{seq}`.
    """

    seq: int
    speaker: Speaker
    kind: TurnKind
    text: str
    stage: Stage
    question_id: str | None
    line: LineKind | None
    start_s: float
    end_s: float
    confidence: Share | None
    interrupted: bool
    heard: str | None = None
    """What was recognised, where somebody corrected it to `text`; None where nobody did."""


class QuestionFigures(Record):
    """Time and words spent on one question."""

    question_id: str
    total_s: float = 0
    """From its first turn to its last, silence included."""
    candidate_delay_s: float | None = None
    """The pause before the first answer."""
    candidate_s: float
    interviewer_s: float
    answer_words: int
    follow_ups: int
    repeats: int


class StageFigures(Record):
    """Time spent in one stage, from its first turn to the first of the next."""

    stage: Stage
    start_s: float
    total_s: float
    candidate_s: float
    interviewer_s: float


class Figures(Record):
    """Measurements of the talk. None where there is nothing to measure."""

    candidate_s: float
    interviewer_s: float
    silence_s: float
    candidate_share: Share | None
    """The candidate's part of all speaking time."""
    candidate_words: int
    answer_s: Spread
    answer_words: Spread
    interviewer_delay_s: Spread
    candidate_delay_s: Spread
    interviewer_interrupted: int
    """Turns of the interviewer that the candidate spoke into."""
    candidate_interrupted: int
    follow_ups: int
    repeats: int
    prompts: int
    by_question: tuple[QuestionFigures, ...]
    by_stage: tuple[StageFigures, ...] = ()
    """In the order in which they began."""
    overlap_s: float = 0
    """While both spoke."""
    silences_s: Spread = Spread(n=0)
    """Stretches of at least three seconds between turns in which nobody spoke; pauses are none."""
    words_per_min: float | None = None
    """The candidate's words for each minute in which they spoke."""


class Quote(Record):
    """Words of the candidate: `text` is exactly characters `start` to `end` of turn `seq`, said at `at_s`."""

    turn_id: str
    seq: int
    start: Annotated[int, Field(ge=0)]
    end: int
    text: str
    at_s: float


class CompetencyResult(Record):
    """What is known of one competency: a level with its reason and evidence, or why it cannot be scored."""

    id: str
    name: str
    level: Level | None
    level_words: str
    """The rubric's words for the level; empty without one."""
    not_scorable: str
    """Why there is no level; empty where there is one."""
    reason: str
    quotes: tuple[Quote, ...]
    dropped_quotes: int
    """Quotes that the model gave but nobody said: left out."""
    confidence: Share
    """How far the level can be relied on: transcription confidence, share of quotes that were true, amount said, and
    agreement of the passes, multiplied.
    """
    passes: tuple[Level, ...] = ()
    """The levels that independent passes gave, each with the evidence in another order; `level` is their median."""
    agreement: Share = 0
    """What share of the passes gave `level`."""
    answer_words: int
    question_ids: tuple[str, ...]


class AnswerResult(Record):
    """What one answer was found to show by itself, while the interview went on or right after it."""

    level: Level | None
    not_scorable: str
    feedback: str
    quotes: tuple[Quote, ...]
    dropped_quotes: int


class QuestionResult(Record):
    """What became of one planned question."""

    question_id: str
    text: str
    competency: str
    asked: bool
    answered: bool
    asked_at_s: float | None
    answer_s: float
    answer_words: int
    follow_ups: tuple[str, ...]
    """The follow-ups that were asked, in their words."""
    first_answer_seq: int | None
    evaluation: AnswerResult | None = None
    """None where it was not evaluated."""


class IncidentSummary(Record):
    """One incident as it was filed, and what people have made of it so far (`interview.report.as_reviewed`)."""

    incident_id: str
    kind: IncidentKind
    severity: Severity
    start_s: float
    end_s: float | None
    confidence: Share
    detector: str
    detector_version: str
    threshold: float
    stills: int
    state: ReviewState = ReviewState.OPEN
    verdict: Verdict | None = None
    reason_code: Reason | None = None
    contested: bool = False
    opinions: int = 0
    """How many people have decided."""


class InstructionAttempt(Record):
    """Words of the candidate that read like an instruction to whoever scores. They were kept from the model."""

    turn_id: str
    seq: int
    start: Annotated[int, Field(ge=0)]
    end: int
    text: str
    at_s: float


class ModelUse(Record):
    """What the scoring cost."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Cost(Record):
    """What providers charge for it, by the price table of the day, in US dollars."""

    interview_usd: float = 0
    scoring_usd: float = 0


class Versions(Record):
    """What made this report."""

    report_schema: int = SCHEMA_VERSION
    plan_id: str
    plan_version: int
    models: dict[str, str]
    """By task: the model as the provider named it."""
    prompts: dict[str, int]
    """By name: the version."""


class Notice(Record):
    """Something a reader should know, with a code for programs."""

    code: str
    text: str


class ReportContent(Record):
    """A whole report."""

    schema_version: Literal[1] = SCHEMA_VERSION
    built_at: Moment
    session: SessionFacts
    conditions: Conditions
    notices: tuple[Notice, ...]
    competencies: tuple[CompetencyResult, ...]
    dropped_quotes: int
    questions: tuple[QuestionResult, ...]
    figures: Figures
    incidents: tuple[IncidentSummary, ...]
    transcript: tuple[TranscriptTurn, ...]
    instructions: tuple[InstructionAttempt, ...] = ()
    model_use: ModelUse
    cost: Cost = Cost()
    versions: Versions

"""What an interview asks, measures and records."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StrictBool, StrictInt, field_validator, model_validator

from interview.accommodation import Accommodations
from interview.engines import EngineKind
from interview.incident_kind import IncidentKind
from interview.record import Line, Record, Text, contradiction
from interview.signals import SIGNALS

MAX_QUESTIONS = 50
MAX_COMPETENCIES = 50
MIN_DURATION_S = 60
MAX_DURATION_S = 4 * 3600
MIN_QUESTION_S = 10
MAX_QUESTION_S = 3600

Id = Annotated[Line, Field(max_length=64)]
RubricLevel = Annotated[Line, Field(max_length=500)]

Rubric = tuple[RubricLevel, RubricLevel, RubricLevel, RubricLevel, RubricLevel]
"""The words of levels 1 to 5, lowest first."""

DEFAULT_RUBRIC: Rubric = (
    "No relevant evidence, or the answer does not address the question.",
    "A general answer with little evidence of own work.",
    "A relevant answer with some concrete detail of what was done.",
    "A clear, specific answer with own actions, reasons and result.",
    "A specific answer with own actions, reasons, measured result, and what was learnt or weighed.",
)


class Competency(Record):
    """One thing that is measured, with a five-level rubric."""

    id: Id
    name: Annotated[Line, Field(max_length=100)]
    description: Annotated[Text, Field(max_length=1000)] = ""
    rubric: Rubric = DEFAULT_RUBRIC


QuestionWords = Annotated[Line, Field(max_length=1000)]


class Difficulty(StrEnum):
    """In which of its wordings a question is asked."""

    EASIER = "easier"
    PLANNED = "planned"
    HARDER = "harder"


class Variants(Record):
    """Other wordings of a question, for what it measures to show in weaker or in stronger answers."""

    easier: QuestionWords | None = None
    harder: QuestionWords | None = None

    @model_validator(mode="after")
    def _holds_one(self) -> Self:
        if self.easier is None and self.harder is None:
            raise ValueError("give an easier or a harder variant, or leave variants out")
        return self


class QuestionSource(StrEnum):
    """Where a question comes from: all but `PLAN` are one candidate's, approved by the session's owner."""

    PLAN = "plan"
    RESUME = "resume"
    JOB_DESCRIPTION = "job_description"


class Question(Record):
    """A core question. `competency` is a competency's id; `max_follow_ups` bounds the probing."""

    id: Id
    text: QuestionWords
    competency: Id
    max_follow_ups: Annotated[StrictInt, Field(ge=0, le=3)] = 1
    max_s: Annotated[StrictInt, Field(ge=MIN_QUESTION_S, le=MAX_QUESTION_S)] | None = None
    """A soft limit for the question, its answer and its follow-ups together; None is none."""
    optional: StrictBool = False
    variants: Variants | None = None
    """The bank of this question; asked from only where the plan is `adaptive`."""
    source: QuestionSource = QuestionSource.PLAN

    def worded(self, difficulty: Difficulty) -> str | None:
        """Return the question in that difficulty, or None where it has no such variant."""
        match difficulty:
            case Difficulty.PLANNED:
                return self.text
            case Difficulty.EASIER:
                return self.variants and self.variants.easier
            case Difficulty.HARDER:
                return self.variants and self.variants.harder


class RecordingPolicy(Record):
    """What of the room is kept."""

    audio: StrictBool = True


class KindThreshold(Record):
    """When a kind of incident is one, where the plan says otherwise than the house's rules; None leaves it to them."""

    after_s: Annotated[float, Field(strict=True, ge=0.2, le=600)] | None = None
    """How long the condition must hold."""
    threshold: Annotated[float, Field(strict=True)] | None = None
    """The figure from which the condition holds, in the unit and range of its kind (`interview.signals`)."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.after_s is None and self.threshold is None:
            raise ValueError("give after_s or threshold, or leave the kind out")
        return self


class ProctoringPolicy(Record):
    """Whether, and for what, the candidate is watched."""

    enabled: StrictBool = True
    kinds: Annotated[tuple[IncidentKind, ...], Field(max_length=len(IncidentKind))] = (
        IncidentKind.NO_FACE,
        IncidentKind.SECOND_FACE,
    )
    thresholds: dict[IncidentKind, KindThreshold] = {}
    evidence_days: Annotated[StrictInt, Field(ge=1, le=3650)] | None = None
    """How long stills and clips are kept after they were taken; None is as long as the session."""

    blur_bystanders: StrictBool = False
    """Whether in stills every face but the largest is made unrecognisable."""

    def watches_for(self, kind: IncidentKind) -> bool:
        """Tell whether incidents of this kind are looked for."""
        return self.enabled and kind in self.kinds


class ConsentItem(StrEnum):
    """What a candidate agrees to, each by itself."""

    INTERVIEW = "interview"
    RECORDING = "recording"
    CAMERA = "camera"
    FACE_COMPARISON = "face_comparison"
    RETENTION = "retention"
    """Keeping everything for longer than the house does by itself."""


class ConsentPolicy(Record):
    """What must be agreed to for there to be an interview: always the interview itself."""

    required: Annotated[tuple[ConsentItem, ...], Field(max_length=len(ConsentItem))] = (ConsentItem.INTERVIEW,)

    @field_validator("required")
    @classmethod
    def _has_the_interview(cls, required: tuple[ConsentItem, ...]) -> tuple[ConsentItem, ...]:
        wanted = {ConsentItem.INTERVIEW, *required}
        return tuple(item for item in ConsentItem if item in wanted)


class SecondSeat(StrEnum):
    """What happens when a link that is in use is opened elsewhere."""

    TAKES_OVER = "takes_over"
    REFUSED = "refused"


class Engines(Record):
    """Which of the house's providers is tried first, by its name in `PROVIDERS_FILE`; empty is the usual order."""

    stt: Annotated[Text, Field(max_length=60)] = ""
    llm: Annotated[Text, Field(max_length=60)] = ""
    tts: Annotated[Text, Field(max_length=60)] = ""

    def of(self, kind: EngineKind) -> str:
        """Return the name for a kind, or nothing."""
        return {EngineKind.STT: self.stt, EngineKind.LLM: self.llm, EngineKind.TTS: self.tts}[kind]


class PlanContent(Record):
    """What a plan says: what an author writes, an exported file holds, and a version keeps."""

    title: Annotated[Line, Field(max_length=200)]
    job_role: Annotated[Text, Field(max_length=100)] = ""
    job_description: Annotated[Text, Field(max_length=5000)] = ""
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    duration_s: Annotated[StrictInt, Field(ge=MIN_DURATION_S, le=MAX_DURATION_S)] = 1800
    """Without anybody's extra time; see `Session.allowed_s`."""
    interviewer_name: Annotated[Text, Field(max_length=60)] = ""
    """What the interviewer calls itself; it always says that it is automated."""
    voice: Annotated[Text, Field(max_length=64)] = ""
    """A voice of the speech engine; empty is the engine's own."""
    speaking_speed: Annotated[float, Field(strict=True, ge=0.5, le=2)] = 1.0
    engines: Engines = Engines()
    competencies: Annotated[tuple[Competency, ...], Field(max_length=MAX_COMPETENCIES)]
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=MAX_QUESTIONS)]
    adaptive: StrictBool = False
    """Whether questions with variants follow how complete the answers before them were."""
    recording: RecordingPolicy = RecordingPolicy()
    proctoring: ProctoringPolicy = ProctoringPolicy()
    consent: ConsentPolicy = ConsentPolicy()
    accommodations: Accommodations = Accommodations()
    """For everybody on this plan; a session may have its own instead."""
    blind_scoring: StrictBool = False
    """Whether people give their own scores before they read the model's; the API holds them to it."""
    second_seat: SecondSeat = SecondSeat.TAKES_OVER
    retention_days: Annotated[StrictInt, Field(ge=1, le=3650)] | None = None
    """How long a session of this plan is kept after its end; None is as long as the house keeps sessions."""

    @model_validator(mode="after")
    def _refers_to_itself(self) -> Self:
        if found := next(_contradictions(self), None):
            raise contradiction(*found)
        return self

    def question(self, question_id: str) -> Question | None:
        """Return the question of that id, or None."""
        return next((question for question in self.questions if question.id == question_id), None)


class Plan(PlanContent):
    """A plan as a session carries it: a snapshot that later edits of the plan do not touch."""

    plan_id: Id
    version: Annotated[int, Field(ge=1)] = 1

    @property
    def core_questions(self) -> tuple[Question, ...]:
        """The questions of the plan itself: the same for everybody on it."""
        return tuple(question for question in self.questions if question.source is QuestionSource.PLAN)

    def content(self) -> PlanContent:
        """Return what it says, without which plan and version it is."""
        return PlanContent.model_validate(self.model_dump(exclude={"plan_id", "version"}))


def may_be_asked(plan: PlanContent, item: ConsentItem) -> bool:
    """Tell whether the plan does what `item` is the consent to."""
    match item:
        case ConsentItem.INTERVIEW:
            return True
        case ConsentItem.RECORDING:
            return plan.recording.audio
        case ConsentItem.CAMERA:
            return plan.proctoring.enabled
        case ConsentItem.FACE_COMPARISON:
            return plan.proctoring.watches_for(IncidentKind.DIFFERENT_PERSON)
        case ConsentItem.RETENTION:
            return plan.retention_days is not None


def _contradictions(plan: PlanContent) -> Iterator[tuple[str, str]]:
    """Yield what contradicts itself in a plan whose fields are each valid: where, and what is wrong."""
    known: set[str] = set()
    for n, competency in enumerate(plan.competencies):
        if competency.id in known:
            yield f"competencies.{n}.id", f"another competency has the id {competency.id!r}"
        known.add(competency.id)
    ids: set[str] = set()
    for n, question in enumerate(plan.questions):
        if question.id in ids:
            yield f"questions.{n}.id", f"another question has the id {question.id!r}"
        ids.add(question.id)
        if question.competency not in known:
            yield f"questions.{n}.competency", f"there is no competency {question.competency!r}"
        if question.source is not QuestionSource.PLAN and not isinstance(plan, Plan):
            yield f"questions.{n}.source", "questions of a candidate's own come into a session only, when approved"
    if plan.adaptive and not any(question.variants for question in plan.questions):
        yield "adaptive", "no question has an easier or a harder variant"
    if len(set(plan.proctoring.kinds)) != len(plan.proctoring.kinds):
        yield "proctoring.kinds", "a kind is named twice"
    for kind, given in plan.proctoring.thresholds.items():
        signal = SIGNALS[kind]
        if given.threshold is not None and not signal.lowest <= given.threshold <= signal.highest:
            where = f"proctoring.thresholds.{kind}.threshold"
            yield where, f"it lies between {signal.lowest:g} and {signal.highest:g} ({signal.meaning})"
    for item in plan.consent.required:
        if not may_be_asked(plan, item):
            yield "consent.required", f"{item} is required, but nothing in this plan needs it"

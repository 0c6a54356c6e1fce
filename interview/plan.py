"""What an interview asks, measures and records."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from interview.record import Line, Record, Text

MAX_QUESTIONS = 50
MIN_DURATION_S = 60
MAX_DURATION_S = 4 * 3600

Rubric = tuple[Line, Line, Line, Line, Line]
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

    id: Annotated[Line, Field(max_length=64)]
    name: Annotated[Line, Field(max_length=100)]
    rubric: Rubric = DEFAULT_RUBRIC


class Question(Record):
    """A core question. `competency` is a competency's id; `max_follow_ups` bounds the probing."""

    id: Annotated[Line, Field(max_length=64)]
    text: Annotated[Line, Field(max_length=1000)]
    competency: str
    max_follow_ups: Annotated[int, Field(ge=0, le=3)] = 1
    optional: bool = False


class IncidentKind(StrEnum):
    """What proctoring can file (SPEC 3)."""

    NO_FACE = "no_face"
    SECOND_FACE = "second_face"
    DIFFERENT_PERSON = "different_person"
    HEAD_AWAY = "head_away"
    GAZE_AWAY = "gaze_away"
    CAMERA_OFF = "camera_off"
    CAMERA_COVERED = "camera_covered"
    CAMERA_DARK = "camera_dark"
    CAMERA_FROZEN = "camera_frozen"
    STILL_PICTURE = "still_picture"
    PHONE = "phone"
    SECOND_VOICE = "second_voice"
    TAB_HIDDEN = "tab_hidden"
    WINDOW_BLUR = "window_blur"
    FULLSCREEN_LEFT = "fullscreen_left"
    PASTE = "paste"
    SECOND_SCREEN = "second_screen"
    SECOND_SEAT = "second_seat"


class RecordingPolicy(Record):
    """What of the room is kept."""

    audio: bool = True


class ProctoringPolicy(Record):
    """Whether, and for what, the camera is watched."""

    enabled: bool = True
    kinds: tuple[IncidentKind, ...] = (IncidentKind.NO_FACE, IncidentKind.SECOND_FACE)


class Plan(Record):
    """A plan as a session carries it: a snapshot that later edits of the plan do not touch."""

    plan_id: str
    version: int = 1
    title: Annotated[Line, Field(max_length=200)]
    job_role: Annotated[Text, Field(max_length=100)] = ""
    job_description: Annotated[Text, Field(max_length=5000)] = ""
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")] = "en"
    duration_s: Annotated[int, Field(ge=MIN_DURATION_S, le=MAX_DURATION_S)] = 1800
    voice: Annotated[str, Field(max_length=64)] = ""
    """A voice of the speech engine; empty is the engine's own."""
    speaking_speed: Annotated[float, Field(ge=0.5, le=2)] = 1.0
    competencies: tuple[Competency, ...]
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=MAX_QUESTIONS)]
    recording: RecordingPolicy = RecordingPolicy()
    proctoring: ProctoringPolicy = ProctoringPolicy()

    @model_validator(mode="after")
    def _refers_to_itself(self) -> Self:
        ids = [question.id for question in self.questions]
        if len(set(ids)) != len(ids):
            raise ValueError("two questions have the same id")
        known = {competency.id for competency in self.competencies}
        if len(known) != len(self.competencies):
            raise ValueError("two competencies have the same id")
        for question in self.questions:
            if question.competency not in known:
                raise ValueError(f"question {question.id} names the unknown competency {question.competency!r}")
        return self

    def question(self, question_id: str) -> Question | None:
        """Return the question of that id, or None."""
        return next((question for question in self.questions if question.id == question_id), None)

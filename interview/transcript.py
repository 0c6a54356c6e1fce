"""What was said: turns, and the events that the dialogue machine was told."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from interview.plan import Difficulty
from interview.record import Moment, Record, Text
from interview.session import Stage
from interview.usage import Usage


class Speaker(StrEnum):
    """Who spoke."""

    CANDIDATE = "candidate"
    INTERVIEWER = "interviewer"


class TurnKind(StrEnum):
    """How a turn came, or what it was for."""

    SPOKEN = "spoken"
    TYPED = "typed"


class Word(Record):
    """One word with wall-clock times and a confidence of 0 to 1."""

    text: Text
    started_at: Moment
    ended_at: Moment
    confidence: Annotated[float, Field(ge=0, le=1)]


class Latency(Record):
    """Where the time before an interviewer's turn went, in seconds from the candidate's end of speech."""

    transcript_s: float | None = None
    """End of speech → final transcript."""
    end_of_turn_s: float | None = None
    """End of speech → the turn was taken as finished."""
    reply_s: float | None = None
    """End of speech → the first audio of this turn was handed to the room."""
    prepared: bool = False
    """Whether the audio was ready before the candidate stopped."""


class LineKind(StrEnum):
    """What an interviewer's turn was for."""

    GREETING = "greeting"
    WARM_UP = "warm_up"
    QUESTION = "question"
    FOLLOW_UP = "follow_up"
    REPEAT = "repeat"
    PROMPT = "prompt"
    ACKNOWLEDGEMENT = "acknowledgement"
    INVITE_QUESTIONS = "invite_questions"
    NOTICE = "notice"
    CLOSE = "close"


class Turn(Record):
    """One committed segment of speech or one typed message. An answer is one or more turns.

    `turn_id` is `session_id:seq`, so that writing a turn twice writes it once. `text` and `words` are encrypted at
    rest.
    """

    turn_id: str
    session_id: str
    seq: int
    attempt: int
    speaker: Speaker
    kind: TurnKind = TurnKind.SPOKEN
    text: Text
    words: tuple[Word, ...] = ()
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    stage: Stage
    question_id: str | None = None
    line: LineKind | None = None
    """For the interviewer's turns."""
    difficulty: Difficulty | None = None
    """In which wording a question was asked; None where its plan is not adaptive, and for everything else."""
    started_at: Moment
    ended_at: Moment
    interrupted: bool = False
    instructs: bool = False
    """It tries to tell the interviewer, or whoever rates, what to do."""
    latency: Latency | None = None
    usage: Usage | None = None
    """What providers were asked for since the turn before; None where nobody counted."""
    schema_version: int = 1

    @model_validator(mode="after")
    def _has_its_derived_id(self) -> Self:
        if self.turn_id != turn_id(self.session_id, self.seq):
            raise ValueError("turn_id is not session_id:seq")
        return self


def turn_id(session_id: str, seq: int) -> str:
    """Derive a turn's id."""
    return f"{session_id}:{seq}"


class DialogueEvent(Record):
    """One event that the dialogue machine was told, and in short what it did, for replay; both encrypted at rest."""

    session_id: str
    seq: int
    attempt: int
    at: Moment
    event: dict[str, Any]
    actions: tuple[dict[str, Any], ...] = ()
    schema_version: int = 1

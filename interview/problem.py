"""What a candidate raises before, during or after an interview, and what became of it."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from interview.outgoing import Announce
from interview.record import Line, Moment, Record, Text

MAX_OPEN = 20
"""Problems of one session that may be open at once."""
MAX_PER_SESSION = 200
"""Problems of one session altogether."""

Words = Annotated[Text, Field(max_length=4000)]


class ProblemKind(StrEnum):
    """What it is about."""

    TECHNICAL = "technical"
    ACCOMMODATION = "accommodation"
    QUESTION = "question"
    MISHEARD = "misheard"
    """The transcript has something else than what was said."""
    INCIDENT_CONTEST = "incident_contest"
    HUMAN_ALTERNATIVE = "human_alternative"
    """An interview with a person is asked for; also filed where a required consent was declined."""
    ERASURE_REQUEST = "erasure_request"
    OTHER = "other"


class ProblemState(StrEnum):
    """Where it stands. Sorted by name backwards, as the queue is, the open ones come first."""

    OPEN = "open"
    CLOSED = "closed"
    """Seen; there was nothing to answer."""
    ANSWERED = "answered"


class Outcome(StrEnum):
    """What came of it."""

    NONE = "none"
    ANSWER = "answer"
    REDO = "redo"
    """Another interview, linked by `redo_session_id`."""
    CORRECTION = "correction"
    """The transcript is read with a correction beside the original."""
    DECLINED = "declined"


class Correction(Record):
    """What was really said in a turn. It stands beside the turn's own text and never replaces it."""

    turn_id: Annotated[Line, Field(max_length=120)]
    text: Words


class RaisedProblem(Record):
    """One problem. `text`, `proposed`, `answer` and `correction` are encrypted at rest.

    `problem_id` is `session_id:n`, so that of two at once one is counted after the other.
    """

    problem_id: str
    session_id: str
    owner_id: str
    """The session's owner, in whose queue it is."""
    kind: ProblemKind
    text: Words
    turn_id: Annotated[Line, Field(max_length=120)] | None = None
    incident_id: Annotated[Line, Field(max_length=120)] | None = None
    proposed: Words | None = None
    """What the candidate says was said in the turn."""
    ref: Annotated[Line, Field(max_length=64)] | None = None
    """The page's own name for it, so that sending it twice raises it once."""
    raised_at: Moment
    state: ProblemState = ProblemState.OPEN
    outcome: Outcome = Outcome.NONE
    answer: Words | None = None
    correction: Correction | None = None
    redo_session_id: str | None = None
    answered_at: Moment | None = None
    answered_by: str | None = None
    """A user id."""
    announce: Announce = Announce.DUE
    """Whether it has still to be told to the webhooks."""
    schema_version: int = 1

    @model_validator(mode="after")
    def _outcome_is_complete(self) -> Self:
        if (self.outcome is Outcome.CORRECTION) != (self.correction is not None):
            raise ValueError("a correction belongs to the outcome `correction`, and to no other")
        if (self.outcome is Outcome.REDO) != (self.redo_session_id is not None):
            raise ValueError("a redo belongs to the outcome `redo`, and to no other")
        if (self.state is ProblemState.OPEN) != (self.answered_at is None):
            raise ValueError("what is open was not answered, and the rest was")
        return self


def problem_id(session_id: str, n: int) -> str:
    """Derive the id of a session's n-th problem."""
    return f"{session_id}:{n}"

"""What people make of an interview: decisions, scores of their own, corrections of what was misheard, and what of the
report its candidate may read.

Each is a list to which entries are added and from which none is taken: the last one holds, the others are its history.
"""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StrictBool, model_validator

from interview.record import Line, Moment, Record, Text

MAX_ENTRIES = 500
"""Of one kind about one session."""

Number = Annotated[int, Field(ge=0)]
Reason = Annotated[Line, Field(max_length=4000)]


def entry_id(session_id: str, n: int) -> str:
    """Derive the id of a session's n-th entry of a kind."""
    return f"{session_id}:{n}"


class Decision(StrEnum):
    """What a person decided. There is none until somebody decides; software never proposes one."""

    ADVANCE = "advance"
    HOLD = "hold"
    REJECT = "reject"


class DecisionEntry(Record):
    """One decision. `reason` is encrypted at rest."""

    session_id: str
    n: Number = 0
    decision: Decision
    reason: Reason
    by: str
    """A user id."""
    at: Moment
    report_version: int | None = None
    """The newest version of the report that could be read then; None where there was none."""
    schema_version: int = 1

    @property
    def key(self) -> str:
        """The derived id."""
        return entry_id(self.session_id, self.n)


class OwnScore(Record):
    """What a person gives for one competency: a level, or that they could not tell."""

    level: Annotated[int, Field(ge=1, le=5)] | None = None
    note: Annotated[Text, Field(max_length=2000)] = ""


class OwnScores(Record):
    """What one person gives an interview, by competency. `scores` is encrypted at rest."""

    session_id: str
    n: Number = 0
    plan_id: str
    by: str
    """A user id."""
    at: Moment
    blind: bool
    """Whether they were given before this person had read what the model made of it."""
    scores: dict[str, OwnScore]
    schema_version: int = 1

    @property
    def key(self) -> str:
        """The derived id."""
        return entry_id(self.session_id, self.n)


class TurnCorrection(Record):
    """What was really said in a turn, by somebody who listened. `text` and `reason` are encrypted at rest.

    It stands beside what was recognised and never replaces it.
    """

    session_id: str
    n: Number = 0
    turn_id: str
    text: Annotated[Line, Field(max_length=20_000)]
    reason: Annotated[Text, Field(max_length=4000)] = ""
    by: str
    """A user id."""
    at: Moment
    schema_version: int = 1

    @property
    def key(self) -> str:
        """The derived id."""
        return entry_id(self.session_id, self.n)


class ReportRelease(Record):
    """Which version of the report its candidate may read, and how much of it. `note` is encrypted at rest."""

    session_id: str
    n: Number = 0
    version: int | None
    """None takes it back."""
    with_levels: StrictBool = False
    note: Annotated[Text, Field(max_length=4000)] = ""
    """What the recruiter wants to say to the candidate."""
    by: str
    """A user id."""
    at: Moment
    schema_version: int = 1

    @model_validator(mode="after")
    def _what_is_taken_back_is_empty(self) -> Self:
        if self.version is None and (self.with_levels or self.note):
            raise ValueError("what is taken back shows nothing")
        return self

    @property
    def key(self) -> str:
        """The derived id."""
        return entry_id(self.session_id, self.n)

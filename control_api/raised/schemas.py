"""Bodies of problems that candidates raise, and of what their pages notice."""

from typing import Annotated, Self

from pydantic import Field, StrictInt, model_validator

from control_api.schemas import Answer, Body, GivenMoment
from interview.browser_event import MAX_LENGTH, BrowserEventKind
from interview.problem import Correction, Outcome, ProblemKind, ProblemState, RaisedProblem, Words
from interview.record import Line, Moment

MAX_EVENTS_A_CALL = 100
MAX_PROBLEMS_A_CALL = 5

Written = Annotated[Line, Field(max_length=4000)]
Key = Annotated[Line, Field(max_length=120)]


class RaiseRequest(Body):
    """A problem, and where it is one. `ref` is the page's own name for it: sent twice, it is raised once."""

    kind: ProblemKind
    text: Written
    turn_id: Key | None = None
    proposed: Written | None = None
    """What was really said in that turn."""
    incident_id: Key | None = None
    ref: Annotated[Line, Field(max_length=64)] | None = None

    @model_validator(mode="after")
    def _proposes_for_a_turn(self) -> Self:
        if self.proposed is not None and self.turn_id is None:
            raise ValueError("say with turn_id to which turn the proposed words belong")
        return self


class ProblemView(Answer):
    """A problem as its candidate sees it."""

    problem_id: str
    session_id: str
    kind: ProblemKind
    text: str
    turn_id: str | None
    proposed: str | None
    incident_id: str | None
    ref: str | None
    raised_at: Moment
    state: ProblemState
    outcome: Outcome
    answer: str | None
    correction: Correction | None
    redo_session_id: str | None
    answered_at: Moment | None

    @classmethod
    def of(cls, problem: RaisedProblem) -> Self:
        """Show a problem."""
        return cls.model_validate(problem, from_attributes=True)


class QueuedProblem(ProblemView):
    """A problem as the people see it who answer."""

    owner_id: str
    answered_by: str | None


class ProblemList(Answer):
    """A session's problems, oldest first."""

    session_id: str
    problems: list[ProblemView]


class ProblemPage(Answer):
    """A page of the queue. `next_cursor` goes into `cursor` for the next page; null on the last."""

    problems: list[QueuedProblem]
    next_cursor: str | None


class AnswerRequest(Body):
    """What becomes of a problem.

    `correction` belongs to the outcome `correction`; without it the candidate's own proposal is taken. The outcome
    `redo` names the other session. `none` closes a problem to which there is nothing to answer.
    """

    outcome: Outcome
    text: Words = ""
    correction: Annotated[Correction | None, Field()] = None
    redo_session_id: Annotated[Line, Field(max_length=64)] | None = None

    @model_validator(mode="after")
    def _fits_the_outcome(self) -> Self:
        if not self.text.strip() and self.outcome is not Outcome.NONE:
            raise ValueError("write an answer")
        if self.correction is not None and self.outcome is not Outcome.CORRECTION:
            raise ValueError("a correction needs the outcome `correction`")
        if (self.redo_session_id is not None) != (self.outcome is Outcome.REDO):
            raise ValueError("the outcome `redo` needs redo_session_id, and no other takes one")
        return self


class EventGiven(Body):
    """One thing that the page noticed; `seq` counts them, `at` is by the page's clock."""

    seq: Annotated[StrictInt, Field(ge=0, le=2**31)]
    kind: BrowserEventKind
    at: GivenMoment
    length: Annotated[StrictInt, Field(ge=0, le=MAX_LENGTH)] | None = None
    """Of a paste: how many characters."""

    @model_validator(mode="after")
    def _only_a_paste_has_a_length(self) -> Self:
        if self.length is not None and self.kind is not BrowserEventKind.PASTE:
            raise ValueError("only a paste has a length")
        return self


class EventsRequest(Body):
    """What the page noticed since what was acknowledged. `sent_at` is its clock now, so that a wrong one is put right.

    A problem that is sent here needs a `ref`.
    """

    events: Annotated[list[EventGiven], Field(max_length=MAX_EVENTS_A_CALL)] = []
    sent_at: GivenMoment | None = None
    problems: Annotated[list[RaiseRequest], Field(max_length=MAX_PROBLEMS_A_CALL)] = []

    @model_validator(mode="after")
    def _problems_have_names(self) -> Self:
        if any(problem.ref is None for problem in self.problems):
            raise ValueError("give each problem a ref, so that sending it again does not raise it again")
        return self


class TakenProblem(Answer):
    """What became of a problem that was sent along: its id, or the code with which it was refused."""

    ref: str
    problem_id: str | None
    refused: str | None


class EventsAnswer(Answer):
    """`acknowledged`: the highest `seq` of this call, which need not be sent again. `stored`: how many were new."""

    acknowledged: int | None
    stored: int
    problems: list[TakenProblem]

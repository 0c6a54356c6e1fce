"""Bodies of `/session/{session_id}/proposals`."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StrictInt

from control_api.schemas import Answer, Body
from interview.plan import QuestionSource
from interview.proposal import MAX_PROPOSED, MAX_RUNS, ProposalRun, ProposedQuestion, ProposedText, RunStatus
from interview.record import Moment
from interview.session import Session

Drawable = Literal[QuestionSource.RESUME, QuestionSource.JOB_DESCRIPTION]


class ProposalState(StrEnum):
    """What came of a proposed question."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    """It is among the session's questions."""
    REJECTED = "rejected"


class ProposalsRequest(Body):
    """What to draw questions from (without `sources`, from all there is), and how many at most."""

    sources: Annotated[tuple[Drawable, ...], Field(min_length=1, max_length=2)] | None = None
    limit: Annotated[StrictInt, Field(ge=1, le=MAX_PROPOSED)] = 5


class ApproveRequest(Body):
    """The words to ask it in, where they are to be others than those proposed."""

    text: ProposedText | None = None


class ProposalView(Answer):
    """A proposed question. `text` is as the session asks it once it is approved, and as proposed otherwise."""

    proposal_id: str
    state: ProposalState
    text: str
    competency: str
    source: QuestionSource
    passage: str
    """What it rests on: these words stand in the source."""
    question_id: str
    """Its id among the session's questions, once it is approved."""
    decided_at: Moment | None
    decided_by: str | None

    @classmethod
    def of(cls, session: Session, run: ProposalRun, proposed: ProposedQuestion) -> Self:
        """Show a question as the session's plan has it."""
        question_id = run.question_id(proposed.number)
        asked = session.plan.question(question_id)
        decision = run.decisions.get(str(proposed.number))
        rejected = decision is not None and not decision.approved
        decided = decision if asked or rejected else None
        if asked:
            state = ProposalState.APPROVED
        else:
            state = ProposalState.REJECTED if rejected else ProposalState.PROPOSED
        return cls(
            proposal_id=f"{run.version}-{proposed.number}",
            state=state,
            text=asked.text if asked else proposed.text,
            competency=proposed.competency,
            source=proposed.source,
            passage=proposed.passage,
            question_id=question_id,
            decided_at=decided.at if decided else None,
            decided_by=decided.by if decided else None,
        )


class ProposalRunView(Answer):
    """One time that questions were asked for. `dropped` counts what the model proposed and code left out, by reason."""

    version: Annotated[int, Field(le=MAX_RUNS)]
    status: RunStatus
    sources: tuple[QuestionSource, ...]
    limit: int
    asked_at: Moment
    ready_at: Moment | None
    failure: str
    dropped: dict[str, int]
    proposals: list[ProposalView]

    @classmethod
    def of(cls, session: Session, run: ProposalRun) -> Self:
        """Show a run."""
        return cls(
            version=run.version,
            status=run.status,
            sources=run.sources,
            limit=run.limit,
            asked_at=run.asked_at,
            ready_at=run.ready_at,
            failure=run.failure,
            dropped=run.dropped,
            proposals=[ProposalView.of(session, run, one) for one in run.questions or ()],
        )


class ProposalsAnswer(Answer):
    """All that was proposed for a session, oldest first."""

    session_id: str
    runs: list[ProposalRunView]

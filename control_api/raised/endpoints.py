"""What candidates raise and their pages notice: under their session; and `/api/problems`, the queue of the owners."""

from typing import Annotated

from fastapi import APIRouter, Query

from control_api.access import Act, OnHouse, OnProblem, OnSession, on_house, on_problem, on_session
from control_api.parts import HasParts
from control_api.raised import service
from control_api.raised.schemas import (
    AnswerRequest,
    EventsAnswer,
    EventsRequest,
    ProblemList,
    ProblemPage,
    ProblemView,
    QueuedProblem,
    RaiseRequest,
)
from control_api.schemas import codes
from interview.problem import ProblemState

SESSION = "/api/parallel_interview/session/{session_id}"
router = APIRouter(tags=["problems"])


@router.post(
    SESSION + "/problems",
    status_code=201,
    openapi_extra=codes("turn_not_found", "incident_not_found", "too_many_problems"),
)
async def raise_problem(
    body: RaiseRequest, on: Annotated[OnSession, on_session(Act.PROBLEM_RAISE)], parts: HasParts
) -> ProblemView:
    """Raise a problem, before, during or after the interview."""
    return ProblemView.of(await service.raise_problem(parts, on, body))


@router.get(SESSION + "/problems")
async def list_problems_of_session(
    on: Annotated[OnSession, on_session(Act.PROBLEM_SEE)], parts: HasParts
) -> ProblemList:
    """List what was raised about a session and what was answered, oldest first."""
    problems = await parts.storage.problems.of(on.session.session_id)
    return ProblemList(session_id=on.session.session_id, problems=[ProblemView.of(problem) for problem in problems])


@router.post(SESSION + "/events")
async def report_events(
    body: EventsRequest, on: Annotated[OnSession, on_session(Act.SESSION_EVENTS)], parts: HasParts
) -> EventsAnswer:
    """Take what the page noticed about itself, and problems; the page keeps both until they are acknowledged."""
    stored = await service.take_events(parts, on.session, body)
    return EventsAnswer(
        acknowledged=max((event.seq for event in body.events), default=None),
        stored=stored,
        problems=await service.take_problems(parts, on, body.problems),
    )


@router.get("/api/problems", openapi_extra=codes("bad_cursor"))
async def list_problems(
    on: Annotated[OnHouse, on_house(Act.PROBLEM_LIST)],
    parts: HasParts,
    state: ProblemState | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> ProblemPage:
    """List what was raised about one's own sessions (admin: all): the open ones first, each oldest first."""
    problems, after = await parts.storage.problems.page(owner_id=on.rows_of, state=state, limit=limit, after=cursor)
    return ProblemPage(problems=[QueuedProblem.of(problem) for problem in problems], next_cursor=after)


@router.post(
    "/api/problems/{problem_id}/answer",
    openapi_extra=codes("correction_missing", "turn_not_found", "redo_not_found", "problem_answered"),
)
async def answer_problem(
    body: AnswerRequest, on: Annotated[OnProblem, on_problem(Act.PROBLEM_ANSWER)], parts: HasParts
) -> QueuedProblem:
    """Answer a problem, once; the candidate sees the answer on their page."""
    return QueuedProblem.of(await service.answer_problem(parts, on, body))

"""`/api/parallel_interview`: what recruiters do with many sessions, and before or after an interview."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import StringConstraints

from control_api import idempotency
from control_api.access import Act, OnHouse, OnSession, on_house, on_session
from control_api.idempotency import HasOnce
from control_api.limits import UPLOADS
from control_api.parts import HasParts
from control_api.schemas import codes
from control_api.sessions.bulk import BulkOptions, invite_in_bulk
from control_api.sessions.bulk_schemas import BulkAnswer
from control_api.sessions.endpoints import PREFIX
from control_api.sessions.listing import GivenList, list_own
from control_api.sessions.redoing import redo
from control_api.sessions.scheduling import correct_candidate, reschedule
from control_api.sessions.schemas import (
    CandidateRequest,
    ChangedAnswer,
    RedoAnswer,
    RedoRequest,
    RescheduleRequest,
    SessionPage,
    SessionView,
)
from control_api.sessions.stats import StatsAnswer, stats
from interview.plan import MAX_QUESTIONS

router = APIRouter(prefix=PREFIX, tags=["sessions"])

_CSV = {
    "requestBody": {
        "required": True,
        "content": {
            "text/csv": {
                "schema": {"type": "string", "maxLength": UPLOADS["POST", f"{PREFIX}/bulk"].max_bytes},
                "example": "name,email,plan_id,reference\nAmina Okafor,amina@example.com,ready:backend_engineer,A-17\n",
            }
        },
    }
}
_Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


@router.get("/sessions", openapi_extra=codes("bad_cursor"))
async def list_sessions(
    on: Annotated[OnHouse, on_house(Act.SESSION_LIST)], parts: HasParts, asked: GivenList
) -> SessionPage:
    """List one's own sessions (admin: all), page by page."""
    sessions, after = await list_own(parts, on, asked)
    return SessionPage(sessions=[SessionView.of(session) for session in sessions], next_cursor=after)


@router.get("/stats")
async def session_stats(on: Annotated[OnHouse, on_house(Act.SESSION_STATS)], parts: HasParts) -> StatsAnswer:
    """Count sessions in MongoDB and rooms in LiveKit side by side, and name where they disagree."""
    return await stats(parts, on)


@router.post(
    "/bulk",
    status_code=201,
    response_model=BulkAnswer,
    openapi_extra={**codes("bulk_invalid", *idempotency.CODES), **_CSV},
)
async def bulk_invite(
    request: Request,
    on: Annotated[OnHouse, on_house(Act.SESSION_CREATE)],
    parts: HasParts,
    once: HasOnce,
    plan_id: Annotated[str | None, Query(min_length=1, max_length=100)] = None,
    question: Annotated[list[_Question], Query(max_length=MAX_QUESTIONS)] = [],  # noqa: B006 - never changed
    strict: bool = False,
    dry_run: bool = False,
    send: bool = False,
) -> Response:
    """Make a session for every row of a CSV, or none; all errors at once, by row and column."""
    options = BulkOptions(plan_id=plan_id, questions=tuple(question), strict=strict, dry_run=dry_run, send=send)
    body = await request.body()
    return await once(on.caller, lambda claim: invite_in_bulk(parts, on.caller, body, options, claim), batch=True)


@router.post("/session/{session_id}/reschedule", openapi_extra=codes("window_closed", "already_begun"))
async def reschedule_session(
    body: RescheduleRequest, on: Annotated[OnSession, on_session(Act.SESSION_CHANGE)], parts: HasParts
) -> ChangedAnswer:
    """Give a session that has not begun another window. The new link tells of it; older ones stay good."""
    caller = on.user
    session, url, mail = await reschedule(parts, caller, on.session, body)
    return ChangedAnswer.of(session, url, mail)


@router.post("/session/{session_id}/candidate", openapi_extra=codes("already_begun"))
async def correct_session_candidate(
    body: CandidateRequest, on: Annotated[OnSession, on_session(Act.SESSION_CHANGE)], parts: HasParts
) -> ChangedAnswer:
    """Correct name or email before the start. Another email gets a new link; the old ones open nothing any more."""
    session, url, mail = await correct_candidate(parts, on.user, on.session, body)
    return ChangedAnswer.of(session, url, mail)


@router.post(
    "/session/{session_id}/redo",
    status_code=201,
    response_model=RedoAnswer,
    openapi_extra=codes("not_over", "already_redone", "reason_missing", "window_closed", *idempotency.CODES),
)
async def redo_session(
    body: RedoRequest, on: Annotated[OnSession, on_session(Act.SESSION_REDO)], parts: HasParts, once: HasOnce
) -> Response:
    """Make a new session in place of one that went wrong, linked to it both ways, with its own invite and consent."""
    caller = on.user

    async def make(claim: idempotency.Claim) -> RedoAnswer:
        session, url, mail = await redo(parts, caller, on.session, body, claim)
        return RedoAnswer.of(session, url, mail, redo_of=on.session.session_id)

    return await once(caller, make)

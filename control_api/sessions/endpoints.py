"""`/api/parallel_interview`: the life of a session."""

from typing import Annotated

from fastapi import APIRouter, Query

from control_api.access import Act, AnyCaller, SignedIn, UserCaller, session_for
from control_api.parts import HasParts, Parts
from control_api.sessions import service
from control_api.sessions.schemas import (
    CandidateSessionView,
    ConsentAnswer,
    ConsentRequest,
    CreateAnswer,
    CreateRequest,
    EndAnswer,
    InterviewConfig,
    ReportInfo,
    SessionPage,
    SessionView,
    StartAnswer,
    TokenAnswer,
    UserDetails,
)
from interview.session import Session, Status

PREFIX = "/api/parallel_interview"
router = APIRouter(prefix=PREFIX, tags=["sessions"])


@router.post("/create", status_code=201)
async def create_session(body: CreateRequest, caller: SignedIn, parts: HasParts) -> CreateAnswer:
    """Make a session. Works while LiveKit is down: the room is made, and the agents come, at start."""
    session, invite_url = await service.create(parts, caller, body)
    token = _token(parts, session)
    return CreateAnswer(
        session_id=session.session_id,
        livekit_room_name=session.livekit_room_name,
        livekit_token=token.livekit_token,
        livekit_url=token.livekit_url,
        user_details=UserDetails(name=session.candidate.name, email=session.candidate.email),
        interview_config=InterviewConfig.of(session.plan),
        invite_url=invite_url,
    )


@router.get("/sessions")
async def list_sessions(
    caller: SignedIn,
    parts: HasParts,
    status: Status | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> SessionPage:
    """List one's own sessions (admin: all), newest first, page by page."""
    sessions, after = await service.list_page(parts, caller, status=status, limit=limit, cursor=cursor)
    return SessionPage(sessions=[SessionView.of(session) for session in sessions], next_cursor=after)


@router.get("/session/{session_id}")
async def get_session(session_id: str, caller: AnyCaller, parts: HasParts) -> SessionView | CandidateSessionView:
    """Show a session; its candidate sees less of it."""
    session = await session_for(parts, caller, session_id, Act.SEE)
    return SessionView.of(session) if isinstance(caller, UserCaller) else CandidateSessionView.of(session)


@router.post("/session/{session_id}/consent")
async def give_consent(session_id: str, body: ConsentRequest, caller: AnyCaller, parts: HasParts) -> ConsentAnswer:
    """Record what the candidate agrees to, or what an owner vouches that they agreed to."""
    session = await service.give_consent(parts, caller, session_id, body)
    assert session.consent is not None
    return ConsentAnswer(session_id=session_id, consent=session.consent)


@router.post("/session/{session_id}/token")
async def fresh_token(session_id: str, caller: AnyCaller, parts: HasParts) -> TokenAnswer:
    """Give a fresh room token for the candidate."""
    return _token(parts, await service.check_may_join(parts, caller, session_id))


@router.post("/session/{session_id}/start")
async def start_session(session_id: str, caller: AnyCaller, parts: HasParts) -> StartAnswer:
    """Begin, once consent is recorded. Repeating is harmless. Also restarts a failed session."""
    session = await service.start(parts, caller, session_id)
    return StartAnswer(
        session_id=session_id,
        status=session.status,
        attempt=session.attempt,
        started_at=session.started_at,
        **_token(parts, session).model_dump(),
    )


@router.post("/session/{session_id}/end")
async def end_session(session_id: str, caller: AnyCaller, parts: HasParts) -> EndAnswer:
    """End, delete the room, queue the report. Repeating is harmless."""
    session, report = await service.end(parts, caller, session_id)
    return EndAnswer(
        session_id=session_id,
        status=session.status,
        ended_at=session.ended_at,
        end_reason=session.end_reason,
        report_info=ReportInfo(status=report or "none"),
    )


@router.delete("/session/{session_id}", status_code=204)
async def delete_session(session_id: str, caller: AnyCaller, parts: HasParts) -> None:
    """Erase everything about a session but a tombstone. Repeating is harmless."""
    await service.delete(parts, caller, session_id)


def _token(parts: Parts, session: Session) -> TokenAnswer:
    settings = parts.settings
    return TokenAnswer(
        livekit_url=settings.livekit_public_url or settings.livekit_url,
        livekit_token=parts.rooms.candidate_token(session.session_id),
        livekit_room_name=session.livekit_room_name,
        expires_in_s=settings.candidate_token_ttl_s,
    )

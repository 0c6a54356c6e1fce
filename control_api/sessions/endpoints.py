"""`/api/parallel_interview`: the life of a session."""

from typing import Annotated

from fastapi import APIRouter, Response

from control_api import idempotency
from control_api.access import Act, OnHouse, OnSession, UserCaller, on_house, on_session
from control_api.idempotency import HasOnce
from control_api.parts import HasParts, Parts
from control_api.schemas import codes
from control_api.sessions.consent_schemas import ConsentAnswer, ConsentAsked, ConsentRequest, WithdrawRequest
from control_api.sessions.consenting import give_consent, what_is_asked, withdraw_consent, words_of_declining
from control_api.sessions.creating import create
from control_api.sessions.ending import delete, end
from control_api.sessions.pausing import extend, pause, resume
from control_api.sessions.queueing import place_of
from control_api.sessions.schemas import (
    CandidateSessionView,
    CreateAnswer,
    CreateRequest,
    EndAnswer,
    ExtendRequest,
    InterviewConfig,
    MovedAnswer,
    QueueView,
    ReportInfo,
    SessionView,
    StartAnswer,
    TokenAnswer,
    UserDetails,
)
from control_api.sessions.starting import check_may_join, start
from interview.session import Session, Status

PREFIX = "/api/parallel_interview"
router = APIRouter(prefix=PREFIX, tags=["sessions"])


@router.post(
    "/create",
    status_code=201,
    response_model=CreateAnswer,
    openapi_extra=codes("plan_not_found", "language_unknown", "window_closed", *idempotency.CODES),
)
async def create_session(
    body: CreateRequest, on: Annotated[OnHouse, on_house(Act.SESSION_CREATE)], parts: HasParts, once: HasOnce
) -> Response:
    """Make a session. Works while LiveKit is down: the room is made, and the agents come, at start."""

    async def make(claim: idempotency.Claim) -> CreateAnswer:
        session, invite_url, mail = await create(parts, on.caller, body, claim)
        token = _token(parts, session)
        return CreateAnswer(
            session_id=session.session_id,
            livekit_room_name=session.livekit_room_name,
            livekit_token=token.livekit_token,
            livekit_url=token.livekit_url,
            user_details=UserDetails(name=session.candidate.name, email=session.candidate.email),
            interview_config=InterviewConfig.of(session.plan),
            invite_url=invite_url,
            mail=mail,
        )

    return await once(on.caller, make)


@router.get("/session/{session_id}")
async def get_session(
    on: Annotated[OnSession, on_session(Act.SESSION_SEE)], parts: HasParts
) -> SessionView | CandidateSessionView:
    """Show a session; its candidate sees less of it."""
    place = await place_of(parts, on.session)
    if isinstance(on.caller, UserCaller):
        return SessionView.of(on.session, place)
    return CandidateSessionView.of(on.session, place)


@router.get("/session/{session_id}/consent", openapi_extra=codes("session_deleted"))
async def consent_words(on: Annotated[OnSession, on_session(Act.SESSION_CONSENT)], parts: HasParts) -> ConsentAsked:
    """Show the words that the candidate is asked to agree to, item by item, for who asks them elsewhere than here."""
    return what_is_asked(parts, on.session)


@router.post(
    "/session/{session_id}/consent",
    openapi_extra=codes("consent_text_changed", "consent_closed", "consent_by_candidate"),
)
async def record_consent(
    body: ConsentRequest, on: Annotated[OnSession, on_session(Act.SESSION_CONSENT)], parts: HasParts
) -> ConsentAnswer:
    """Record what the candidate agrees to, or what an owner vouches that they agreed to.

    Declining what the plan requires ends the session: the answer says so in the candidate's language, and its owner is
    told that an interview with a person is asked for.
    """
    session = await give_consent(parts, on.caller, on.session, body)
    return ConsentAnswer.of(session, words_of_declining(session))


@router.post("/session/{session_id}/consent/withdraw", openapi_extra=codes("consent_required", "consent_missing"))
async def take_consent_back(
    body: WithdrawRequest, on: Annotated[OnSession, on_session(Act.SESSION_CONSENT)], parts: HasParts
) -> ConsentAnswer:
    """Take back the consent to something optional, also during the interview: recording stops, the proctor leaves."""
    return ConsentAnswer.of(await withdraw_consent(parts, on.caller, on.session, body.items))


@router.post("/session/{session_id}/token", openapi_extra=codes("session_ended"))
async def fresh_token(on: Annotated[OnSession, on_session(Act.SESSION_JOIN)], parts: HasParts) -> TokenAnswer:
    """Give a fresh room token for the candidate."""
    check_may_join(on.session)
    return _token(parts, on.session)


@router.post(
    "/session/{session_id}/start",
    openapi_extra=codes(
        "consent_missing",
        "too_early",
        "window_closed",
        "illegal_transition",
        "room_service_unavailable",
        "daily_cost_ceiling",
    ),
)
async def start_session(on: Annotated[OnSession, on_session(Act.SESSION_START)], parts: HasParts) -> StartAnswer:
    """Begin, once consent is recorded; queue when the house is full; restart a failed one. Repeating is harmless."""
    session = await start(parts, on.caller, on.session)
    room = None if session.status is Status.QUEUED else _token(parts, session)
    return StartAnswer(
        session_id=session.session_id,
        status=session.status,
        attempt=session.attempt,
        started_at=session.started_at,
        queue=QueueView.of(await place_of(parts, session)),
        livekit_url=room and room.livekit_url,
        livekit_token=room and room.livekit_token,
        livekit_room_name=session.livekit_room_name,
        expires_in_s=room and room.expires_in_s,
    )


@router.post("/session/{session_id}/pause", openapi_extra=codes("illegal_transition"))
async def pause_session(on: Annotated[OnSession, on_session(Act.SESSION_PAUSE)], parts: HasParts) -> MovedAnswer:
    """Stop the clock: nothing is asked, recorded or proctored. Repeating is harmless."""
    return MovedAnswer.of(await pause(parts, on.caller, on.session))


@router.post("/session/{session_id}/resume", openapi_extra=codes("illegal_transition"))
async def resume_session(on: Annotated[OnSession, on_session(Act.SESSION_PAUSE)], parts: HasParts) -> MovedAnswer:
    """Go on, or queue if the seat was given up and the house is full. Repeating is harmless."""
    session = await resume(parts, on.caller, on.session)
    return MovedAnswer.of(session, await place_of(parts, session))


@router.post("/session/{session_id}/extend", openapi_extra=codes("illegal_transition", "too_long"))
async def extend_session(
    body: ExtendRequest, on: Annotated[OnSession, on_session(Act.SESSION_EXTEND)], parts: HasParts
) -> MovedAnswer:
    """Give the interview more time; each call adds its seconds."""
    return MovedAnswer.of(await extend(parts, on.caller, on.session, body.seconds))


@router.post("/session/{session_id}/end", openapi_extra=codes("illegal_transition"))
async def end_session(on: Annotated[OnSession, on_session(Act.SESSION_END)], parts: HasParts) -> EndAnswer:
    """End, delete the room, queue the report. Repeating is harmless."""
    session, report = await end(parts, on.caller, on.session)
    return EndAnswer(
        session_id=session.session_id,
        status=session.status,
        ended_at=session.ended_at,
        end_reason=session.end_reason,
        report_info=ReportInfo(status=report or "none"),
    )


@router.delete("/session/{session_id}", status_code=204)
async def delete_session(on: Annotated[OnSession, on_session(Act.SESSION_DELETE)], parts: HasParts) -> None:
    """Erase everything about a session but a tombstone. Repeating is harmless."""
    await delete(parts, on.caller, on.session)


def _token(parts: Parts, session: Session) -> TokenAnswer:
    settings = parts.settings
    return TokenAnswer(
        livekit_url=settings.livekit_public_url or settings.livekit_url,
        livekit_token=parts.rooms.candidate_token(session.session_id),
        livekit_room_name=session.livekit_room_name,
        expires_in_s=settings.candidate_token_ttl_s,
    )

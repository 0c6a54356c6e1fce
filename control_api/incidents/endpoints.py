"""`/api/incidents`: the queue of those who judge; and under a session, what is filed, seen and watched there."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from control_api.access import Act, OnHouse, OnIncident, OnSession, on_house, on_incident, on_session
from control_api.incidents import context, service
from control_api.incidents.schemas import (
    AddRequest,
    DecideIncidentRequest,
    IncidentContext,
    IncidentPage,
    NoticedList,
    QueuedIncident,
    ReviewAgreementAnswer,
    SecondOpinionRequest,
    WatchableList,
    WatchAnswer,
)
from control_api.incidents.watching import watch, watchable
from control_api.parts import HasParts
from control_api.schemas import PathId, codes
from interview.incident import Severity
from interview.incident_kind import IncidentKind
from interview.review import ReviewState
from interview.storage.incident_reviews import QueueFilter

SESSION = "/api/parallel_interview/session/{session_id}"
router = APIRouter(tags=["incidents"])

OnSeen = Annotated[OnIncident, on_incident(Act.INCIDENT_SEE)]
OnJudged = Annotated[OnIncident, on_incident(Act.INCIDENT_JUDGE)]


@router.get("/api/incidents", openapi_extra=codes("bad_cursor"))
async def list_queued_incidents(
    on: Annotated[OnHouse, on_house(Act.INCIDENT_LIST)],
    parts: HasParts,
    state: ReviewState | None = None,
    severity: Severity | None = None,
    kind: IncidentKind | None = None,
    session_id: Annotated[str | None, Query(max_length=64)] = None,
    mine: bool = False,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> IncidentPage:
    """List the incidents that wait for somebody, the severest first, of those the oldest; with `state` those in it.

    `mine` lists those that the caller holds.
    """
    wanted = QueueFilter(
        owner_id=on.rows_of,
        state=state,
        severity=severity,
        kind=kind,
        session_id=session_id,
        claimed_by=on.caller.user.user_id if mine else None,
    )
    incidents, after = await service.page(parts, on.caller, wanted, limit, cursor)
    named = [user_id for one in incidents for user_id in (one.claimed_by, one.decided_by)]
    return IncidentPage(incidents=incidents, people=await service.people(parts, named), next_cursor=after)


@router.get("/api/incidents/agreement")
async def get_review_agreement(
    on: Annotated[OnHouse, on_house(Act.INCIDENT_FIGURES)], parts: HasParts
) -> ReviewAgreementAnswer:
    """Tell how far those who judge agree, and how many incidents stand where."""
    return await service.agreement(parts)


@router.get("/api/incidents/{incident_id}")
async def get_incident(on: OnSeen, parts: HasParts) -> IncidentContext:
    """Show an incident with its evidence, what was measured and said around it, and what else happened."""
    return await context.read_context(parts, on)


@router.get(
    "/api/incidents/{incident_id}/evidence/{name}",
    response_class=Response,
    responses={200: {"content": {context.STILL_TYPE: {}, context.CLIP_TYPE: {}}}},
    openapi_extra=codes("evidence_not_found"),
)
async def get_evidence(name: PathId, on: OnSeen, parts: HasParts) -> Response:
    """Return one piece of evidence: a still (`before`, `at`, `after`) or a clip (`clip-1`, …)."""
    content, media_type = await context.read_evidence(parts, on, name)
    return Response(content, media_type=media_type, headers={"Cache-Control": "no-store"})


@router.post(
    "/api/incidents/{incident_id}/claim",
    openapi_extra=codes(
        "claimed", "already_decided", "second_opinion_by_another", "too_many_reviews", "session_deleted"
    ),
)
async def claim_incident(on: OnJudged, parts: HasParts) -> QueuedIncident:
    """Take an incident, so that nobody else looks at it at the same time; repeating it keeps it for longer."""
    return service.shown(await service.claim(parts, on), on.caller)


@router.post("/api/incidents/{incident_id}/release")
async def release_incident(on: OnJudged, parts: HasParts) -> QueuedIncident:
    """Give an incident back undecided. Repeating is harmless."""
    return service.shown(await service.release(parts, on), on.caller)


@router.post(
    "/api/incidents/{incident_id}/decide",
    openapi_extra=codes("not_claimed", "incident_busy", "too_many_reviews", "session_deleted"),
)
async def decide_incident(body: DecideIncidentRequest, on: OnJudged, parts: HasParts) -> QueuedIncident:
    """Confirm or dismiss the incident that one holds, or say that one is unsure. Nothing follows from it by itself."""
    return service.shown(await service.decide(parts, on, body), on.caller)


@router.post(
    "/api/incidents/{incident_id}/second-opinion",
    openapi_extra=codes("not_decided", "incident_busy", "too_many_reviews", "session_deleted"),
)
async def ask_second_opinion(body: SecondOpinionRequest, on: OnJudged, parts: HasParts) -> QueuedIncident:
    """Have a decided incident looked at by somebody who has not decided about it yet."""
    return service.shown(await service.ask_again(parts, on, body.note), on.caller)


@router.post(
    SESSION + "/incidents",
    status_code=201,
    openapi_extra=codes("already_filed", "not_in_session", "session_deleted"),
)
async def add_incident(
    body: AddRequest, on: Annotated[OnSession, on_session(Act.INCIDENT_ADD)], parts: HasParts
) -> QueuedIncident:
    """File what one saw and software did not: it stands confirmed, and counts as missed."""
    return service.shown(await service.add(parts, on, body), on.user)


@router.get(SESSION + "/noticed", openapi_extra=codes("not_over"))
async def list_noticed(on: Annotated[OnSession, on_session(Act.INCIDENT_OWN)], parts: HasParts) -> NoticedList:
    """List what was filed about oneself, once the interview is over."""
    incidents = await service.noticed(parts, on.session)
    return NoticedList.of(on.session.session_id, incidents)


@router.get("/api/watchable", openapi_extra=codes("bad_cursor"))
async def list_watchable(
    on: Annotated[OnHouse, on_house(Act.WATCH_LIST)],
    parts: HasParts,
    limit: Annotated[int, Query(ge=1, le=100)] = 24,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> WatchableList:
    """List the rooms that the caller may watch now (recruiters: of their own sessions)."""
    return await watchable(parts, on, limit, cursor)


@router.post(SESSION + "/watch", openapi_extra=codes("not_running", "watching_not_told"))
async def watch_session(on: Annotated[OnSession, on_session(Act.SESSION_WATCH)], parts: HasParts) -> WatchAnswer:
    """Watch the room live, unseen, where the candidate was told that somebody may. Every token is audited."""
    return await watch(parts, on)

"""`/api/parallel_interview/session/{id}/…`: what an interview left behind, for its owner and admins."""

from typing import Annotated

from fastapi import APIRouter, Response

from control_api.access import Act, OnSession, on_session
from control_api.downloads import answer_with
from control_api.material import service
from control_api.material.schemas import (
    EvaluationsAnswer,
    IncidentsAnswer,
    IncidentView,
    RecordingAnswer,
    ReportAnswer,
    TranscriptAnswer,
)
from control_api.parts import HasParts
from control_api.problems import iso
from control_api.schemas import PathId, codes

PREFIX = "/api/parallel_interview/session"
router = APIRouter(prefix=PREFIX, tags=["material"])

OnMaterial = Annotated[OnSession, on_session(Act.MATERIAL_READ)]

_REPORT_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""A report shows what a model and a candidate said: nothing in it may run."""


@router.get("/{session_id}/transcript", openapi_extra=codes("session_deleted"))
async def get_transcript(on: OnMaterial, parts: HasParts) -> TranscriptAnswer:
    """Return every stored turn, in order, and what was corrected since."""
    turns = await service.read_transcript(parts, on)
    corrections = await service.read_corrections(parts, on)
    session = on.session
    return TranscriptAnswer(session_id=session.session_id, status=session.status, turns=turns, corrections=corrections)


@router.get(
    "/{session_id}/recording",
    response_class=Response,
    responses={200: {"content": {"audio/wav": {}}}},
    openapi_extra=codes("session_deleted", "no_recording", "too_many_downloads"),
)
async def get_recording(on: OnMaterial, parts: HasParts) -> Response:
    """Return the recording as WAV, candidate left, interviewer right.

    `X-Recording-Started-At` is the time of its first sample; turns and words carry times of the same clock.
    """
    recording, started_at = await service.read_recording(parts, on)
    return answer_with(recording, "audio/wav", {"X-Recording-Started-At": iso(started_at)})


@router.get("/{session_id}/recording/outline", openapi_extra=codes("session_deleted", "no_recording"))
async def get_recording_outline(on: OnMaterial, parts: HasParts) -> RecordingAnswer:
    """Return how the recording lies in time: its first sample, its length, and where nothing was recorded, and why."""
    segments, gaps = await service.read_outline(parts, on)
    return RecordingAnswer.of(on.session.session_id, segments, gaps)


@router.get("/{session_id}/incidents", openapi_extra=codes("session_deleted"))
async def list_incidents(on: OnMaterial, parts: HasParts) -> IncidentsAnswer:
    """List what proctoring filed, by time."""
    incidents = await service.read_incidents(parts, on)
    views = [IncidentView.of(incident, f"{PREFIX}/{on.session.session_id}") for incident in incidents]
    return IncidentsAnswer(session_id=on.session.session_id, incidents=views)


@router.get(
    "/{session_id}/incidents/{incident_id}/stills/{moment}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
    openapi_extra=codes("session_deleted", "still_not_found"),
)
async def get_still(incident_id: PathId, moment: PathId, on: OnMaterial, parts: HasParts) -> Response:
    """Return one still of an incident as JPEG; `moment` is `before`, `at` or `after`."""
    image = await service.read_still(parts, on, incident_id, moment)
    return Response(image, media_type="image/jpeg")


@router.get("/{session_id}/evaluations", openapi_extra=codes("session_deleted", "own_scores_first"))
async def list_evaluations(
    on: Annotated[OnSession, on_session(Act.EVALUATION_READ)], parts: HasParts
) -> EvaluationsAnswer:
    """List what the answers were found to show so far, also while the interview goes on."""
    views = await service.read_evaluations(parts, on)
    return EvaluationsAnswer(session_id=on.session.session_id, status=on.session.status, evaluations=views)


@router.get("/{session_id}/report", openapi_extra=codes("session_deleted", "report_not_found"))
async def get_report(on: OnMaterial, parts: HasParts) -> ReportAnswer:
    """Return the report: where it stands, and its content once it is ready."""
    report = await service.read_report(parts, on)
    return ReportAnswer.model_validate(report, from_attributes=True)


@router.get(
    "/{session_id}/report.html",
    response_class=Response,
    responses={200: {"content": {"text/html": {}}}},
    openapi_extra=codes("session_deleted", "report_not_found", "report_not_ready", "own_scores_first"),
)
async def get_report_html(on: OnMaterial, parts: HasParts) -> Response:
    """Return the report as a page."""
    page = await service.read_report_html(parts, on)
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": _REPORT_CSP})

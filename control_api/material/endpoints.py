"""`/api/parallel_interview/session/{id}/…`: what an interview left behind, for its owner and admins."""

from fastapi import APIRouter, Response

from control_api.access import AnyCaller
from control_api.material import service
from control_api.material.schemas import IncidentsAnswer, IncidentView, ReportAnswer, TranscriptAnswer
from control_api.parts import HasParts
from control_api.problems import iso

PREFIX = "/api/parallel_interview/session"
router = APIRouter(prefix=PREFIX, tags=["material"])

_REPORT_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""A report shows what a model and a candidate said: nothing in it may run."""


@router.get("/{session_id}/transcript")
async def get_transcript(session_id: str, caller: AnyCaller, parts: HasParts) -> TranscriptAnswer:
    """Return every stored turn, in order."""
    session, turns = await service.read_transcript(parts, caller, session_id)
    return TranscriptAnswer(session_id=session_id, status=session.status, turns=turns)


@router.get("/{session_id}/recording", response_class=Response, responses={200: {"content": {"audio/wav": {}}}})
async def get_recording(session_id: str, caller: AnyCaller, parts: HasParts) -> Response:
    """Return the recording as WAV, candidate left, interviewer right.

    `X-Recording-Started-At` is the time of its first sample; turns and words carry times of the same clock.
    """
    recording = await service.read_recording(parts, caller, session_id)
    headers = {"X-Recording-Started-At": iso(recording.started_at)}
    return Response(recording.wav, media_type="audio/wav", headers=headers)


@router.get("/{session_id}/incidents")
async def list_incidents(session_id: str, caller: AnyCaller, parts: HasParts) -> IncidentsAnswer:
    """List what proctoring filed, by time."""
    incidents = await service.read_incidents(parts, caller, session_id)
    views = [IncidentView.of(incident, f"{PREFIX}/{session_id}") for incident in incidents]
    return IncidentsAnswer(session_id=session_id, incidents=views)


@router.get(
    "/{session_id}/incidents/{incident_id}/stills/{moment}",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
async def get_still(session_id: str, incident_id: str, moment: str, caller: AnyCaller, parts: HasParts) -> Response:
    """Return one still of an incident as JPEG; `moment` is `before`, `at` or `after`."""
    image = await service.read_still(parts, caller, session_id, incident_id, moment)
    return Response(image, media_type="image/jpeg")


@router.get("/{session_id}/report")
async def get_report(session_id: str, caller: AnyCaller, parts: HasParts) -> ReportAnswer:
    """Return the report: where it stands, and its content once it is ready."""
    report = await service.read_report(parts, caller, session_id)
    return ReportAnswer.model_validate(report, from_attributes=True)


@router.get("/{session_id}/report.html", response_class=Response, responses={200: {"content": {"text/html": {}}}})
async def get_report_html(session_id: str, caller: AnyCaller, parts: HasParts) -> Response:
    """Return the report as a page."""
    page = await service.read_report_html(parts, caller, session_id)
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": _REPORT_CSP})

"""`/api/parallel_interview/session/{id}/…`: what an interview left behind, for its owner and admins."""

from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from control_api.access import Act, OnSession, on_session, open_to_all
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
from interview.rendering import MEDIA_TYPES, ReportFormat

PREFIX = "/api/parallel_interview/session"
router = APIRouter(prefix=PREFIX, tags=["material"])
schema_router = APIRouter(tags=["material"])
_SCHEMA = files("interview") / "report.schema.json"

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


_RECORDING: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        200: {"content": {"audio/wav": {}}},
        206: {"description": "The bytes that `Range` wants.", "content": {"audio/wav": {}}},
    },
    "openapi_extra": codes("session_deleted", "no_recording", "too_many_downloads", "range_not_satisfiable"),
}


@router.get("/{session_id}/recording", **_RECORDING)
@router.get("/{session_id}/recording.wav", **_RECORDING, name="get_recording_file")
async def get_recording(
    on: OnMaterial,
    parts: HasParts,
    range: Annotated[str | None, Header(max_length=200)] = None,
    if_range: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """Return the recording as WAV, candidate left, interviewer right, or the part of it that `Range` wants.

    `X-Recording-Started-At` is the time of its first sample; turns and words carry times of the same clock.
    """
    sound = await service.read_recording(parts, on, range, if_range)
    headers = {
        "X-Recording-Started-At": iso(sound.joined.started_at),
        "Accept-Ranges": "bytes",
        "Content-Length": str(sound.last - sound.first + 1),
        "ETag": f'"{sound.joined.tag}"',
    }
    if sound.partial:
        headers["Content-Range"] = f"bytes {sound.first}-{sound.last}/{sound.joined.size_bytes}"
    return StreamingResponse(sound.blocks, 206 if sound.partial else 200, headers, media_type="audio/wav")


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


_JSON_CONTENT = {
    "application/json": {
        "schema": {
            "type": "object",
            "description": "A report's content, of the form that `/api/report_schema` gives.",
            "examples": [{"schema_version": 1, "dropped_quotes": 0}],
        }
    }
}
_SCHEMA_EXAMPLE = {
    "type": "object",
    "examples": [{"$id": "urn:viva:report:1", "title": "Interview report", "type": "object"}],
}

Version = Annotated[int | None, Query(ge=1, le=100_000, description="The latest without it.")]


@router.get("/{session_id}/report", openapi_extra=codes("session_deleted", "report_not_found"))
async def get_report(on: OnMaterial, parts: HasParts, version: Version = None) -> ReportAnswer:
    """Return the report: where it stands, and its content once it is ready."""
    report = await service.read_report(parts, on, version)
    return ReportAnswer.model_validate(report, from_attributes=True)


@router.get(
    "/{session_id}/report.{form}",
    response_class=Response,
    responses={200: {"content": {media_type: {} for media_type in MEDIA_TYPES.values()} | _JSON_CONTENT}},
    openapi_extra=codes(
        "session_deleted",
        "report_not_found",
        "report_not_ready",
        "own_scores_first",
        "rendering_under_way",
        "rendering_failed",
    ),
)
async def get_report_file(form: ReportFormat, on: OnMaterial, parts: HasParts, version: Version = None) -> Response:
    """Return the report as a file: a page, a PDF, JSON (its schema is at `/api/report_schema`), CSV or Markdown."""
    made, name = await service.read_report_as(parts, on, form, version)
    shown = "inline" if form in (ReportFormat.HTML, ReportFormat.PDF) else "attachment"
    headers = {"Content-Disposition": f'{shown}; filename="{name}"'}
    if form is ReportFormat.HTML:
        headers["Content-Security-Policy"] = _REPORT_CSP
    return Response(made, media_type=MEDIA_TYPES[form], headers=headers)


@schema_router.get(
    "/api/report_schema",
    response_class=Response,
    responses={200: {"content": {"application/schema+json": {"schema": _SCHEMA_EXAMPLE}}}},
    dependencies=[open_to_all("it says of what form reports are, and nothing of anybody")],
)
async def get_report_schema() -> Response:
    """Return the JSON Schema of a report's content, as `report.json` has it."""
    return Response(_SCHEMA.read_bytes(), media_type="application/schema+json")

"""`/api/parallel_interview/session/{session_id}/cv`: a candidate's résumé, handed in before the start."""

from typing import Annotated, Any

from fastapi import APIRouter, Request

from control_api.access import Act, OnSession, on_session
from control_api.limits import UPLOADS
from control_api.parts import HasParts
from control_api.resumes import service
from control_api.resumes.schemas import ResumeAnswer
from control_api.schemas import codes

PATH = "/api/parallel_interview/session/{session_id}/cv"
router = APIRouter(tags=["sessions"])

_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            media_type: {"schema": {"type": "string", "format": "binary"}}
            for media_type in sorted(UPLOADS["POST", PATH].media_types)
        },
    }
}


@router.post(
    PATH,
    status_code=201,
    openapi_extra={
        **codes(
            *("already_begun", "resume_type_unknown", "resume_encrypted", "resume_no_text", "resume_too_long"),
            *("resume_unreadable", "too_many_uploads"),
        ),
        **_FILE,
    },
)
async def give_resume(
    request: Request, on: Annotated[OnSession, on_session(Act.RESUME_GIVE)], parts: HasParts
) -> ResumeAnswer:
    """Hand in a résumé as PDF, DOCX or plain text, before the start; another takes its place.

    What it is is told by its content alone. It is encrypted, and deleted once the report is ready.
    """
    return ResumeAnswer.of(await service.take_resume(parts, on, await request.body()))


@router.get(PATH, openapi_extra=codes("resume_not_found"))
async def see_resume(on: Annotated[OnSession, on_session(Act.RESUME_SEE)], parts: HasParts) -> ResumeAnswer:
    """Tell whether there is a résumé, what it is, and who handed it in."""
    return ResumeAnswer.of(await service.resume_of(parts, on))


@router.delete(PATH, status_code=204)
async def delete_resume(on: Annotated[OnSession, on_session(Act.RESUME_GIVE)], parts: HasParts) -> None:
    """Delete the résumé, at any time. What was approved stays a question. Repeating it is harmless."""
    await service.delete_resume(parts, on)

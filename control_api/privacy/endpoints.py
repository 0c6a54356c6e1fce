"""`/api/privacy`, and anonymising one session: what people may ask for about their data."""

from typing import IO, Annotated, Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from control_api.access import Act, OnHouse, OnSession, on_house, on_own_seat, on_session
from control_api.downloads import answer_with
from control_api.parts import HasParts
from control_api.privacy.erasing import anonymise, erase_person
from control_api.privacy.export import check_is_at_rest, export_person, export_sessions
from control_api.privacy.schemas import AnonymisedAnswer, ErasedAnswer, ErasureRequestAnswer, PersonRequest
from control_api.raised.service import ask_for_erasure
from control_api.reports.blind import is_withheld
from control_api.schemas import codes
from interview.session import Session, Status

router = APIRouter(prefix="/api/privacy", tags=["privacy"])
sessions_router = APIRouter(prefix="/api/parallel_interview/session", tags=["privacy"])

_ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}}}


@router.post(
    "/export",
    response_class=StreamingResponse,
    responses=_ZIP,
    openapi_extra=codes("person_not_found", "too_many_downloads"),
)
async def export_by_email(
    body: PersonRequest, on: Annotated[OnHouse, on_house(Act.PERSON_EXPORT)], parts: HasParts
) -> StreamingResponse:
    """Return everything about an email as a ZIP (admin: all sessions and the account; recruiter: own sessions).

    On a blind plan a recruiter's holds no levels before they have given their own.
    """

    async def hides_scores(session: Session) -> bool:
        return on.rows_of is not None and await is_withheld(parts, session, on.caller)

    async with parts.downloads.place():
        made = await export_person(
            parts.storage,
            body.email,
            now=parts.clock.now(),
            by=on.caller.actor,
            owner_id=on.rows_of,
            hides_scores=hides_scores,
        )
    return _zip(made)


@router.post("/erase")
async def erase_by_email(
    body: PersonRequest, on: Annotated[OnHouse, on_house(Act.PERSON_ERASE)], parts: HasParts
) -> ErasedAnswer:
    """Erase every session of an email (recruiter: own ones), as `DELETE` does; running ones end. May be repeated."""
    erased = await erase_person(
        parts.storage, parts.rooms, parts.clock, body.email, by=on.caller.actor, owner_id=on.rows_of
    )
    return ErasedAnswer(erased_sessions=erased)


@router.get(
    "/my-data",
    response_class=StreamingResponse,
    responses=_ZIP,
    openapi_extra=codes("seat_closed", "not_ended", "too_many_downloads"),
)
async def export_own_data(
    on: Annotated[OnSession, on_own_seat(Act.OWN_DATA_EXPORT)], parts: HasParts
) -> StreamingResponse:
    """Return everything about the candidate's own session as a ZIP, but not while it goes on."""
    check_is_at_rest(on.session, parts.clock.now())
    async with parts.downloads.place():
        made = await export_sessions(
            parts.storage,
            [on.session],
            now=parts.clock.now(),
            by=on.caller.actor,
            questions=on.session.status is not Status.INITIALIZED,
        )
    return _zip(made)


@router.post("/my-erasure", status_code=202, openapi_extra=codes("seat_closed"))
async def request_own_erasure(
    on: Annotated[OnSession, on_own_seat(Act.OWN_DATA_ERASE)], parts: HasParts
) -> ErasureRequestAnswer:
    """Put the candidate's wish for erasure into the owner's queue of problems. Repeating it is harmless."""
    problem = await ask_for_erasure(parts, on.session)
    await parts.storage.audit.add(on.caller.actor, "request erasure", f"session:{on.session.session_id}")
    return ErasureRequestAnswer(session_id=on.session.session_id, problem_id=problem.problem_id)


@sessions_router.post("/{session_id}/anonymise", openapi_extra=codes("not_ended"))
async def anonymise_session(
    on: Annotated[OnSession, on_session(Act.SESSION_ANONYMISE)], parts: HasParts
) -> AnonymisedAnswer:
    """Take everything about a person from a session that is over, for good. Figures, scores and times stay."""
    await anonymise(parts.storage, parts.rooms, on.session, by=on.caller.actor)
    session = await parts.storage.sessions.get(on.session.session_id)
    return AnonymisedAnswer(session_id=session.session_id, status=session.status)


def _zip(made: IO[bytes]) -> StreamingResponse:
    headers = {"Content-Disposition": 'attachment; filename="personal-data.zip"', "Cache-Control": "no-store"}
    return answer_with(made, "application/zip", headers)

"""`/api/parallel_interview/session/{session_id}/proposals`: questions for one candidate, for the owner's approval."""

from typing import Annotated

from fastapi import APIRouter

from control_api.access import Act, OnSession, on_session
from control_api.parts import HasParts
from control_api.proposals import service
from control_api.proposals.schemas import (
    ApproveRequest,
    ProposalRunView,
    ProposalsAnswer,
    ProposalsRequest,
    ProposalView,
)
from control_api.schemas import PathId, codes
from interview.proposal import ProposalRun
from interview.session import Session

PATH = "/api/parallel_interview/session/{session_id}/proposals"
router = APIRouter(tags=["sessions"])


@router.post(PATH, status_code=202, openapi_extra=codes("already_begun", "nothing_to_draw_from", "too_many_proposals"))
async def ask_for_proposals(
    body: ProposalsRequest, on: Annotated[OnSession, on_session(Act.PROPOSAL_DECIDE)], parts: HasParts
) -> ProposalRunView:
    """Have questions proposed, in the background, from the résumé, the job description or both.

    While that goes on, asking again changes nothing.
    """
    return ProposalRunView.of(on.session, await service.ask_for_proposals(parts, on, body))


@router.get(PATH)
async def list_proposals(on: Annotated[OnSession, on_session(Act.PROPOSAL_SEE)], parts: HasParts) -> ProposalsAnswer:
    """List everything that was proposed, with what each rests on and what came of it."""
    runs = await service.list_proposals(parts, on)
    return ProposalsAnswer(session_id=on.session.session_id, runs=[ProposalRunView.of(on.session, run) for run in runs])


@router.post(
    PATH + "/{proposal_id}/approve",
    openapi_extra=codes("proposal_not_found", "already_begun", "too_many_questions", "session_busy"),
)
async def approve_proposal(
    proposal_id: PathId,
    body: ApproveRequest,
    on: Annotated[OnSession, on_session(Act.PROPOSAL_DECIDE)],
    parts: HasParts,
) -> ProposalView:
    """Make it an optional question of this session alone, after its plan's own, in the words given or as proposed."""
    return _view(proposal_id, *await service.approve(parts, on, proposal_id, body.text))


@router.post(PATH + "/{proposal_id}/reject", openapi_extra=codes("proposal_not_found", "already_begun", "session_busy"))
async def reject_proposal(
    proposal_id: PathId, on: Annotated[OnSession, on_session(Act.PROPOSAL_DECIDE)], parts: HasParts
) -> ProposalView:
    """Leave it out, also where it was approved before. Repeating it is harmless."""
    return _view(proposal_id, *await service.reject(parts, on, proposal_id))


def _view(proposal_id: str, session: Session, run: ProposalRun) -> ProposalView:
    return next(one for one in ProposalRunView.of(session, run).proposals if one.proposal_id == proposal_id)

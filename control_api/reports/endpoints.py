"""Under a session: building its report anew, deciding, scoring, releasing, correcting."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from control_api.access import Act, OnSession, on_session
from control_api.parts import HasParts
from control_api.reports import building, correcting, judging, releasing
from control_api.reports.blind import is_withheld
from control_api.reports.schemas import (
    CandidateReportAnswer,
    CorrectedAnswer,
    CorrectRequest,
    DecideRequest,
    Decisions,
    DecisionView,
    OwnScoresList,
    OwnScoresRequest,
    OwnScoresView,
    RebuildRequest,
    ReleaseRequest,
    ReleaseView,
    ReportVersions,
    ReportVersionView,
)
from control_api.schemas import codes

router = APIRouter(prefix="/api/parallel_interview/session/{session_id}", tags=["reports"])

OnBuild = Annotated[OnSession, on_session(Act.REPORT_BUILD)]
OnReview = Annotated[OnSession, on_session(Act.REVIEW)]
OnRelease = Annotated[OnSession, on_session(Act.REPORT_RELEASE)]


@router.get("/report/versions")
async def list_report_versions(on: OnBuild, parts: HasParts) -> ReportVersions:
    """List the versions of the report, the newest first, and where each stands."""
    found = await building.versions_of(parts, on.session)
    return ReportVersions(session_id=on.session.session_id, versions=[ReportVersionView.of(report) for report in found])


@router.post("/report/rebuild", status_code=202, openapi_extra=codes("report_not_found"))
async def rebuild_report(body: RebuildRequest, on: OnBuild, parts: HasParts) -> ReportVersionView:
    """Build the report anew, as its next version; the versions before stay."""
    return ReportVersionView.of(await building.rebuild(parts, on, afresh=body.afresh))


@router.post("/report/requeue", status_code=202, openapi_extra=codes("report_not_found", "report_not_failed"))
async def requeue_report(on: OnBuild, parts: HasParts) -> ReportVersionView:
    """Give a report that was given up another chance."""
    return ReportVersionView.of(await building.requeue(parts, on))


@router.get("/decisions")
async def list_decisions(on: OnReview, parts: HasParts) -> Decisions:
    """List what was decided, the last of all first; nothing is decided until somebody does."""
    views = [DecisionView.of(entry) for entry in await judging.decisions_of(parts, on.session)]
    return Decisions(session_id=on.session.session_id, current=views[0] if views else None, history=views)


@router.post("/decisions", status_code=201, openapi_extra=codes("session_deleted", "not_over", "too_many_entries"))
async def decide(body: DecideRequest, on: OnReview, parts: HasParts) -> DecisionView:
    """Decide, with a reason; what was decided before stays in the history."""
    return DecisionView.of(await judging.decide(parts, on, body))


@router.get("/own-scores")
async def list_own_scores(on: OnReview, parts: HasParts) -> OwnScoresList:
    """List what is scored and what people gave, oldest first; on a blind plan nothing before one's own."""
    given = await judging.scores_of(parts, on)
    return OwnScoresList(
        session_id=on.session.session_id,
        competencies=list(on.session.plan.competencies),
        withheld=await is_withheld(parts, on.session, on.user),
        given=[OwnScoresView.of(one) for one in given],
    )


@router.post(
    "/own-scores",
    status_code=201,
    openapi_extra=codes("session_deleted", "competency_unknown", "not_over", "too_many_entries"),
)
async def give_own_scores(body: OwnScoresRequest, on: OnReview, parts: HasParts) -> OwnScoresView:
    """Give one's own scores; they count as blind when nothing of the model's was read before."""
    return OwnScoresView.of(await judging.give_scores(parts, on, body))


@router.get("/report/release")
async def get_release(on: OnRelease, parts: HasParts) -> ReleaseView:
    """Tell what of the report the candidate may read."""
    return ReleaseView.of(on.session.session_id, await releasing.current_release(parts, on.session))


@router.post(
    "/report/release", status_code=201, openapi_extra=codes("session_deleted", "report_not_ready", "too_many_entries")
)
async def release_report(body: ReleaseRequest, on: OnRelease, parts: HasParts) -> ReleaseView:
    """Let the candidate read their version of the newest report that is ready."""
    return ReleaseView.of(on.session.session_id, await releasing.release(parts, on, body))


@router.delete("/report/release", status_code=204, openapi_extra=codes("too_many_entries"))
async def withdraw_release(on: OnRelease, parts: HasParts) -> Response:
    """Take it back; repeating it is harmless."""
    await releasing.withdraw(parts, on)
    return Response(status_code=204)


@router.get("/report/candidate", openapi_extra=codes("report_not_released", "own_scores_first"))
async def get_candidate_report(
    on: Annotated[OnSession, on_session(Act.RELEASED_REPORT_READ)],
    parts: HasParts,
    with_levels: Annotated[bool, Query()] = False,
) -> CandidateReportAnswer:
    """Return the candidate's version of the report: once released; to its owner also before, as it would be."""
    found = await releasing.candidates_report(parts, on, with_levels=with_levels)
    return CandidateReportAnswer(
        session_id=on.session.session_id,
        version=found.version,
        released=found.released,
        note=found.note,
        content=found.content,
    )


@router.post(
    "/corrections", status_code=201, openapi_extra=codes("session_deleted", "turn_not_found", "too_many_entries")
)
async def correct_turn(
    body: CorrectRequest, on: Annotated[OnSession, on_session(Act.TRANSCRIPT_CORRECT)], parts: HasParts
) -> CorrectedAnswer:
    """Correct what was misheard in a turn; the original stays, and what rests on it may be done again."""
    entry, version = await correcting.correct(parts, on, body)
    return CorrectedAnswer(
        session_id=entry.session_id,
        turn_id=entry.turn_id,
        text=entry.text,
        reason=entry.reason,
        by=entry.by,
        at=entry.at,
        report_version=version,
    )

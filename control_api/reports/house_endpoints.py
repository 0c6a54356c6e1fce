"""`/api/reports/…`: over all of one's own sessions: the queue, comparison, agreement, impact ratios, search."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from control_api.access import Act, OnHouse, on_house
from control_api.parts import HasParts
from control_api.reports import building, comparing, searching
from control_api.reports.schemas import (
    AgreementAnswer,
    Comparison,
    ImpactAnswer,
    ImpactRequest,
    ReportQueue,
    ReportVersionView,
    SearchAnswer,
)
from control_api.schemas import codes
from interview.record import Line

router = APIRouter(prefix="/api/reports", tags=["reports"])

OnCompared = Annotated[OnHouse, on_house(Act.REPORT_COMPARE)]
OnAudited = Annotated[OnHouse, on_house(Act.REPORT_AUDIT)]
PlanId = Annotated[Line, Query(max_length=64)]
GivenCursor = Annotated[str | None, Query(max_length=500)]


@router.get("/queue")
async def list_report_queue(on: Annotated[OnHouse, on_house(Act.REPORT_QUEUE)], parts: HasParts) -> ReportQueue:
    """List the reports of one's own sessions (admin: of all) that are not ready, those given up first."""
    found, more = await building.queue(parts, on)
    return ReportQueue(reports=[ReportVersionView.of(report) for report in found], more=more)


@router.get("/comparison", openapi_extra=codes("bad_cursor"))
async def compare_candidates(
    on: OnCompared,
    parts: HasParts,
    plan_id: PlanId,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    cursor: GivenCursor = None,
) -> Comparison:
    """Show the candidates of a plan side by side, newest first, by the same competencies: no ranking and no total."""
    return await comparing.compare(parts, on, plan_id, limit, cursor)


@router.get("/agreement")
async def get_agreement(on: OnCompared, parts: HasParts, plan_id: PlanId) -> AgreementAnswer:
    """Tell how far people and model agree on a plan: quadratic weighted kappa, its interval, and of how many."""
    return await comparing.agree(parts, on, plan_id)


@router.post("/impact")
async def get_impact_ratios(body: ImpactRequest, on: OnAudited, parts: HasParts) -> ImpactAnswer:
    """Return selection rates and impact ratios by the groups that are given, with warnings of small numbers."""
    return await comparing.impact(parts, on, body)


@router.post(
    "/impact.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}}, openapi_extra=codes()
)
async def export_impact_ratios(body: ImpactRequest, on: OnAudited, parts: HasParts) -> Response:
    """Return the same as a table for an audit."""
    table = comparing.impact_csv(await comparing.impact(parts, on, body))
    named = {"Content-Disposition": 'attachment; filename="impact-ratios.csv"'}
    return Response(table, media_type="text/csv", headers=named)


@router.get("/search", openapi_extra=codes("bad_cursor", "nothing_to_search"))
async def search_transcripts(
    on: Annotated[OnHouse, on_house(Act.TRANSCRIPT_SEARCH)],
    parts: HasParts,
    q: Annotated[Line, Query(min_length=2, max_length=200)],
    plan_id: Annotated[Line | None, Query(max_length=64)] = None,
    cursor: GivenCursor = None,
) -> SearchAnswer:
    """Look for words in the transcripts of one's own sessions (admin: of all), newest first, some at each call."""
    return await searching.search(parts, on, q, plan_id, cursor)

"""`/api/plans`: plans that are kept and reused."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from control_api.access import Act, OnHouse, OnPlan, on_house, on_plan
from control_api.idempotency import CODES as ONCE_CODES
from control_api.idempotency import Claim, HasOnce
from control_api.parts import HasParts
from control_api.plans import service
from control_api.plans.schemas import (
    CloneRequest,
    PlanAnswer,
    PlanChoices,
    PlanPage,
    PlanRequest,
    PlanRow,
    PlanUpdateRequest,
    Which,
)
from control_api.schemas import codes
from interview.plan_yaml import write_plan
from interview.record import Text

router = APIRouter(prefix="/api/plans", tags=["plans"])

SeenPlan = Annotated[OnPlan, on_plan(Act.PLAN_SEE)]
ChangedPlan = Annotated[OnPlan, on_plan(Act.PLAN_CHANGE)]
NewPlan = Annotated[OnHouse, on_house(Act.PLAN_CREATE)]

_YAML = {"schema": {"$ref": "#/components/schemas/PlanContent"}}


@router.get("", openapi_extra=codes("bad_cursor"))
async def list_plans(
    on: Annotated[OnHouse, on_house(Act.PLAN_LIST)],
    parts: HasParts,
    which: Which = Which.OWN,
    title: Annotated[Text, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> PlanPage:
    """List plans, newest first, page by page: one's own (admin: everybody's), shared, ready-made or archived ones.

    `title` is a part of the title, in any case.
    """
    plans, after = await service.list_plans(parts, on, which, title=title, limit=limit, cursor=cursor)
    return PlanPage(plans=[PlanRow.of(plan) for plan in plans], next_cursor=after)


@router.post(
    "",
    status_code=201,
    response_model=PlanAnswer,
    openapi_extra=codes("language_unknown", "engine_unknown", *ONCE_CODES),
)
async def create_plan(body: PlanRequest, on: NewPlan, parts: HasParts, once: HasOnce) -> Response:
    """Keep a new plan, as its version 1."""
    caller = on.caller

    async def make(claim: Claim) -> PlanAnswer:
        service.check_engines(body.plan.engines, parts.providers)
        plan = await service.add_plan(
            parts.storage,
            parts.clock,
            body.plan,
            owner_id=caller.user.user_id,
            actor=caller.actor,
            shared=body.shared,
            plan_id=claim.plan_id,
        )
        return PlanAnswer.of(plan)

    return await once(caller, make)


@router.post(
    "/import",
    status_code=201,
    response_model=PlanAnswer,
    openapi_extra={
        **codes("malformed_yaml", "language_unknown", "engine_unknown", *ONCE_CODES),
        "requestBody": {"required": True, "content": {"application/yaml": _YAML, "text/yaml": _YAML}},
    },
)
async def import_plan(request: Request, on: NewPlan, parts: HasParts, once: HasOnce) -> Response:
    """Keep a plan that comes as YAML, such as an exported one, as a new plan."""
    body = await request.body()

    async def make(claim: Claim) -> PlanAnswer:
        return PlanAnswer.of(await service.import_plan(parts, on, body, claim.plan_id))

    return await once(on.caller, make)


@router.get("/choices")
async def plan_choices(on: Annotated[OnHouse, on_house(Act.PLAN_LIST)], parts: HasParts) -> PlanChoices:
    """Show what a plan may name in this house: languages, providers, kinds of incidents and how they are judged."""
    return service.choices(parts)


@router.get("/{plan_id}", openapi_extra=codes("plan_version_not_found"))
async def get_plan(
    on: SeenPlan, parts: HasParts, version: Annotated[int | None, Query(ge=1, le=2**31)] = None
) -> PlanAnswer:
    """Show a plan as it is now or, to who may change it, as it was in `version`."""
    if version is None:
        return PlanAnswer.of(on.plan)
    return PlanAnswer.of(on.plan, version=version, content=await service.version_of(parts, on, version))


@router.put("/{plan_id}", openapi_extra=codes("plan_changed", "plan_archived", "language_unknown", "engine_unknown"))
async def update_plan(body: PlanUpdateRequest, on: ChangedPlan, parts: HasParts) -> PlanAnswer:
    """Make the next version of a plan. Refused when somebody else changed it since the version that was edited."""
    return PlanAnswer.of(await service.update_plan(parts, on, body))


@router.delete("/{plan_id}", status_code=204)
async def delete_plan(on: ChangedPlan, parts: HasParts) -> None:
    """Take a plan out of use. Its sessions keep what they were made from. Repeating is harmless."""
    await service.archive_plan(parts, on)


@router.post(
    "/{plan_id}/clone",
    status_code=201,
    response_model=PlanAnswer,
    openapi_extra=codes("language_unknown", *ONCE_CODES),
)
async def clone_plan(on: SeenPlan, parts: HasParts, once: HasOnce, body: CloneRequest | None = None) -> Response:
    """Copy a plan: one's own, a shared or a ready-made one. The copy is the caller's, and not shared."""

    async def make(claim: Claim) -> PlanAnswer:
        return PlanAnswer.of(await service.clone_plan(parts, on, body.title if body else None, claim.plan_id))

    return await once(on.caller, make)


@router.get("/{plan_id}/export", response_class=Response, responses={200: {"content": {"application/yaml": _YAML}}})
async def export_plan(on: SeenPlan) -> Response:
    """Return a plan as YAML that can be imported."""
    return Response(
        write_plan(on.plan.content),
        media_type="application/yaml",
        headers={"Content-Disposition": 'attachment; filename="plan.yaml"'},
    )

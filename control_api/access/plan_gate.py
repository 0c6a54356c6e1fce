"""The gate to plans. A shared or ready-made plan is everybody's own to see and use, and only its author's to change."""

from dataclasses import dataclass
from typing import Any

from fastapi import Depends, Request

from control_api.access.callers import Caller, UserCaller, find_caller
from control_api.access.gates import UUID, Gate, absent
from control_api.access.table import TABLE, Act, Thing, Verdict, decide
from control_api.parts import HasParts
from control_api.schemas import PathId
from interview.errors import NotAllowed
from interview.plans import ready_made
from interview.storage import Storage
from interview.stored_plan import Sharing, StoredPlan


@dataclass(frozen=True)
class OnPlan:
    """A user, and the plan to which they may do what they ask for."""

    caller: UserCaller
    plan: StoredPlan

    @property
    def may_change(self) -> bool:
        """Whether the table lets the user change it."""
        own = _is_author(self.caller, self.plan)
        return decide(Act.PLAN_CHANGE, self.caller.who, own=own) is Verdict.ALLOWED


class PlanGate(Gate):
    """Lets users through to the plan that the path names."""

    async def __call__(self, plan_id: PathId, request: Request, parts: HasParts) -> OnPlan:
        """Find user and plan. Raises `NotAuthenticated`, `NotFound` and `NotAllowed`."""
        caller = await find_caller(request, parts)
        plan = await find_plan(parts.storage, plan_id)
        if plan is None:
            raise absent("plan")
        if self.act is Act.PLAN_SEE or not _may_see(caller, plan):
            self.check(caller, own=_is_own_to_see(caller, plan), thing="plan")
        elif plan.is_ready_made:
            raise NotAllowed("nobody changes a ready-made plan; clone it and change the clone")
        elif decide(self.act, caller.who, own=_is_author(caller, plan)) is not Verdict.ALLOWED:
            raise NotAllowed("this plan is its author's to change; clone it and change the clone")
        if not isinstance(caller, UserCaller):
            raise NotAllowed("this needs an account")
        return OnPlan(caller, plan)


def on_plan(act: Act) -> Any:
    """Return the gate to an act on the plan that the path names."""
    assert TABLE[act].thing is Thing.PLAN
    return Depends(PlanGate(act))


async def find_plan(storage: Storage, plan_id: str) -> StoredPlan | None:
    """Return a ready-made or a stored plan, an archived one included, or None."""
    if plan_id in ready_made():
        return ready_made()[plan_id]
    return await storage.plans.get(plan_id) if UUID.fullmatch(plan_id) else None


async def usable_plan(storage: Storage, caller: UserCaller, plan_id: str) -> StoredPlan | None:
    """Return the plan if the caller may make sessions from it, or None."""
    plan = await find_plan(storage, plan_id)
    return plan if plan is not None and plan.archived_at is None and _may_see(caller, plan) else None


def _may_see(caller: Caller, plan: StoredPlan) -> bool:
    return decide(Act.PLAN_SEE, caller.who, own=_is_own_to_see(caller, plan)) is Verdict.ALLOWED


def _is_own_to_see(caller: Caller, plan: StoredPlan) -> bool:
    offered = plan.sharing is Sharing.SHARED and plan.archived_at is None
    return isinstance(caller, UserCaller) and (offered or _is_author(caller, plan))


def _is_author(caller: Caller, plan: StoredPlan) -> bool:
    return isinstance(caller, UserCaller) and caller.owns(plan.owner_id)

"""Who is calling, and what they may do: the one place that decides.

`table` says it, `callers` finds out who asks, `gates` let through. What belongs to somebody else does not exist for the
caller (`NotFound`); what is one's own but not for one's role is `NotAllowed`.
"""

from control_api.access.callers import Caller, CandidateCaller, UserCaller
from control_api.access.gates import (
    OnHouse,
    OnSession,
    OnUser,
    on_house,
    on_own_seat,
    on_session,
    on_user,
    open_to_all,
)
from control_api.access.incident_gate import OnIncident, on_incident
from control_api.access.plan_gate import OnPlan, on_plan, usable_plan
from control_api.access.problem_gate import OnProblem, on_problem
from control_api.access.table import Act

__all__ = [
    "Act",
    "Caller",
    "CandidateCaller",
    "OnHouse",
    "OnIncident",
    "OnPlan",
    "OnProblem",
    "OnSession",
    "OnUser",
    "UserCaller",
    "on_house",
    "on_incident",
    "on_own_seat",
    "on_plan",
    "on_problem",
    "on_session",
    "on_user",
    "open_to_all",
    "usable_plan",
]

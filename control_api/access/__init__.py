"""Who is calling, and what they may do: the one place that decides.

`table` says it, `callers` finds out who asks, `gates` let through. What belongs to somebody else does not exist for the
caller (`NotFound`); what is one's own but not for one's role is `NotAllowed`.
"""

from control_api.access.callers import Caller, CandidateCaller, UserCaller
from control_api.access.gates import OnHouse, OnSession, on_house, on_own_seat, on_session, open_to_all
from control_api.access.table import Act

__all__ = [
    "Act",
    "Caller",
    "CandidateCaller",
    "OnHouse",
    "OnSession",
    "UserCaller",
    "on_house",
    "on_own_seat",
    "on_session",
    "open_to_all",
]

"""Own scores first: where the plan asks for it, nobody reads what the model made of an interview before that."""

from control_api.access import OnSession
from control_api.access.callers import UserCaller
from control_api.parts import Parts
from interview.appraisal import OwnScores
from interview.errors import Conflict
from interview.session import Session

SHOWS_SCORES = frozenset({"read report", "read evaluations", "read comparison", "export session"})
"""What stands in the audit log of whoever has read what the model made of a session."""


async def check_may_see_scores(parts: Parts, on: OnSession) -> None:
    """Raise `Conflict` (`own_scores_first`) where the plan is blind and the caller has not scored the session."""
    caller = on.caller
    if isinstance(caller, UserCaller) and await is_withheld(parts, on.session, caller):
        raise Conflict(
            "give your own scores first; this plan shows the model's only after that", code="own_scores_first"
        )


async def is_withheld(parts: Parts, session: Session, caller: UserCaller) -> bool:
    """Tell whether the model's scores of a session are still kept from this user."""
    if not session.plan.blind_scoring:
        return False
    given = await parts.storage.reviews.own_scores.of(session.session_id)
    return not has_scored(given, caller)


def has_scored(given: list[OwnScores], caller: UserCaller) -> bool:
    """Tell whether this user is among those who gave scores."""
    return any(one.by == caller.user.user_id for one in given)


async def has_seen(parts: Parts, session: Session, caller: UserCaller) -> bool:
    """Tell whether this user has read what the model made of a session, by the audit log."""
    entries = await parts.storage.audit.of_subject(f"session:{session.session_id}")
    return any(entry.actor == caller.actor and entry.action in SHOWS_SCORES for entry in entries)

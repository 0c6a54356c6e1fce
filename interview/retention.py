"""How long what a session left behind is kept. Pure: values in, values out."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from interview.appraisal import Decision, DecisionEntry
from interview.session import ConsentItem, Session
from interview.settings import Settings

_HOUSE, _PLAN, _DECLINED = "house", "plan", "declined"
_WEEKS_BACK = 330
"""How many weeks of overdue sessions one look finds: over six years. The embedded database looks up 1,000 at once."""


def retention_ends(session: Session, settings: Settings, decided_at: datetime | None = None) -> datetime | None:
    """Return the moment from which a session's data must go, or None while it is kept.

    That is `RETENTION_DAYS` after its end (0: never), or as many days as its plan says; more of them than the house's
    own only where the candidate agreed. Who declined retention is gone as soon as it was decided (`decided_at`), and
    `RETENTION_DECLINED_DAYS` after the end at the latest. Nothing that has not ended is due, and nothing that has gone
    already.
    """
    ended_at = session.ended_at
    if ended_at is None or not session.is_kept:
        return None
    days = _days(session, settings)
    ends = [] if days is None else [ended_at + timedelta(days=days)]
    if declines_retention(session):
        ends.append(ended_at + timedelta(days=settings.retention_declined_days))
        if decided_at is not None:
            ends.append(max(decided_at, ended_at))
    return min(ends, default=None)


def last_decided_at(decisions: Sequence[DecisionEntry]) -> datetime | None:
    """Return when the last of the decisions, which holds, was taken; None where it is to hold: to decide later."""
    return decisions[-1].at if decisions and decisions[-1].decision is not Decision.HOLD else None


def declines_retention(session: Session) -> bool:
    """Tell whether the candidate was asked, because the plan keeps data for a time of its own, and said no."""
    return session.plan.retention_days is not None and _answer(session) is False


def mark_of(session: Session, ended_at: datetime | None) -> str | None:
    """Return the mark of a session that ended then, by whose index the due ones are found; None if it has not ended.

    The embedded database looks up strings that are equal, and neither times nor ranges of them. So the mark is a week:
    that of the end where the settings say how long it is kept, and that in which it is due where the plan does.
    """
    if ended_at is None:
        return None
    plan_days = session.plan.retention_days
    if declines_retention(session):
        return _mark(_DECLINED, ended_at)
    if plan_days is not None:
        return _mark(_PLAN, ended_at + timedelta(days=plan_days))
    return _mark(_HOUSE, ended_at)


def marks_to_look_at(now: datetime, settings: Settings) -> list[str]:
    """Return the marks of all sessions that may be due now; `retention_ends` then tells exactly."""
    marks = _weeks_until(_DECLINED, now) + _weeks_until(_PLAN, now)
    if settings.retention_days:
        marks += _weeks_until(_HOUSE, now - timedelta(days=settings.retention_days))
    return marks


def _days(session: Session, settings: Settings) -> int | None:
    house, plan = settings.retention_days or None, session.plan.retention_days
    if plan is None or (house is not None and plan > house and _answer(session) is not True):
        return house
    return plan


def _answer(session: Session) -> bool | None:
    """Return whether the candidate agreed that their data is kept as long as the plan says; None: nobody said."""
    return session.consent.items.get(ConsentItem.RETENTION) if session.consent else None


def _weeks_until(kind: str, last: datetime) -> list[str]:
    return [_mark(kind, last - timedelta(weeks=back)) for back in range(_WEEKS_BACK)]


def _mark(kind: str, at: datetime) -> str:
    year, week, _ = at.isocalendar()
    return f"{kind}:{year}-W{week:02d}"

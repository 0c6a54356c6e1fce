"""Whether a link is good now: `interview.invite` with the house's settings."""

from datetime import timedelta

from control_api.parts import Parts
from interview.invite import Invite, is_good
from interview.session import Session


def retention(parts: Parts) -> timedelta | None:
    """Return how long after its end a session is kept, and so its after-pages; None: until somebody erases it."""
    days: int = getattr(parts.settings, "retention_days", 90)
    return timedelta(days=days) if days else None


def opens_now(parts: Parts, invite: Invite, session: Session) -> bool:
    """Tell whether a link opens its session now."""
    return is_good(invite, session, parts.clock.now(), retention(parts))

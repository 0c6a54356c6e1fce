"""Whether a link is good now: `interview.invite` with the house's settings."""

from datetime import timedelta

from control_api.parts import Parts
from interview.invite import Invite, is_good
from interview.retention import retention_ends
from interview.session import Session


def retention(parts: Parts, session: Session) -> timedelta | None:
    """Return how long after its end a session is kept, and so its after-pages; None: until somebody erases it."""
    ends = retention_ends(session, parts.settings)
    return None if ends is None or session.ended_at is None else ends - session.ended_at


def opens_now(parts: Parts, invite: Invite, session: Session) -> bool:
    """Tell whether a link opens its session now."""
    return is_good(invite, session, parts.clock.now(), retention(parts, session))

"""What goes by itself when its time has come. The custodian calls it every `SESSION_CLEANUP_INTERVAL`."""

import logging

from control_api.parts import Parts
from control_api.privacy.erasing import anonymise
from control_api.sessions.ending import erase
from interview.errors import Conflict, NotFound
from interview.retention import declines_retention, last_decided_at, marks_to_look_at, retention_ends

log = logging.getLogger(__name__)

BY = "system:retention"
LOOK_AT = 1000
AT_ONCE = 100
"""Sessions that one call looks at, and lets go; the next call goes on."""


async def apply_retention(parts: Parts) -> int:
    """Erase, or anonymise, the sessions whose retention has ended; return how many.

    Several processes may do it at once: each step may be repeated. Raises `StorageUnavailable`.
    """
    now, settings = parts.clock.now(), parts.settings
    sessions = await parts.storage.sessions.marked(marks_to_look_at(now, settings), LOOK_AT)
    decisions = await parts.storage.reviews.decisions.of_all(
        session.session_id for session in sessions if declines_retention(session)
    )
    gone = 0
    for session in sessions:
        ends = retention_ends(session, settings, last_decided_at(decisions.get(session.session_id, [])))
        if ends is None or ends > now:
            continue
        if gone == AT_ONCE:
            break
        try:
            # who declined was told that everything is erased
            if settings.retention_action == "anonymise" and not declines_retention(session):
                await anonymise(parts.storage, parts.rooms, session, by=BY)
            else:
                await erase(parts.storage, parts.rooms, parts.clock, session, by=BY)
        except (Conflict, NotFound) as error:  # somebody else is at it; the next call looks again
            log.warning("session %s: its retention could not be applied: %s", session.session_id, error.code)
            continue
        gone += 1
    return gone

"""Filing what the candidate's page and seat tell, by the same rules as the camera, whether or not a proctor runs.

Nothing is remembered between two calls: the rules are told all that is stored about the page, and what they find is
filed under derived ids. So any replica may do it, at once and again; the next call files what a killed process left.
"""

import asyncio
import logging
from datetime import datetime
from functools import partial

from control_api.parts import Parts
from interview.errors import NotFound, StaleAttempt, StorageError, StorageUnavailable
from interview.incident import Incident
from interview.rules import IncidentChange, due_at, resume, rules_for, tick
from interview.rules.filing import incident_of
from interview.rules.page import page_observations
from interview.session import Session, Status
from interview.signals import OF_THE_PAGE

log = logging.getLogger(__name__)

_WAIT_S = 1.0
"""What becomes an incident within this time is waited for, so that it is filed before it is acknowledged.

What takes longer, because a plan says so, is filed when it is due, after the answer.
"""
RETRY_S = 5.0
"""How long after a look for which the database was away there is another one."""


async def file_page_incidents(parts: Parts, session: Session) -> int:
    """File what page and seat of a session told so far; return how many incidents were new or went on.

    Raises `StorageUnavailable`, and `StaleAttempt` (code `erased`) when the session is gone.
    """
    now = parts.clock.now()
    filed, due = await _file(parts, session, now)
    wait_s = 0.0 if due is None else (due - now).total_seconds()
    if due is None:
        return filed
    if wait_s > _WAIT_S:
        parts.due.look(session.session_id, wait_s, partial(_file_due, parts, session.session_id, due))
        return filed
    await asyncio.sleep(max(0.0, wait_s))
    # read again: it may have ended, or been paused, or the page told meanwhile what else it was
    later, _ = await _file(parts, await parts.storage.sessions.get(session.session_id), due)
    return filed + later


async def file_or_leave(parts: Parts, session_id: str) -> None:
    """File them where the call that is being answered must not fail with it: the page's next call does it then."""
    try:
        await file_page_incidents(parts, await parts.storage.sessions.get(session_id))
    except StorageError as error:
        log.warning("session %s: what its page told is filed later: %s", session_id, error.code)


async def _file_due(parts: Parts, session_id: str, due: datetime) -> None:
    """File what nobody has told to be over until now, and look again when the next is due, or the database is back."""
    try:
        now = max(due, parts.clock.now())
        _, later = await _file(parts, await parts.storage.sessions.get(session_id), now)
    except StorageUnavailable as error:
        log.warning("session %s: what its page told is filed in %.0f s: %s", session_id, RETRY_S, error.code)
        parts.due.look(session_id, RETRY_S, partial(_file_due, parts, session_id, due))
        return
    except (StorageError, NotFound, StaleAttempt) as error:
        log.warning("session %s: what its page told is filed later: %s", session_id, error.code)
        return
    if later is not None:
        wait_s = max(_WAIT_S, (later - now).total_seconds())
        parts.due.look(session_id, wait_s, partial(_file_due, parts, session_id, later))


async def _file(parts: Parts, session: Session, now: datetime) -> tuple[int, datetime | None]:
    """File what is to be filed at `now`; return how much, and when the next is due."""
    rules = rules_for(parts.rules, session.plan.proctoring, session.adjustments).only(OF_THE_PAGE)
    if not rules.watched or not session.is_kept:
        return 0, None
    events = await parts.storage.browser_events.of(session.session_id)
    state, found = resume(page_observations(session, events), rules)
    if session.status is Status.IN_PROGRESS:
        state, ripe = tick(state, now, rules)
        found = [*found, *ripe]
    known = {one.incident_id: one for one in await parts.storage.incidents.of(session.session_id)} if found else {}
    filed = 0
    for change in found:
        incident = _incident(session, change, now)
        if _says_more(incident, known.get(incident.incident_id)):
            await parts.storage.incidents.file(incident)
            filed += 1
    return filed, due_at(state, rules) if session.status is Status.IN_PROGRESS else None


def _incident(session: Session, change: IncidentChange, now: datetime) -> Incident:
    attempt = session.attempt_at(change.started_at)
    return incident_of(change, session_id=session.session_id, attempt=attempt, filed_at=now)


def _says_more(incident: Incident, known: Incident | None) -> bool:
    if known is None:
        return True
    return incident.ended_at is not None and (known.ended_at is None or incident.ended_at > known.ended_at)

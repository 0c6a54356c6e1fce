"""Announcing is derived from state: what ended, became ready or was filed says by itself that it has to be told.

Whoever changes the state marks it in the same update (`announce: due`); here deliveries are made of it, and only then
it is marked as done. A crash in between repeats, and repeating is harmless: the deliveries' ids are derived.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from control_api.outgoing import news
from control_api.outgoing.news import News, tell
from control_api.parts import Parts
from interview.errors import StaleAttempt
from interview.incident import Incident
from interview.problem import RaisedProblem
from interview.report import Report
from interview.session import Session
from interview.storage.announcing import announced, due
from interview.storage.base import Collection, R

log = logging.getLogger(__name__)

_BATCH = 100
"""Of each kind at one call; the next call goes on."""


async def announce_due(parts: Parts) -> int:
    """Announce what has still to be told, at most a hundred of each kind; return how many there were.

    The custodian calls it at every tick. Any number of processes may, at once. Raises `StorageUnavailable`.
    """
    return (
        await announce_sessions(parts)
        + await announce_reports(parts)
        + await announce_incidents(parts)
        + await announce_problems(parts)
    )


async def announce_sessions(parts: Parts) -> int:
    """Announce the sessions that ended. One that began again meanwhile is left alone."""

    def still(session: Session) -> Mapping[str, Any]:
        return {"status": session.status, "attempt": session.attempt}

    return await _announce(parts, parts.storage.sessions.collection, news.session_ended, still)


async def announce_reports(parts: Parts) -> int:
    """Announce the reports that are ready."""

    def still(report: Report) -> Mapping[str, Any]:
        return {"status": report.status}

    return await _announce(parts, parts.storage.reports.collection, news.report_ready, still)


async def announce_incidents(parts: Parts) -> int:
    """Announce the incidents that were filed."""

    def still(_: Incident) -> Mapping[str, Any]:
        return {}

    return await _announce(parts, parts.storage.incidents.collection, news.incident_filed, still)


async def announce_problems(parts: Parts) -> int:
    """Announce what candidates raised."""

    def still(_: RaisedProblem) -> Mapping[str, Any]:
        return {}

    return await _announce(parts, parts.storage.problems.collection, news.problem_raised, still)


async def _announce(
    parts: Parts, collection: Collection[R], as_news: Callable[[R], News], still: Callable[[R], Mapping[str, Any]]
) -> int:
    records = await due(collection, _BATCH)
    webhooks = await parts.storage.webhooks.all() if records else []
    for record in records:
        try:
            await tell(parts, as_news(record), webhooks)
        except StaleAttempt:
            continue  # erased meanwhile, and its mark with it
        await announced(collection, record, still(record))
    return len(records)

"""Sessions in outline, for those who watch many of them: never the plan, never the candidate's address."""

from datetime import datetime, timedelta
from typing import Any, cast

from interview.record import Moment, Record
from interview.session import Presence, Progress, Status
from interview.storage.base import Database, Document, encode

WATCHED = (Status.QUEUED, Status.IN_PROGRESS, Status.PAUSED)
MOST = 1000
UPDATED_IN = "updated_in"
"""A session's field with the ten seconds of its `updated_at`, as text: the embedded database finds quickly by text
only. It is in no record: `sessions` adds it to what is written."""
_FIELDS = (
    *("owner_id", "status", "created_at", "updated_at", "started_at", "clock_started_at", "ended_at"),
    *(
        "paused_at",
        "paused_total_s",
        "attempt",
        "progress",
        "presence",
        "evaluated_at",
        "agent.heartbeat_at",
        "history.at",
        "plan.title",
    ),
)


class Outline(Record):
    """What is seen of a session from afar."""

    session_id: str
    owner_id: str
    title: str
    status: Status
    attempt: int
    created_at: Moment
    updated_at: Moment
    started_at: Moment | None
    clock_started_at: Moment | None
    ended_at: Moment | None
    paused_at: Moment | None = None
    paused_total_s: float
    progress: Progress
    presence: Presence
    evaluated_at: Moment | None = None
    heartbeat_at: Moment | None
    moved_at: Moment
    """When it came into its status."""

    @property
    def last_activity_at(self) -> datetime:
        """When anything of it was last written, the interviewer's sign of life included."""
        return max(self.updated_at, self.heartbeat_at or self.updated_at)

    def duration_s(self, now: datetime) -> float:
        """The seconds since the candidate came, until now or the end, pauses excluded."""
        if self.clock_started_at is None:
            return 0.0
        took = (self.paused_at or self.ended_at or now) - self.clock_started_at
        return max(0.0, took.total_seconds() - self.paused_total_s)


class Outlines:
    """Reads outlines from the collection `sessions`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sessions = database.motor["sessions"]

    async def watched(self) -> list[Outline]:
        """Return the sessions that wait in the queue, run or pause, oldest first; at most 1000."""
        return await self._find({"status": {"$in": encode(WATCHED)}})

    async def changed(self, since: datetime, now: datetime) -> list[Outline]:
        """Return the sessions that were changed after `since`, and some that were shortly before; at most 1000.

        Deleted ones are among them. Clocks of processes may differ by ten seconds.
        """
        return await self._find({UPDATED_IN: {"$in": tens(since - timedelta(seconds=10), now + timedelta(seconds=10))}})

    async def _find(self, query: Document) -> list[Outline]:
        cursor = self._sessions.find(query, dict.fromkeys(_FIELDS, 1), sort=[("created_at", 1), ("_id", 1)], limit=MOST)
        return [_outline(document) for document in await self._database.run(lambda: cursor.to_list(MOST))]


def ten(moment: datetime) -> str:
    """Return the ten seconds that a UTC moment lies in: `2026-11-22T12:00:3`."""
    return moment.isoformat()[:18]


def tens(start: datetime, end: datetime) -> list[str]:
    """Return all the ten seconds from `start` to `end`, at most the last sixty of them."""
    start = max(start, end - timedelta(seconds=590))
    steps = int((end - start).total_seconds() // 10) + 1
    return sorted({ten(start + timedelta(seconds=10 * step)) for step in range(steps)} | {ten(end)})


def _outline(document: Document) -> Outline:
    values: dict[str, Any] = dict(document)
    agent, history, plan = (values.pop(name, None) for name in ("agent", "history", "plan"))
    values["session_id"] = values.pop("_id")
    values["title"] = cast(dict[str, Any], plan or {}).get("title", "")
    values["heartbeat_at"] = cast(dict[str, Any], agent or {}).get("heartbeat_at")
    moves = cast(list[dict[str, Any]], history or [])
    values["moved_at"] = moves[-1]["at"] if moves else values["created_at"]
    return Outline.model_validate(values)

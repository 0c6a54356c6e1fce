"""The queue of report builds, and the reports themselves."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from interview.clock import Clock
from interview.errors import NotFound, StaleAttempt
from interview.outgoing import Announce
from interview.report import Report, ReportStatus, anonymised_report
from interview.storage import announcing
from interview.storage.base import SEALED, Collection, Database, Duplicate, Shape
from interview.storage.erasure import Tombstones
from interview.storage.files import Files
from interview.storage.leasing import Queue

FAIR_STEP_S = 0.6
"""How long a report is taken to need when places are given out: a hundred a minute."""

SHAPE = Shape(
    collection="reports",
    record=Report,
    key=lambda report: report.report_id,
    anonymised=anonymised_report,
    sealed=("content",),
    indexes=(
        IndexModel([("session_id", 1), ("version", 1)], unique=True),
        IndexModel([("status", 1), ("turn_at", 1)]),
        IndexModel([("owner_id", 1), ("status", 1)]),
        announcing.INDEX,
    ),
)


class Reports:
    """The collection `reports`, and the rendered pages among the files."""

    def __init__(self, database: Database, files: Files, clock: Clock) -> None:
        self.collection = Collection(database, SHAPE)
        self._queue = Queue(
            self.collection,
            waiting=(ReportStatus.QUEUED, ReportStatus.PARTIAL),
            held=ReportStatus.BUILDING,
            order="turn_at",
            also={"progress": ""},
        )
        self._files = files
        self._clock = clock
        self._tombstones = Tombstones(database)

    async def enqueue(self, session_id: str, after_s: float = 0.0) -> Report:
        """Queue the session's first report and return it, or the one that is there already.

        It is claimable after `after_s`: an interview that was ended from outside needs a moment to write its last
        words. Raises `StaleAttempt` (code `erased`) when the session is gone.
        """
        return await self._add(session_id, 1, after_s=after_s)

    async def rebuild(self, session_id: str, *, reason: str, afresh: bool = False) -> Report:
        """Queue the report anew, as the next version; one that is under way already is returned instead.

        The versions before stay as they are. `afresh` scores everything again. Raises as `enqueue`.
        """
        latest = await self.latest(session_id)
        if latest is not None and latest.status is ReportStatus.QUEUED and afresh <= latest.afresh:
            return latest
        number = latest.version + 1 if latest else 1
        return await self._add(session_id, number, reason=reason, afresh=afresh)

    async def requeue(self, report: Report) -> Report | None:
        """Give one that was given up another chance; None when it is not given up any more."""
        values = {**await self._waiting(report.owner_id), "attempts": 0, "waits": 0, "failure": "", "owner": None}
        failed = {"_id": report.report_id, "status": ReportStatus.FAILED}
        queued = await self.collection.change(failed, {"$set": values})
        self._queue.has_changed()
        return queued

    async def claim(self, owner: str, lease_s: float) -> Report | None:
        """Take the next report that waits, or whose builder's lease is past, for `lease_s`; None if there is none.

        `owner` names this worker and nobody else, also not its predecessor.
        """
        return await self._queue.claim(owner, self._clock.now(), lease_s)

    async def renew(self, report_id: str, owner: str, lease_s: float, progress: str) -> None:
        """Hold the lease for `lease_s` more and say how far it is. Raises `StaleAttempt` if it is another's."""
        until = self._clock.now() + timedelta(seconds=lease_s)
        await self._change_own(report_id, owner, {"lease_until": until, "progress": progress})

    async def draft(self, report_id: str, owner: str, content: dict[str, Any], html: bytes) -> None:
        """Store what can be read while the rest is still made. Raises `StaleAttempt` if the report is another's."""
        await self._put(report_id, owner, content, html, {})

    async def finish(self, report_id: str, owner: str, content: dict[str, Any], html: bytes) -> None:
        """Store the result: `content` is JSON-ready values. Raises `StaleAttempt` if the report is another's.

        Each attempt's page is a file of its own, so that a late loser cannot overwrite the winner's.
        """
        result = {
            "status": ReportStatus.READY,
            "ready_at": self._clock.now(),
            "lease_until": None,
            "progress": "",
            "failure": "",
            "announce": Announce.DUE,
        }
        await self._put(report_id, owner, content, html, result)

    async def finish_partly(
        self, report_id: str, owner: str, content: dict[str, Any], html: bytes, *, lacks: str, again_at: datetime
    ) -> None:
        """Store all but the scores, and come back to it at `again_at`. Raises `StaleAttempt` as `finish`."""
        await self._put(report_id, owner, content, html, {})
        await self.wait(report_id, owner, lacks=lacks, again_at=again_at)

    async def wait(self, report_id: str, owner: str, *, lacks: str, again_at: datetime) -> None:
        """Leave one that can be read as it is until `again_at`. Raises `StaleAttempt` as `finish`.

        Its attempts begin anew: that somebody else is away is no fault of the report.
        """
        waiting = {
            "status": ReportStatus.PARTIAL,
            "owner": None,
            "lease_until": None,
            "progress": "",
            "failure": lacks,
            "not_before": again_at,
            "attempts": 0,
        }
        await self._change_own(report_id, owner, waiting, {"$inc": {"waits": 1}})

    async def retry_later(self, report_id: str, owner: str, failure: str, not_before: datetime) -> None:
        """Put the report back into the queue. Raises `StaleAttempt` if it is another's."""
        back = {
            "status": ReportStatus.QUEUED,
            "owner": None,
            "lease_until": None,
            "failure": failure,
            "not_before": not_before,
        }
        await self._change_own(report_id, owner, back)

    async def fail(self, report_id: str, owner: str, failure: str) -> None:
        """Give the report up, saying why. Raises `StaleAttempt` if it is another's."""
        result = {"status": ReportStatus.FAILED, "lease_until": None, "progress": "", "failure": failure}
        await self._change_own(report_id, owner, result)

    async def latest(self, session_id: str) -> Report | None:
        """Return the newest version of a session's report, or None."""
        return await self.collection.first({"session_id": session_id}, [("version", -1)])

    async def versions(self, session_id: str) -> list[Report]:
        """Return every version of a session's report, the oldest first."""
        return await self.collection.find({"session_id": session_id}, [("version", 1)])

    async def version(self, session_id: str, version: int) -> Report | None:
        """Return that version of a session's report, or None."""
        return await self.collection.get(f"{session_id}:{version}")

    async def hand_over(self, session_id: str, owner_id: str) -> None:
        """Note whose the session is now."""
        await self.collection.update_all({"session_id": session_id}, {"$set": {"owner_id": owner_id}})

    async def unfinished(self, owner_id: str | None, limit: int) -> list[Report]:
        """Return reports that are not ready, of one owner or of all, in the order of the queue: the given up first."""
        found: list[Report] = []
        for status in (ReportStatus.FAILED, ReportStatus.PARTIAL, ReportStatus.BUILDING, ReportStatus.QUEUED):
            query = {"status": status} | ({} if owner_id is None else {"owner_id": owner_id})
            if len(found) < limit:
                found += await self.collection.find_valid(query, [("turn_at", 1)], limit - len(found))
        return found

    async def html(self, report: Report) -> bytes:
        """Return the rendered page. Raises `NotFound` while there is none."""
        if report.html_file_id is None:
            raise NotFound(f"the report {report.report_id} has no page yet; it is {report.status}")
        return await self._files.get(report.html_file_id)

    async def counts_by_status(self) -> dict[ReportStatus, int]:
        """Count the reports in each status; those that do not occur are 0."""
        found = await self.collection.counts_by("status", {})
        return {status: found.get(status.value, 0) for status in ReportStatus}

    async def waiting(self) -> int:
        """Count the reports that nobody builds yet."""
        return await self.collection.count({"status": ReportStatus.QUEUED})

    async def _add(
        self, session_id: str, version: int, *, after_s: float = 0.0, reason: str = "", afresh: bool = False
    ) -> Report:
        owner_id = await self._tombstones.owner_of(session_id) or ""
        report = Report(
            session_id=session_id,
            version=version,
            owner_id=owner_id,
            reason=reason,
            afresh=afresh,
            **await self._waiting(owner_id, after_s),
        )
        try:
            await self.collection.insert(report)
        except Duplicate:
            return await self.collection.get(report.report_id) or report
        self._queue.has_changed()
        await self._tombstones.refuse(session_id, lambda: self.collection.delete({"_id": report.report_id}))
        return report

    async def _waiting(self, owner_id: str, after_s: float = 0.0) -> dict[str, Any]:
        """Return a place in the queue: behind as much as a fair share of the others as this owner has waiting.

        So somebody who ends a thousand interviews at once does not keep everybody else waiting for all of them.
        """
        now = self._clock.now()
        waiting = await self.collection.count({"owner_id": owner_id, "status": ReportStatus.QUEUED})
        return {
            "status": ReportStatus.QUEUED,
            "queued_at": now,
            "not_before": now + timedelta(seconds=after_s),
            "turn_at": now + timedelta(seconds=FAIR_STEP_S * waiting),
        }

    async def _put(
        self, report_id: str, owner: str, content: dict[str, Any], html: bytes, result: Mapping[str, Any]
    ) -> None:
        report = await self.collection.get(report_id)
        if report is None or report.owner != owner or report.status is not ReportStatus.BUILDING:
            raise _not_yours(report_id, owner)
        file_id = f"report:{report_id}:{report.waits}.{report.attempts}"
        await self._files.put(file_id, html, session_id=report.session_id, content_type="text/html")
        sealed = {SEALED: self.collection.seal(report_id, {"content": content})}
        await self._change_own(report_id, owner, {**result, **sealed, "html_file_id": file_id})
        if report.html_file_id not in (None, file_id):
            await self._files.delete(report.html_file_id)

    async def _change_own(
        self, report_id: str, owner: str, values: Mapping[str, Any], also: Mapping[str, Any] = {}
    ) -> None:
        own = {"_id": report_id, "owner": owner, "status": ReportStatus.BUILDING}
        if await self.collection.change(own, {"$set": values, **also}) is None:
            raise _not_yours(report_id, owner)


def _not_yours(report_id: str, owner: str) -> StaleAttempt:
    return StaleAttempt(f"{owner} does not hold the report {report_id} any more; another worker has it")

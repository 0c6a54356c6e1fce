"""The queue of report builds, and the reports themselves."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from interview.clock import Clock
from interview.errors import NotFound, StaleAttempt
from interview.outgoing import Announce
from interview.report import Report, ReportStatus, anonymised_report
from interview.storage import announcing, leasing
from interview.storage.base import SEALED, Collection, Database, Duplicate, Shape
from interview.storage.erasure import Tombstones
from interview.storage.files import Files

SHAPE = Shape(
    collection="reports",
    record=Report,
    key=lambda report: report.report_id,
    anonymised=anonymised_report,
    sealed=("content",),
    indexes=(
        IndexModel([("session_id", 1), ("version", 1)], unique=True),
        IndexModel([("status", 1), ("queued_at", 1)]),
        announcing.INDEX,
    ),
)


class Reports:
    """The collection `reports`, and the rendered pages among the files."""

    def __init__(self, database: Database, files: Files, clock: Clock) -> None:
        self.collection = Collection(database, SHAPE)
        self._files = files
        self._clock = clock
        self._tombstones = Tombstones(database)

    async def enqueue(self, session_id: str, after_s: float = 0.0) -> Report:
        """Queue the session's report and return it, or the one that is there already.

        It is claimable after `after_s`: an interview that was ended from outside needs a moment to write its last
        words. Raises `StaleAttempt` (code `erased`) when the session is gone.
        """
        now = self._clock.now()
        report = Report(session_id=session_id, queued_at=now, not_before=now + timedelta(seconds=after_s))
        try:
            await self.collection.insert(report)
        except Duplicate:
            return await self.collection.get(report.report_id) or report
        await self._tombstones.refuse(session_id, lambda: self.collection.delete({"_id": report.report_id}))
        return report

    async def claim(self, owner: str, lease_s: float) -> Report | None:
        """Take the oldest report that waits, or whose builder's lease is past, for `lease_s`; None if there is none.

        `owner` names this worker and nobody else, also not its predecessor.
        """
        return await leasing.claim(
            self.collection,
            waiting=ReportStatus.QUEUED,
            held=ReportStatus.BUILDING,
            owner=owner,
            now=self._clock.now(),
            lease_s=lease_s,
            also={"progress": ""},
        )

    async def renew(self, report_id: str, owner: str, lease_s: float, progress: str) -> None:
        """Hold the lease for `lease_s` more and say how far it is. Raises `StaleAttempt` if it is another's."""
        until = self._clock.now() + timedelta(seconds=lease_s)
        await self._change_own(report_id, owner, {"lease_until": until, "progress": progress})

    async def finish(self, report_id: str, owner: str, content: dict[str, Any], html: bytes) -> None:
        """Store the result: `content` is JSON-ready values. Raises `StaleAttempt` if the report is another's.

        Each attempt's page is a file of its own, so that a late loser cannot overwrite the winner's.
        """
        report = await self.collection.get(report_id)
        if report is None or report.owner != owner or report.status is not ReportStatus.BUILDING:
            raise _not_yours(report_id, owner)
        file_id = f"report:{report_id}:{report.attempts}"
        await self._files.put(file_id, html, session_id=report.session_id, content_type="text/html")
        result = {
            "status": ReportStatus.READY,
            "ready_at": self._clock.now(),
            "lease_until": None,
            "progress": "",
            "failure": "",
            "html_file_id": file_id,
            "announce": Announce.DUE,
            SEALED: self.collection.seal(report_id, {"content": content}),
        }
        await self._change_own(report_id, owner, result)

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
        result = {"status": ReportStatus.FAILED, "lease_until": None, "failure": failure}
        await self._change_own(report_id, owner, result)

    async def latest(self, session_id: str) -> Report | None:
        """Return the newest version of a session's report, or None."""
        return await self.collection.first({"session_id": session_id}, [("version", -1)])

    async def version(self, session_id: str, version: int) -> Report | None:
        """Return that version of a session's report, or None."""
        return await self.collection.get(f"{session_id}:{version}")

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

    async def _change_own(self, report_id: str, owner: str, values: Mapping[str, Any]) -> None:
        own = {"_id": report_id, "owner": owner, "status": ReportStatus.BUILDING}
        if await self.collection.change(own, {"$set": values}) is None:
            raise _not_yours(report_id, owner)


def _not_yours(report_id: str, owner: str) -> StaleAttempt:
    return StaleAttempt(f"{owner} does not hold the report {report_id} any more; another worker has it")

"""The worker: claims queued reports by lease, builds them, and keeps the promise that none waits forever."""

import asyncio
import logging
import random
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from jinja2 import TemplateError

from interview import logs
from interview.clock import Clock
from interview.errors import ProviderUnavailable, StaleAttempt, StorageUnavailable, VivaError
from interview.report import Report
from interview.storage import Storage
from interview.tracing import span
from providers.chat import ChatClient
from reports.build import Sources, build
from reports.content import ReportContent
from reports.render.data import to_data
from reports.render.page import to_html
from reports.scores import Score
from reports.scoring import score_all

log = logging.getLogger(__name__)

LONGEST_RETRY_S = 300.0
RELEASE_S = 5.0
"""How long a stopping worker tries to hand its report back; after that the lease runs out by itself."""
_BUILD_FAULTS = (VivaError, ValueError, TypeError, LookupError, ArithmeticError, TemplateError)
"""What a report that cannot be built raises: it is the report that fails then, not the worker."""


@dataclass(frozen=True)
class Limits:
    """The bounds of a worker's patience, in seconds and attempts."""

    lease_s: float
    poll_s: float
    max_attempts: int
    retry_s: float
    """The first wait after a failure; it doubles with each."""
    deadline_s: float
    """For scoring one competency."""


class ReportsWorker:
    """Builds one report at a time. `owner` must be new with every start: leases are held by it."""

    def __init__(self, storage: Storage, chat: ChatClient, clock: Clock, limits: Limits, owner: str) -> None:
        self._storage = storage
        self._chat = chat
        self._clock = clock
        self._limits = limits
        self._owner = owner
        self._progress = ""
        self.busy = False
        """Whether a report is in hand."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; a report in hand is given back to the queue."""
        working = asyncio.create_task(self._work())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            await _ended(working, stopping)

    async def work_once(self) -> bool:
        """Claim and settle one report; False when none waits. Raises `StorageUnavailable`."""
        report = await self._storage.reports.claim(self._owner, self._limits.lease_s)
        if report is None:
            return False
        self._progress = ""
        self.busy = True
        logs.about(report.session_id)
        log.info("report %s: attempt %d", report.report_id, report.attempts)
        try:
            with span("report", session_id=report.session_id, attempt=report.attempts):
                await self._settle(report)
        except StaleAttempt:
            log.warning("report %s was taken over or erased; leaving it", report.report_id)
        except asyncio.CancelledError:
            await self._release(report)
            raise
        finally:
            self.busy = False
            logs.about("")
        return True

    async def _work(self) -> None:
        while True:
            try:
                worked = await self.work_once()
            except StorageUnavailable as error:
                log.warning("the database is away: %s", error.message)
                worked = False
            if not worked:
                await asyncio.sleep(self._limits.poll_s)

    async def _settle(self, report: Report) -> None:
        if report.attempts > self._limits.max_attempts:
            reason = report.failure or "the workers that built it died"
            await self._storage.reports.fail(
                report.report_id, self._owner, f"given up after {self._limits.max_attempts} attempts: {reason}"
            )
            return
        try:
            content = await self._held(report, self._content(report))
            html = to_html(content)
            await self._storage.reports.finish(report.report_id, self._owner, to_data(content), html)
        except (StaleAttempt, StorageUnavailable):
            raise
        except _BUILD_FAULTS as error:
            await self._note_failure(report, error)
        else:
            log.info("report %s is ready", report.report_id)

    async def _content(self, report: Report) -> ReportContent:
        storage, session_id = self._storage, report.session_id
        self._progress = "reading"
        session = await storage.sessions.get(session_id)
        turns = await storage.turns.of(session_id)
        scores = await score_all(
            self._chat, session.plan, turns, deadline_s=self._limits.deadline_s, on_progress=self._note_progress
        )
        if report.attempts < self._limits.max_attempts and _model_is_away(scores):
            raise ProviderUnavailable("the language model could not be reached for any competency")
        sources = Sources(
            session=session,
            turns=turns,
            incidents=await storage.incidents.of(session_id),
            recordings=await storage.recordings.of(session_id),
            scores=scores,
        )
        self._progress = "writing"
        return build(sources, self._clock.now())

    async def _held(self, report: Report, work: Coroutine[Any, Any, ReportContent]) -> ReportContent:
        """Run `work` while renewing the lease. Raises `StaleAttempt`, and ends the work, once it is
        another's.
        """
        working = asyncio.create_task(work)
        holding = asyncio.create_task(self._hold(report))
        try:
            await asyncio.wait({working, holding}, return_when=asyncio.FIRST_COMPLETED)
            if holding.done():
                holding.result()
            return working.result()
        finally:
            await _ended(working, holding)

    async def _hold(self, report: Report) -> None:
        while True:
            await asyncio.sleep(self._limits.lease_s / 3)
            await self._renew(report)

    async def _renew(self, report: Report) -> None:
        try:
            await self._storage.reports.renew(report.report_id, self._owner, self._limits.lease_s, self._progress)
        except StorageUnavailable as error:
            log.warning("report %s: the lease was not renewed: %s", report.report_id, error.message)

    async def _note_progress(self, words: str) -> None:
        self._progress = words

    async def _note_failure(self, report: Report, error: Exception) -> None:
        """Queue the report again, later each time, or give it up with the reason.

        The error's own words are kept only where they are ours: others may hold what was said.
        """
        reason = error.message if isinstance(error, VivaError) else f"{type(error).__name__} while building"
        where = _place(error)
        if report.attempts >= self._limits.max_attempts:
            log.error("report %s failed for good at %s: %s", report.report_id, where, reason)
            await self._storage.reports.fail(report.report_id, self._owner, reason)
            return
        wait_s = min(self._limits.retry_s * 2 ** (report.attempts - 1), LONGEST_RETRY_S)
        wait_s *= 1 + random.random() / 5  # workers that failed together do not come back together
        log.warning("report %s failed at %s, again in %.1f s: %s", report.report_id, where, wait_s, reason)
        not_before = self._clock.now() + timedelta(seconds=wait_s)
        await self._storage.reports.retry_later(report.report_id, self._owner, reason, not_before)

    async def _release(self, report: Report) -> None:
        try:
            async with asyncio.timeout(RELEASE_S):
                await self._storage.reports.retry_later(
                    report.report_id, self._owner, "the worker was stopped", self._clock.now()
                )
        except (VivaError, TimeoutError) as error:
            log.warning("report %s was not given back (%s); its lease runs out", report.report_id, type(error).__name__)


def _model_is_away(scores: tuple[Score, ...]) -> bool:
    called = [score for score in scores if score.called]
    return bool(called) and all(score.unavailable for score in called)


def _place(error: Exception) -> str:
    """Name the innermost place in the code that raised, for the log."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}"


async def _ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait for them; their results have been taken already, or are of no use."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)

"""What every worker on a leased queue does: claim, hold the lease, retry, give up, give back. None waits forever."""

import asyncio
import logging
import random
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from jinja2 import TemplateError

from interview import logs
from interview.clock import Clock
from interview.errors import StaleAttempt, StorageError, StorageUnavailable, VivaError
from interview.tracing import span

log = logging.getLogger(__name__)

LONGEST_RETRY_S = 300.0
NEWS_S = 0.5
"""How often it is looked whether a job has news, so that a quick one writes none of it and a slow one is not silent."""
RELEASE_S = 5.0
"""How long a stopping worker tries to hand its work back; after that the lease runs out by itself."""
_FAULTS = (VivaError, ValueError, TypeError, LookupError, ArithmeticError, TemplateError)
"""What work that cannot be done raises: it is the work that fails then, not the worker."""


@dataclass(frozen=True)
class Limits:
    """The bounds of a worker's patience, in seconds and attempts."""

    lease_s: float
    poll_s: float
    max_attempts: int
    retry_s: float
    """The first wait after a failure; it doubles with each."""
    deadline_s: float
    """For one thing that the model is asked."""


class Job(Protocol):
    """What all queued records have."""

    @property
    def session_id(self) -> str:
        """The session that it is about."""
        ...

    @property
    def attempts(self) -> int:
        """How often it was claimed."""
        ...

    @property
    def failure(self) -> str:
        """Why the last attempt came to nothing."""
        ...


J = TypeVar("J", bound=Job)


class LeaseWorker(ABC, Generic[J]):
    """Does at most `at_once` jobs of one queue at the same time. `owner` must be new with every start.

    Each claim is held under a name of its own, made of `owner`: a job whose lease was lost is another's, also when it
    is the same worker's again.
    """

    kind: str
    """What a job is called in logs and traces."""

    def __init__(self, clock: Clock, limits: Limits, owner: str, at_once: int = 1) -> None:
        self._clock = clock
        self._limits = limits
        self._owner = owner
        self._at_once = at_once
        self._claims = 0
        self.busy = 0
        """How many jobs are in hand."""

    @abstractmethod
    async def claim(self, owner: str, lease_s: float) -> J | None:
        """Take the next job."""

    @abstractmethod
    async def do(self, job: J) -> None:
        """Do the job and store its result. Raises what is wrong with the job, or `StaleAttempt`."""

    @abstractmethod
    async def renew(self, job: J, lease_s: float) -> None:
        """Hold the lease for longer. Raises `StaleAttempt` when it is another's."""

    @abstractmethod
    async def retry_later(self, job: J, failure: str, not_before: datetime) -> None:
        """Put the job back. Raises `StaleAttempt` as `renew`."""

    @abstractmethod
    async def give_up(self, job: J, failure: str) -> None:
        """Note that the job is done no more. Raises `StaleAttempt` as `renew`."""

    @abstractmethod
    def key(self, job: J) -> str:
        """Return the job's id."""

    def has_news(self, job: J) -> bool:
        """Tell whether something about the job is worth renewing its lease early, to be seen with it."""
        return False

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; what is in hand then is given back to the queue."""
        working = asyncio.create_task(self._work())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            await _ended(working, stopping)

    async def work_once(self) -> bool:
        """Claim and settle one job; False when none waits. Raises `StorageUnavailable`."""
        job = await self._claim()
        if job is None:
            return False
        await self._settle_noted(job)
        return True

    async def _work(self) -> None:
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                job = await self._claim_if_there(len(running))
                if job is not None:
                    running.add(asyncio.create_task(self._settle_in_work(job), name=f"{self.kind} {self.key(job)}"))
                elif running:
                    await asyncio.wait(running, timeout=self._limits.poll_s, return_when=asyncio.FIRST_COMPLETED)
                else:
                    await asyncio.sleep(self._limits.poll_s)
                for task in [task for task in running if task.done()]:
                    running.discard(task)
                    task.result()
        finally:
            await _ended(*running)

    async def _claim(self) -> J | None:
        self._claims += 1
        return await self.claim(f"{self._owner}.{self._claims}", self._limits.lease_s)

    async def _claim_if_there(self, in_hand: int) -> J | None:
        if in_hand >= self._at_once:
            return None
        try:
            return await self._claim()
        except StorageUnavailable as error:
            log.warning("the database is away: %s", error.message)
        except StorageError as error:
            # a document that a hand or a defect has spoilt is leased now: the others go on
            log.error("a %s cannot be read: %s", self.kind, error.message)
        return None

    async def _settle_in_work(self, job: J) -> None:
        try:
            await self._settle_noted(job)
        except StorageUnavailable as error:
            log.warning("%s %s: the database is away: %s", self.kind, self.key(job), error.message)

    async def _settle_noted(self, job: J) -> None:
        self.busy += 1
        logs.about(job.session_id)
        log.info("%s %s: attempt %d", self.kind, self.key(job), job.attempts)
        try:
            with span(self.kind, session_id=job.session_id, attempt=job.attempts):
                await self._settle(job)
        except StaleAttempt:
            log.warning("%s %s was taken over, has changed or was erased; leaving it", self.kind, self.key(job))
        except asyncio.CancelledError:
            await self._release(job)
            raise
        finally:
            self.busy -= 1
            logs.about("")

    async def _settle(self, job: J) -> None:
        if job.attempts > self._limits.max_attempts:
            reason = job.failure or "the workers that had it died"
            await self.give_up(job, f"given up after {self._limits.max_attempts} attempts: {reason}")
            return
        try:
            await self._held(job, self.do(job))
        except (StaleAttempt, StorageUnavailable):
            raise
        except _FAULTS as error:
            await self._note_failure(job, error)
        else:
            log.info("%s %s is ready", self.kind, self.key(job))

    async def _held(self, job: J, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` while renewing the lease. Raises `StaleAttempt`, and ends the work, once it is
        another's.
        """
        working = asyncio.create_task(work)
        holding = asyncio.create_task(self._hold(job))
        try:
            await asyncio.wait({working, holding}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            return holding.result()
        finally:
            await _ended(working, holding)

    async def _hold(self, job: J) -> None:
        left_s = self._limits.lease_s / 3
        while True:
            await asyncio.sleep(min(left_s, NEWS_S))
            left_s -= NEWS_S
            if left_s > 0 and not self.has_news(job):
                continue
            left_s = self._limits.lease_s / 3
            try:
                await self.renew(job, self._limits.lease_s)
            except StorageUnavailable as error:
                log.warning("%s %s: the lease was not renewed: %s", self.kind, self.key(job), error.message)

    async def _note_failure(self, job: J, error: Exception) -> None:
        """Queue the job again, later each time, or give it up with the reason.

        The error's own words are kept only where they are ours: others may hold what was said.
        """
        reason = error.message if isinstance(error, VivaError) else f"{type(error).__name__} at work"
        where = _place(error)
        if job.attempts >= self._limits.max_attempts:
            log.error("%s %s failed for good at %s: %s", self.kind, self.key(job), where, reason)
            await self.give_up(job, reason)
            return
        wait_s = min(self._limits.retry_s * 2 ** (job.attempts - 1), LONGEST_RETRY_S)
        wait_s *= 1 + random.random() / 5  # workers that failed together do not come back together
        log.warning("%s %s failed at %s, again in %.1f s: %s", self.kind, self.key(job), where, wait_s, reason)
        await self.retry_later(job, reason, self._clock.now() + timedelta(seconds=wait_s))

    async def _release(self, job: J) -> None:
        try:
            async with asyncio.timeout(RELEASE_S):
                await self.retry_later(job, "the worker was stopped", self._clock.now())
        except (VivaError, TimeoutError) as error:
            log.warning(
                "%s %s was not given back (%s); its lease runs out", self.kind, self.key(job), type(error).__name__
            )


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

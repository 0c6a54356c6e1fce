"""The loop that proposes questions: claims what was asked for by lease, asks the model, stores what may be shown."""

import asyncio
import logging
import random
from datetime import timedelta

from interview import logs
from interview.clock import Clock
from interview.errors import NotFound, ProviderError, StaleAttempt, StorageUnavailable, VivaError
from interview.plan import QuestionSource
from interview.proposal import ProposalRun
from interview.session import Session, Status
from interview.storage import Storage
from interview.tracing import span
from providers.chat import ChatClient
from reports.proposals import (
    PROMPT,
    PROMPT_VERSION,
    Material,
    QuestionProposals,
    accept,
    system_prompt,
    user_message,
)
from reports.worker import LONGEST_RETRY_S, RELEASE_S, Limits

log = logging.getLogger(__name__)

_TOKENS_A_QUESTION = 180
_MARGIN_S = 30.0
"""How much longer than the model's deadline a lease is: a run is one call, so that nothing has to be renewed."""


class ProposalsWorker:
    """Proposes questions for one session at a time. `owner` must be new with every start: leases are held by it.

    Of `limits`, `deadline_s` bounds the one call of the model and, with a margin, is the lease.
    """

    def __init__(self, storage: Storage, chat: ChatClient, clock: Clock, limits: Limits, owner: str) -> None:
        self._storage = storage
        self._chat = chat
        self._clock = clock
        self._limits = limits
        self._owner = owner
        self.busy = False
        """Whether a run is in hand."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; a run in hand is given back to the queue."""
        working = asyncio.create_task(self._work())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            for task in (working, stopping):
                task.cancel()
            await asyncio.gather(working, stopping, return_exceptions=True)

    async def work_once(self) -> bool:
        """Claim and settle one run; False when none waits. Raises `StorageUnavailable`."""
        run = await self._storage.proposals.claim(self._owner, self._limits.deadline_s + _MARGIN_S)
        if run is None:
            return False
        self.busy = True
        logs.about(run.session_id)
        try:
            with span("proposals", session_id=run.session_id, attempt=run.attempts):
                await self._settle(run)
        except StaleAttempt:
            log.warning("the proposals %s were taken over or erased; leaving them", run.run_id)
        except asyncio.CancelledError:
            await self._release(run)
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

    async def _settle(self, run: ProposalRun) -> None:
        proposals = self._storage.proposals
        if run.attempts > self._limits.max_attempts:
            await proposals.fail(run, f"given up after {self._limits.max_attempts} attempts: {run.failure}")
            return
        try:
            session = await self._storage.sessions.get(run.session_id)
        except NotFound:
            await proposals.fail(run, "the session is gone")
            return
        if session.status is not Status.INITIALIZED:
            await proposals.fail(run, "the interview has begun, so that nothing can be approved any more")
            return
        material = await self._material(run, session)
        if not material.texts:
            await proposals.fail(run, "there is nothing to draw questions from any more")
            return
        try:
            reply, usage = await self._chat.structured(
                name=PROMPT,
                system=system_prompt(material),
                user=user_message(material),
                schema=QuestionProposals,
                max_tokens=_TOKENS_A_QUESTION * material.limit,
                priority="background",
                deadline_s=self._limits.deadline_s,
            )
        except ProviderError as error:
            await self._note_failure(run, error)
            return
        accepted = accept(reply, material)
        log.info("proposals %s: %d, left out %s", run.run_id, len(accepted.questions), dict(accepted.dropped))
        prompt = f"{PROMPT}.v{PROMPT_VERSION}"
        await proposals.finish(run, accepted.questions, dropped=accepted.dropped, model=usage.model, prompt=prompt)

    async def _material(self, run: ProposalRun, session: Session) -> Material:
        texts: dict[QuestionSource, str] = {}
        if QuestionSource.RESUME in run.sources:
            resume = await self._storage.resumes.get(run.session_id)
            if resume is not None:
                texts[QuestionSource.RESUME] = resume.text
        if QuestionSource.JOB_DESCRIPTION in run.sources and session.plan.job_description.strip():
            texts[QuestionSource.JOB_DESCRIPTION] = session.plan.job_description
        return Material(session.plan, texts, run.limit)

    async def _note_failure(self, run: ProposalRun, error: ProviderError) -> None:
        """Queue the run again, later each time, or give it up with the reason."""
        if run.attempts >= self._limits.max_attempts:
            log.error("proposals %s failed for good: %s", run.run_id, error.message)
            await self._storage.proposals.fail(run, error.message)
            return
        wait_s = min(self._limits.retry_s * 2 ** (run.attempts - 1), LONGEST_RETRY_S)
        wait_s *= 1 + random.random() / 5  # workers that failed together do not come back together
        log.warning("proposals %s failed, again in %.1f s: %s", run.run_id, wait_s, error.message)
        not_before = self._clock.now() + timedelta(seconds=wait_s)
        await self._storage.proposals.retry_later(run, error.message, not_before)

    async def _release(self, run: ProposalRun) -> None:
        try:
            async with asyncio.timeout(RELEASE_S):
                await self._storage.proposals.retry_later(run, "the worker was stopped", self._clock.now())
        except (VivaError, TimeoutError) as error:
            log.warning("proposals %s were not given back (%s); the lease runs out", run.run_id, type(error).__name__)

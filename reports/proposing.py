"""The worker that proposes questions: what was asked for is claimed by lease; what may be shown is stored."""

import logging
from datetime import datetime

from interview.clock import Clock
from interview.errors import NotFound
from interview.plan import QuestionSource
from interview.proposal import ProposalRun
from interview.session import Session, Status
from interview.storage import Storage
from providers.chat import Chat
from providers.meter import Meter
from reports.lease_worker import LeaseWorker, Limits
from reports.metering import metered
from reports.proposals import (
    PROMPT,
    PROMPT_VERSION,
    Material,
    QuestionProposals,
    accept,
    system_prompt,
    user_message,
)

log = logging.getLogger(__name__)

_TOKENS_A_QUESTION = 180


class Proposer(LeaseWorker[ProposalRun]):
    """Proposes questions for one session at a time."""

    kind = "proposals"

    def __init__(
        self, storage: Storage, chat: Chat, clock: Clock, limits: Limits, owner: str, meter: Meter | None = None
    ) -> None:
        super().__init__(clock, limits, owner)
        self._meter = meter
        self._storage = storage
        self._chat = chat

    async def claim(self, owner: str, lease_s: float) -> ProposalRun | None:
        """Take the oldest run that waits."""
        return await self._storage.proposals.claim(owner, lease_s)

    async def renew(self, job: ProposalRun, lease_s: float) -> None:
        """Hold the lease for longer."""
        await self._storage.proposals.renew(job, lease_s)

    async def retry_later(self, job: ProposalRun, failure: str, not_before: datetime) -> None:
        """Put it back into the queue."""
        await self._storage.proposals.retry_later(job, failure, not_before)

    async def give_up(self, job: ProposalRun, failure: str) -> None:
        """Note that it was given up, and why."""
        await self._storage.proposals.fail(job, failure)

    def key(self, job: ProposalRun) -> str:
        """Return the run's id."""
        return job.run_id

    async def do(self, job: ProposalRun) -> None:
        """Ask the model, and store what may be shown; a run that can come to nothing any more is given up at once."""
        proposals = self._storage.proposals
        try:
            session = await self._storage.sessions.get(job.session_id)
        except NotFound:
            await proposals.fail(job, "the session is gone")
            return
        if session.status is not Status.INITIALIZED:
            await proposals.fail(job, "the interview has begun, so that nothing can be approved any more")
            return
        material = await self._material(job, session)
        if not material.texts:
            await proposals.fail(job, "there is nothing to draw questions from any more")
            return
        async with metered(self._meter, self._storage, job.session_id):
            reply, usage = await self._chat.structured(
                name=PROMPT,
                system=system_prompt(material),
                user=user_message(material),
                schema=QuestionProposals,
                max_tokens=_TOKENS_A_QUESTION * material.limit,
                priority="background",
                deadline_s=self._limits.deadline_s,
            )
        accepted = accept(reply, material)
        log.info("proposals %s: %d, left out %s", job.run_id, len(accepted.questions), dict(accepted.dropped))
        prompt = f"{PROMPT}.v{PROMPT_VERSION}"
        await proposals.finish(job, accepted.questions, dropped=accepted.dropped, model=usage.model, prompt=prompt)

    async def _material(self, run: ProposalRun, session: Session) -> Material:
        texts: dict[QuestionSource, str] = {}
        if QuestionSource.RESUME in run.sources:
            resume = await self._storage.resumes.get(run.session_id)
            if resume is not None:
                texts[QuestionSource.RESUME] = resume.text
        if QuestionSource.JOB_DESCRIPTION in run.sources and session.plan.job_description.strip():
            texts[QuestionSource.JOB_DESCRIPTION] = session.plan.job_description
        return Material(session.plan, texts, run.limit)

"""The worker that evaluates answers while their interview goes on: a few at a time, behind whoever is talking."""

import asyncio
from datetime import datetime

from interview.clock import Clock
from interview.corrections import corrected
from interview.evaluation import Evaluation, EvaluationResult
from interview.plan import Plan, Question
from interview.storage import Storage
from providers.chat import Chat
from providers.meter import Meter
from reports.answers import (
    PROMPT,
    PROMPT_VERSION,
    AnswerEvaluation,
    Reply,
    answer_to,
    question_of,
    result_of,
    system_prompt,
)
from reports.asking import Asker
from reports.asking import Question as AskedOnce
from reports.corrections import corrections_of
from reports.lease_worker import LeaseWorker, Limits
from reports.metering import metered
from reports.scores import Evidence, too_thin, user_message

MAX_TOKENS = 200


class Evaluator(LeaseWorker[Evaluation]):
    """Evaluates at most `at_once` answers at the same time: a bound to what the provider is asked."""

    kind = "evaluation"

    def __init__(
        self,
        storage: Storage,
        chat: Chat,
        clock: Clock,
        limits: Limits,
        owner: str,
        at_once: int,
        meter: Meter | None = None,
    ) -> None:
        super().__init__(clock, limits, owner, at_once)
        self._storage = storage
        self._chat = chat
        self._meter = meter
        self._gate = asyncio.Semaphore(max(at_once, 1))
        self._rest = 0

    async def claim(self, owner: str, lease_s: float) -> Evaluation | None:
        """Take the oldest answer that waits."""
        return await self._storage.evaluations.claim(owner, lease_s)

    async def finish_rest(self, session_id: str) -> None:
        """Evaluate what of a session waits, one after the other: its report needs it now.

        What fails is put back and left for later. Raises `StorageUnavailable`.
        """
        while True:
            self._rest += 1
            owner = f"{self._owner}.rest.{self._rest}"
            job = await self._storage.evaluations.claim(owner, self._limits.lease_s, session_id)
            if job is None:
                return
            await self._settle_noted(job)

    async def do(self, job: Evaluation) -> None:
        """Evaluate the answer, store what was found, and tell those who watch the session."""
        session = await self._storage.sessions.get(job.session_id)
        question = question_of(session.plan, job.question_id)
        heard = await self._storage.turns.of_question(job.session_id, job.question_id)
        turns = corrected(heard, await corrections_of(self._storage, job.session_id))
        answer = answer_to(session.plan, question, turns)
        async with metered(self._meter, self._storage, job.session_id):
            result = await self._result(job, session.plan, question, answer)
        await self._storage.evaluations.finish(job, result)
        await self._storage.sessions.note_evaluated(job.session_id)

    async def renew(self, job: Evaluation, lease_s: float) -> None:
        """Hold the lease, as long as the answer has not grown."""
        await self._storage.evaluations.renew(job, lease_s)

    async def retry_later(self, job: Evaluation, failure: str, not_before: datetime) -> None:
        """Put it back into the queue."""
        await self._storage.evaluations.retry_later(job, failure, not_before)

    async def give_up(self, job: Evaluation, failure: str) -> None:
        """Note that it was given up, and why."""
        await self._storage.evaluations.fail(job, failure)

    def key(self, job: Evaluation) -> str:
        """Return the evaluation's id."""
        return job.evaluation_id

    async def _result(self, job: Evaluation, plan: Plan, question: Question, answer: Evidence) -> EvaluationResult:
        if thin := too_thin(answer):
            return result_of(plan, answer, revision=job.revision, at=self._clock.now(), not_scorable=thin)
        asker = Asker(
            self._chat,
            self._storage.model_replies,
            self._clock,
            job.session_id,
            gate=self._gate,
            deadline_s=self._limits.deadline_s,
        )
        asked = AskedOnce(
            PROMPT,
            PROMPT_VERSION,
            system=system_prompt(question, answer),
            user=user_message(answer),
            max_tokens=MAX_TOKENS,
        )
        found = await asker.ask(asked, AnswerEvaluation)
        reply = Reply(found.reply, found.model, found.prompt_tokens, found.completion_tokens)
        return result_of(plan, answer, revision=job.revision, at=self._clock.now(), reply=reply)

"""The worker that builds reports: claims those of finished sessions by lease, a few at a time.

What needs no model can be read at once: when the scores take long, a draft is stored before them, and when the model is
away, the report is stored without them and comes back by itself. Nothing that was scored once is asked again.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from interview.clock import Clock
from interview.corrections import corrected
from interview.evaluation import Evaluation, EvaluationStatus
from interview.report import Report
from interview.storage import Storage
from providers.chat import Chat
from providers.meter import Meter
from reports.asking import Asker
from reports.build import Sources, build
from reports.corrections import corrections_of
from reports.evaluator import Evaluator
from reports.first_passes import first_passes
from reports.lease_worker import LONGEST_RETRY_S, LeaseWorker, Limits
from reports.metering import metered
from reports.render.data import to_data
from reports.render.page import to_html
from reports.scores import Score, under_way
from reports.scoring import score_all

DRAFT_AFTER_S = 2.0
"""Scores that take longer are not waited for by those who want to read the rest."""
EVALUATIONS_WAIT_S = 60.0
"""How long answers that another is evaluating at this moment are waited for."""
_AWAY = "the language model is away; the scores follow by themselves"
_LOOK_S = 0.2


@dataclass(frozen=True)
class Scoring:
    """How competencies are scored."""

    passes: int = 3
    at_once: int = 4
    """What is asked of the model at the same time, for all reports of the worker together."""
    wait_s: float = 24 * 3600
    """How long a report waits for its scores while the model is away."""


class ReportsWorker(LeaseWorker[Report]):
    """Builds at most `at_once` reports at the same time. `evaluator`, where given, evaluates what nobody has yet."""

    kind = "report"

    def __init__(
        self,
        storage: Storage,
        chat: Chat,
        clock: Clock,
        limits: Limits,
        owner: str,
        meter: Meter | None = None,
        *,
        scoring: Scoring = Scoring(),
        at_once: int = 1,
        evaluator: Evaluator | None = None,
    ) -> None:
        super().__init__(clock, limits, owner, at_once)
        self._meter = meter
        self._storage = storage
        self._chat = chat
        self._scoring = scoring
        self._gate = asyncio.Semaphore(scoring.at_once)
        self._evaluator = evaluator
        self._progress: dict[str, str] = {}
        """By report, how far it is."""
        self._told: dict[str, str] = {}
        """By report, how far it is said to be where all can see it."""

    async def claim(self, owner: str, lease_s: float) -> Report | None:
        """Take the next report that waits."""
        return await self._storage.reports.claim(owner, lease_s)

    async def do(self, job: Report) -> None:
        """Build the report and store it with its page; without its scores, where the model is away."""
        reports = self._storage.reports
        try:
            sources, is_evaluated = await self._sources(job)
            async with metered(self._meter, self._storage, job.session_id) as tab:
                scored = await self._scored(job, sources, is_evaluated=is_evaluated)
            sources = replace(scored, scoring=tab.usage)
            again_at = self._comes_back(job, sources.scores)
            if again_at is not None and job.is_readable and not _is_new(sources.scores):
                await reports.wait(job.report_id, _holder(job), lacks=_AWAY, again_at=again_at)
                return
            self._progress[job.report_id] = "writing"
            sources = replace(sources, scores_follow=again_at is not None)
            data, html = await asyncio.to_thread(_made, sources, self._clock.now())
            if again_at is None:
                await reports.finish(job.report_id, _holder(job), data, html)
            else:
                await reports.finish_partly(job.report_id, _holder(job), data, html, lacks=_AWAY, again_at=again_at)
        finally:
            self._progress.pop(job.report_id, None)
            self._told.pop(job.report_id, None)

    async def renew(self, job: Report, lease_s: float) -> None:
        """Hold the lease, and say how far it is."""
        progress = self._progress.get(job.report_id, "")
        await self._storage.reports.renew(job.report_id, _holder(job), lease_s, progress)
        self._told[job.report_id] = progress

    def has_news(self, job: Report) -> bool:
        """Tell whether it has come further than all can see."""
        return self._progress.get(job.report_id, "") != self._told.get(job.report_id, "")

    async def retry_later(self, job: Report, failure: str, not_before: datetime) -> None:
        """Put the report back into the queue."""
        await self._storage.reports.retry_later(job.report_id, _holder(job), failure, not_before)

    async def give_up(self, job: Report, failure: str) -> None:
        """Note that it cannot be built, and why."""
        await self._storage.reports.fail(job.report_id, _holder(job), failure)

    def key(self, job: Report) -> str:
        """Return the report's id."""
        return job.report_id

    async def _sources(self, job: Report) -> tuple[Sources, bool]:
        """Read what is stored, and queue what of the answers nobody evaluates yet; tell whether there was none."""
        storage, session_id = self._storage, job.session_id
        self._progress[job.report_id] = "reading"
        session = await storage.sessions.get(session_id)
        heard = await storage.turns.of(session_id)
        turns = corrected(heard, await corrections_of(storage, session_id))
        # every interview that ends comes by here, whoever ended it, and its last words are stored by now
        evaluations = await storage.evaluations.enqueue_rest(session_id, turns)
        sources = Sources(
            session=session,
            turns=turns,
            heard={turn.turn_id: turn.text for turn in heard},
            incidents=await storage.incidents.of(session_id),
            recordings=await storage.recordings.of(session_id),
            disturbances=await storage.disturbances.of(session_id),
            events=await storage.dialogue_events.of(session_id),
            evaluations=evaluations or (),
        )
        return sources, evaluations is not None

    async def _scored(self, job: Report, sources: Sources, *, is_evaluated: bool) -> Sources:
        """Add evaluations and scores, and store a draft when they take long."""
        scoring = asyncio.create_task(self._scores(job, sources, is_evaluated=is_evaluated))
        try:
            await asyncio.wait({scoring}, timeout=DRAFT_AFTER_S)
            if not scoring.done() and not job.is_readable:
                await self._draft(job, sources)
            scores, evaluations = await scoring
        finally:
            scoring.cancel()
            await asyncio.gather(scoring, return_exceptions=True)
        return replace(sources, scores=scores, evaluations=evaluations)

    async def _scores(
        self, job: Report, sources: Sources, *, is_evaluated: bool
    ) -> tuple[tuple[Score, ...], Sequence[Evaluation]]:
        plan, turns = sources.session.plan, sources.turns
        evaluations = sources.evaluations if is_evaluated else await self._evaluated(job)
        asker = Asker(
            self._chat,
            self._storage.model_replies,
            self._clock,
            job.session_id,
            gate=self._gate,
            deadline_s=self._limits.deadline_s,
            since=job.queued_at if job.afresh else None,
            asked=await self._storage.model_replies.asked_of(job.session_id),
        )

        def note(words: str) -> None:
            self._progress[job.report_id] = words

        scores = await score_all(
            asker,
            plan,
            turns,
            passes=self._scoring.passes,
            on_progress=note,
            known=first_passes(plan, turns, evaluations),
        )
        return scores, evaluations

    async def _evaluated(self, job: Report) -> list[Evaluation]:
        """Return the evaluations: see to those that wait, and wait for those that others have in hand."""
        evaluations = self._storage.evaluations
        if self._evaluator is not None:
            self._progress[job.report_id] = "evaluating answers"
            await self._evaluator.finish_rest(job.session_id)
        found = await evaluations.of(job.session_id)
        looks = round(EVALUATIONS_WAIT_S / _LOOK_S) if self._evaluator is not None else 0
        for _ in range(looks):
            if all(one.status is not EvaluationStatus.EVALUATING for one in found):
                break
            await asyncio.sleep(_LOOK_S)
            found = await evaluations.of(job.session_id)
        return found

    async def _draft(self, job: Report, sources: Sources) -> None:
        scores = under_way(sources.session.plan)
        sources = replace(sources, scores=scores, scores_follow=True)
        data, html = await asyncio.to_thread(_made, sources, self._clock.now())
        await self._storage.reports.draft(job.report_id, _holder(job), data, html)

    def _comes_back(self, job: Report, scores: Sequence[Score]) -> datetime | None:
        """Return when to ask the model again, or None where nothing is missing or was waited for long enough."""
        now = self._clock.now()
        if not any(score.unavailable for score in scores):
            return None
        if now >= job.queued_at + timedelta(seconds=self._scoring.wait_s):
            return None
        wait_s = min(self._limits.retry_s * 2 ** min(job.waits, 20), LONGEST_RETRY_S)
        return now + timedelta(seconds=wait_s * (1 + random.random() / 5))


def _made(sources: Sources, built_at: datetime) -> tuple[dict[str, object], bytes]:
    """Build and lay out. Of a long interview it takes seconds, in which leases have to be renewed: give it a thread."""
    content = build(sources, built_at)
    return to_data(content), to_html(content)


def _holder(report: Report) -> str:
    assert report.owner is not None, "a claimed report has an owner"
    return report.owner


def _is_new(scores: Sequence[Score]) -> bool:
    """Tell whether the model said anything now."""
    return any(score.prompt_tokens or score.completion_tokens for score in scores)

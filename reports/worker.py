"""The worker that builds reports: claims those of finished sessions by lease, one at a time."""

from datetime import datetime

from interview.clock import Clock
from interview.errors import ProviderUnavailable
from interview.report import Report
from interview.storage import Storage
from providers.chat import Chat
from providers.meter import Meter
from reports.build import Sources, build
from reports.content import ReportContent
from reports.lease_worker import LeaseWorker, Limits
from reports.metering import metered
from reports.render.data import to_data
from reports.render.page import to_html
from reports.scores import Score
from reports.scoring import score_all


class ReportsWorker(LeaseWorker[Report]):
    """Builds one report at a time."""

    kind = "report"

    def __init__(
        self, storage: Storage, chat: Chat, clock: Clock, limits: Limits, owner: str, meter: Meter | None = None
    ) -> None:
        super().__init__(clock, limits, owner)
        self._meter = meter
        self._storage = storage
        self._chat = chat
        self._progress = ""

    async def claim(self, owner: str, lease_s: float) -> Report | None:
        """Take the oldest report that waits."""
        self._progress = ""
        return await self._storage.reports.claim(owner, lease_s)

    async def do(self, job: Report) -> None:
        """Build the report and store it with its page."""
        content = await self._content(job)
        html = to_html(content)
        await self._storage.reports.finish(job.report_id, _holder(job), to_data(content), html)

    async def renew(self, job: Report, lease_s: float) -> None:
        """Hold the lease, and say how far it is."""
        await self._storage.reports.renew(job.report_id, _holder(job), lease_s, self._progress)

    async def retry_later(self, job: Report, failure: str, not_before: datetime) -> None:
        """Put the report back into the queue."""
        await self._storage.reports.retry_later(job.report_id, _holder(job), failure, not_before)

    async def give_up(self, job: Report, failure: str) -> None:
        """Note that it cannot be built, and why."""
        await self._storage.reports.fail(job.report_id, _holder(job), failure)

    def key(self, job: Report) -> str:
        """Return the report's id."""
        return job.report_id

    async def _content(self, report: Report) -> ReportContent:
        storage, session_id = self._storage, report.session_id
        self._progress = "reading"
        session = await storage.sessions.get(session_id)
        turns = await storage.turns.of(session_id)
        # every interview that ends comes by here, whoever ended it, and its last words are stored by now
        await storage.evaluations.enqueue_rest(session_id, turns)
        async with metered(self._meter, storage, session_id) as scoring:
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
            disturbances=await storage.disturbances.of(session_id),
            events=await storage.dialogue_events.of(session_id),
            scoring=scoring.usage,
        )
        self._progress = "writing"
        return build(sources, self._clock.now())

    async def _note_progress(self, words: str) -> None:
        self._progress = words


def _holder(report: Report) -> str:
    assert report.owner is not None, "a claimed report has an owner"
    return report.owner


def _model_is_away(scores: tuple[Score, ...]) -> bool:
    called = [score for score in scores if score.called]
    return bool(called) and all(score.unavailable for score in called)

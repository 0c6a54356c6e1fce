"""The worker that makes reports in other forms: what is asked for is claimed by lease, made, and kept encrypted."""

import asyncio
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from interview.clock import Clock
from interview.rendering import Rendering
from interview.report import digest_of
from interview.storage import Storage
from interview.storage.showing import content_shown
from reports.content import ReportContent
from reports.lease_worker import LeaseWorker, Limits
from reports.render.forms import render


class Renderer(LeaseWorker[Rendering]):
    """Makes one form of one report at a time."""

    kind = "rendering"

    def __init__(self, storage: Storage, clock: Clock, limits: Limits, owner: str, fonts: Path | None) -> None:
        super().__init__(clock, limits, owner)
        self._storage = storage
        self._fonts = fonts

    async def claim(self, owner: str, lease_s: float) -> Rendering | None:
        """Take the oldest that waits."""
        return await self._storage.renderings.claim(owner, lease_s)

    async def renew(self, job: Rendering, lease_s: float) -> None:
        """Hold the lease for longer."""
        await self._storage.renderings.renew(job, lease_s)

    async def retry_later(self, job: Rendering, failure: str, not_before: datetime) -> None:
        """Put it back into the queue."""
        await self._storage.renderings.retry_later(job, failure, not_before)

    async def give_up(self, job: Rendering, failure: str) -> None:
        """Note that it cannot be made, and why."""
        await self._storage.renderings.fail(job, failure)

    def key(self, job: Rendering) -> str:
        """Return the rendering's id."""
        return job.rendering_id

    async def do(self, job: Rendering) -> None:
        """Make it and store it; what cannot be made of this content is given up at once."""
        report = await self._storage.reports.version(job.session_id, job.version)
        shown = None if report is None else await content_shown(self._storage, report)
        if shown is None:
            await self._storage.renderings.fail(job, "the report is not there")
            return
        try:
            content = ReportContent.model_validate(shown)
        except ValidationError as error:
            await self._storage.renderings.fail(job, f"the report's content is of another form: {error.error_count()}")
            return
        made = await asyncio.to_thread(render, content, job.format, self._fonts)
        await self._storage.renderings.finish(job, made, digest_of(shown))

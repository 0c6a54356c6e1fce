"""The queue of reports that are wanted in another form, and what was made."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from interview.clock import Clock
from interview.errors import NotFound, StaleAttempt
from interview.rendering import MEDIA_TYPES, RENDERER, Rendering, RenderingStatus, ReportFormat, rendering_id
from interview.storage.base import Collection, Database, Duplicate, Shape
from interview.storage.erasure import Tombstones
from interview.storage.files import Files
from interview.storage.leasing import Queue

SHAPE = Shape(
    collection="renderings",
    record=Rendering,
    key=lambda rendering: rendering.rendering_id,
    indexes=(IndexModel([("session_id", 1)]), IndexModel([("status", 1), ("queued_at", 1)])),
)


class Renderings:
    """The collection `renderings`, and what was made among the files."""

    def __init__(self, database: Database, files: Files, clock: Clock) -> None:
        self.collection = Collection(database, SHAPE)
        self._queue = Queue(self.collection, waiting=(RenderingStatus.QUEUED,), held=RenderingStatus.WORKING)
        self._files = files
        self._clock = clock
        self._tombstones = Tombstones(database)

    async def ask(self, session_id: str, version: int, format: ReportFormat, digest: str) -> Rendering:
        """Return that form of that version, whose content has that digest: as it stands, or newly queued.

        It is queued where it is not there, has failed, or was made of another content or by an older renderer.

        Raises `StaleAttempt` (code `erased`) when the session is gone.
        """
        key = rendering_id(session_id, version, format)
        now = self._clock.now()
        found = await self.collection.get(key)
        if found is None:
            wanted = Rendering(session_id=session_id, version=version, format=format, queued_at=now, not_before=now)
            try:
                await self.collection.insert(wanted)
            except Duplicate:
                return await self.collection.get(key) or wanted
            await self._tombstones.refuse(session_id, lambda: self.collection.delete({"_id": key}))
            self._queue.has_changed()
            return wanted
        if found.is_good_for(digest):
            return found
        # only as it was seen: another request may have queued it meanwhile
        stale = {"_id": key, "status": found.status, "renderer": found.renderer, "digest": found.digest}
        anew = {
            "status": RenderingStatus.QUEUED,
            "renderer": RENDERER,
            "queued_at": now,
            "not_before": now,
            "owner": None,
            "lease_until": None,
            "attempts": 0,
            "failure": "",
            "ready_at": None,
        }
        queued = await self.collection.change(stale, {"$set": anew})
        self._queue.has_changed()
        return queued or await self.get(key)

    async def get(self, key: str) -> Rendering:
        """Return a rendering by its id. Raises `NotFound`."""
        found = await self.collection.get(key)
        if found is None:
            raise NotFound(f"there is no rendering {key}")
        return found

    async def claim(self, owner: str, lease_s: float) -> Rendering | None:
        """Take the oldest that waits, or whose worker's lease is past, for `lease_s`; None if there is none.

        `owner` names this worker and nobody else, also not its predecessor.
        """
        return await self._queue.claim(owner, self._clock.now(), lease_s)

    async def renew(self, rendering: Rendering, lease_s: float) -> None:
        """Hold it for `lease_s` from now. Raises `StaleAttempt` if it is another's."""
        await self._change_own(rendering, {"lease_until": self._clock.now() + timedelta(seconds=lease_s)})

    async def finish(self, rendering: Rendering, made: bytes, digest: str) -> None:
        """Store what was made of the content with that digest. Raises `StaleAttempt` if it is another's, or gone.

        Each attempt's file is its own, so that a late loser cannot overwrite the winner's; the one before is deleted.
        """
        await self._change_own(rendering, {})
        file_id = f"rendering:{rendering.rendering_id}:{secrets.token_hex(4)}"
        media_type = MEDIA_TYPES[rendering.format]
        await self._files.put(file_id, made, session_id=rendering.session_id, content_type=media_type)
        result = {
            "status": RenderingStatus.READY,
            "ready_at": self._clock.now(),
            "lease_until": None,
            "failure": "",
            "file_id": file_id,
            "digest": digest,
            "renderer": RENDERER,  # this process's, which may be older than that of whoever asked
        }
        try:
            await self._change_own(rendering, result)
        except StaleAttempt:
            await self._files.delete(file_id)
            raise
        if rendering.file_id is not None and rendering.file_id != file_id:
            await self._files.delete(rendering.file_id)

    async def retry_later(self, rendering: Rendering, failure: str, not_before: datetime) -> None:
        """Put it back into the queue. Raises `StaleAttempt` if it is another's."""
        back = {"status": RenderingStatus.QUEUED, "owner": None, "lease_until": None}
        await self._change_own(rendering, {**back, "failure": failure[:500], "not_before": not_before})

    async def fail(self, rendering: Rendering, failure: str) -> None:
        """Give it up, saying why; asking again queues it anew. Raises `StaleAttempt` if it is another's."""
        lost = {"status": RenderingStatus.FAILED, "lease_until": None, "failure": failure[:500]}
        await self._change_own(rendering, lost)

    async def made(self, rendering: Rendering) -> bytes:
        """Return what was made. Raises `NotFound` while there is nothing."""
        if rendering.file_id is None:
            raise NotFound(f"the rendering {rendering.rendering_id} is {rendering.status}")
        return await self._files.get(rendering.file_id)

    async def _change_own(self, rendering: Rendering, values: Mapping[str, Any]) -> None:
        own = {"_id": rendering.rendering_id, "owner": rendering.owner, "status": RenderingStatus.WORKING}
        if await self.collection.change(own, {"$set": {"owner": rendering.owner, **values}}) is None:
            raise StaleAttempt(f"{rendering.owner} does not hold the rendering {rendering.rendering_id} any more")

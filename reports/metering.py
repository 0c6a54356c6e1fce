"""What a report or an evaluation uses belongs to its session's cost."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from interview.errors import StorageUnavailable
from interview.storage import Storage
from providers.meter import Meter, Tab

log = logging.getLogger(__name__)


@asynccontextmanager
async def metered(meter: Meter | None, storage: Storage, session_id: str) -> AsyncGenerator[Tab]:
    """Count what is used within the block, and add it to the session, whatever becomes of the block."""
    tab = Tab()
    if meter is None:
        yield tab
        return
    try:
        with meter.to(tab):
            yield tab
    finally:
        try:
            await storage.session_edits.add_usage(session_id, tab.usage)
        except StorageUnavailable as error:
            log.warning("what session %s used was not added to its cost: %s", session_id, error.code)

"""Beside the worker's interviews: what dead ones left in their spools on this machine is written."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from interview.clock import Clock
from interview.errors import StorageUnavailable, VivaError
from interview.leftovers import Leftovers
from interview.settings import Settings
from interview.spool import spool_root
from interview.storage import Storage
from interview.storage.crypto import Keyring

log = logging.getLogger(__name__)

_SMALL_POOL = {"mongodb_pool_min": 0, "mongodb_pool_max": 2}
_LONGEST_PAUSE_S = 60.0
"""Between two tries to write what is refused each time."""


@asynccontextmanager
async def collecting(settings: Settings, clock: Clock) -> AsyncGenerator[None]:
    """Look for leftovers every `SPOOL_LOOK_S`, and write them. Raises `ConfigurationError` for a spool of no use."""
    root = spool_root(settings)
    leftovers = Leftovers(root, Keyring.of(settings), settings.spool_keep_s)
    looking = asyncio.create_task(_look_forever(leftovers, settings, clock), name="leftovers")
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def _look_forever(leftovers: Leftovers, settings: Settings, clock: Clock) -> None:
    pause_s = settings.spool_look_s
    while True:
        try:
            left = await leftovers.waiting()
            if left:
                await _write(leftovers, settings, clock)
                left = await leftovers.waiting()
            # what is still there waits for a key, or for us to be mended
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S) if left else settings.spool_look_s
        except StorageUnavailable as error:
            log.warning("what dead processes left waits for the database: %s", error.message)
            pause_s = settings.spool_look_s
        except (VivaError, OSError) as error:
            log.error("what dead processes left could not be looked through: %s", type(error).__name__)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
        await asyncio.sleep(pause_s)


async def _write(leftovers: Leftovers, settings: Settings, clock: Clock) -> None:
    storage = await Storage.connect(settings.model_copy(update=_SMALL_POOL), clock)
    try:
        await leftovers.write_all(storage)
    finally:
        await storage.close()

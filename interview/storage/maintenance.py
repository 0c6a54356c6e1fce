"""Work on the whole database, such as a backup or a rotation of keys: one at a time, by lease."""

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from interview.errors import Conflict, StorageError
from interview.storage.store import Storage

log = logging.getLogger(__name__)

_LEASE = "maintenance"
_TTL_S = 120.0


@asynccontextmanager
async def alone(storage: Storage, what: str) -> AsyncGenerator[None]:
    """Hold the maintenance lease for as long as the block lasts; it ends with this process, a while after.

    Raises `Conflict` (code `maintenance_underway`) while somebody else holds it.
    """
    owner = f"{what}-{secrets.token_hex(4)}"
    if not await storage.leases.acquire(_LEASE, owner, _TTL_S):
        holder = await storage.leases.holder(_LEASE)
        raise Conflict(
            f"other work on the whole database is under way ({(holder or 'unknown').rpartition('-')[0]}); wait for its "
            f"end, or {_TTL_S:g} s after it was cut short",
            code="maintenance_underway",
        )
    renewing = asyncio.create_task(_renew(storage, owner))
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
        await storage.leases.release(_LEASE, owner)


async def _renew(storage: Storage, owner: str) -> None:
    while True:
        await asyncio.sleep(_TTL_S / 4)
        try:
            if not await storage.leases.acquire(_LEASE, owner, _TTL_S):
                log.error("%s goes on beside other work on the whole database: its lease had run out", owner)
        except StorageError as error:
            # the work itself will meet it, or the next renewal succeeds
            log.warning("the lease of %s was not renewed: %s", owner, error.code)

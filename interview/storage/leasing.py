"""Taking the next of what waits, in any queue whose records are leased by status: one way to do it."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Generic

from interview.storage.base import Collection, R

LOOK = 16
"""How many of those that wait are noted at a look."""
LOOK_LASTS_S = 1.0
"""So long whoever comes in between, with an earlier place, waits behind those that were noted."""


class Queue(Generic[R]):
    """Records of a collection that wait, in their order, for somebody to take them for a while.

    The embedded database reads all that wait to find the first of them, so a look notes the next few. What has been
    taken meanwhile, by whomever, is passed over: taking is one atomic update that asks for the state again.

    The collection needs an index on status and `order`. `also` is set with every claim.
    """

    def __init__(
        self,
        collection: Collection[R],
        *,
        waiting: tuple[StrEnum, ...],
        held: StrEnum,
        order: str = "queued_at",
        also: Mapping[str, Any] = {},
    ) -> None:
        self._collection = collection
        self._waiting = waiting
        self._held = held
        self._order = order
        self._also = also
        self._looking = asyncio.Lock()
        self._noted: deque[str] = deque()
        self._noted_at_s = 0.0

    async def claim(self, owner: str, now: datetime, lease_s: float, of: Mapping[str, Any] = {}) -> R | None:
        """Take the first that waits, or whose holder's lease is past, for `lease_s`; None if there is none.

        `of` narrows down which. The claim counts as an attempt.
        """
        claimable = {**of, **self._claimable(now)}
        lease = {"status": self._held, "owner": owner, "lease_until": now + timedelta(seconds=lease_s), **self._also}
        update = {"$set": lease, "$inc": {"attempts": 1}}
        if of:
            return await self._collection.change(claimable, update, sort=self._sort)
        while (key := await self._next(claimable)) is not None:
            taken = await self._collection.change({**claimable, "_id": key}, update)
            if taken is not None:
                return taken
        return None

    def has_changed(self) -> None:
        """Look again at the next claim: something has been queued."""
        self._noted.clear()

    @property
    def _sort(self) -> list[tuple[str, int]]:
        return [(self._order, 1), ("_id", 1)]

    def _claimable(self, now: datetime) -> dict[str, Any]:
        return {
            # Implied by what follows; the embedded database uses the index for this, but not for what is within $or.
            "status": {"$in": [*self._waiting, self._held]},
            "$or": [
                *({"status": state, "not_before": {"$lte": now}} for state in self._waiting),
                {"status": self._held, "lease_until": {"$lte": now}},
            ],
        }

    async def _next(self, claimable: Mapping[str, Any]) -> str | None:
        async with self._looking:
            if time.monotonic() - self._noted_at_s > LOOK_LASTS_S:
                self._noted.clear()
            if not self._noted:
                self._noted_at_s = time.monotonic()
                self._noted.extend(await self._collection.keys(claimable, self._sort, LOOK))
            return self._noted.popleft() if self._noted else None

"""Calls under an `Idempotency-Key`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from interview.clock import Clock
from interview.errors import Conflict, StaleAttempt
from interview.idempotency import CallState, KeptCall
from interview.storage.base import SEALED, Collection, Database, Duplicate, Shape
from interview.storage.erasure import Tombstones
from interview.storage.session_pages import EARLIEST

SHAPE = Shape(
    collection="idempotency",
    record=KeptCall,
    key=lambda call: call.key_hash,
    key_field="key_hash",
    sealed=("answer",),
    indexes=(
        IndexModel([("session_id", 1)]),
        IndexModel([("state", 1), ("lease_until", 1)]),
        IndexModel([("created_at", 1)]),
    ),
)
_CLAIM_TRIES = 20


@dataclass(frozen=True)
class Claimed:
    """What came of asking for a call: it is `mine` to do, or somebody's who does it or has done it."""

    call: KeptCall
    mine: bool
    begun_before: bool = False
    """It was begun by somebody whose lease ran out: some of it may be there."""


class Idempotency:
    """The collection `idempotency`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.collection = Collection(database, SHAPE)
        self._tombstones = Tombstones(database)
        self._clock = clock

    async def claim(self, call: KeptCall, ttl_s: float) -> Claimed:
        """Take the call, if nobody has or its lease ran out; what is older than `ttl_s` is forgotten."""
        for _ in range(_CLAIM_TRIES):
            try:
                await self.collection.insert(call)
                return Claimed(call, mine=True)
            except Duplicate:
                found = await self.collection.get(call.key_hash)
            if found is None:
                continue
            now = self._clock.now()
            as_found: dict[str, Any] = {"_id": found.key_hash, "owner": found.owner, "state": found.state}
            if found.state is CallState.DONE and found.created_at + timedelta(seconds=ttl_s) <= now:
                await self.collection.delete(as_found)
                continue
            if found.state is CallState.DONE or found.lease_until > now or found.body_hash != call.body_hash:
                return Claimed(found, mine=False)
            as_found["lease_until"] = found.lease_until
            taken = {"$set": {"owner": call.owner, "lease_until": call.lease_until}}
            mine = await self.collection.change(as_found, taken)
            if mine is not None:
                return Claimed(mine, mine=True, begun_before=True)
        raise Conflict("too many callers use this key at once; try again", code="idempotency_in_progress")

    async def hold(self, call: KeptCall, until: datetime) -> bool:
        """Renew the lease; tell whether the call is still its owner's."""
        mine = {"_id": call.key_hash, "owner": call.owner, "state": CallState.DOING}
        return await self.collection.change(mine, {"$set": {"lease_until": until}}) is not None

    async def finish(self, call: KeptCall, answer: str, status_code: int) -> bool:
        """Keep the answer; tell whether the call was still its owner's. Of an erased session nothing is kept."""
        mine = {"_id": call.key_hash, "owner": call.owner, "state": CallState.DOING}
        sealed = self.collection.seal(call.key_hash, {"answer": answer})
        fields = {"state": CallState.DONE, SEALED: sealed, "status_code": status_code}
        done = await self.collection.change(mine, {"$set": fields}) is not None
        if done and call.session_id:
            try:
                await self._tombstones.refuse(call.session_id, lambda: self.collection.delete({"_id": call.key_hash}))
            except StaleAttempt:
                return True
        return done

    async def give_up(self, call: KeptCall, *, forget: bool) -> None:
        """Leave a call that failed: forget it, or let whoever repeats it take over at once."""
        mine = {"_id": call.key_hash, "owner": call.owner, "state": CallState.DOING}
        if forget:
            await self.collection.delete(mine)
        else:
            await self.collection.change(mine, {"$set": {"lease_until": self._clock.now()}})

    async def get(self, key_hash: str) -> KeptCall | None:
        """Return the call as it is now."""
        return await self.collection.get(key_hash)

    async def dead_batches(self, limit: int = 100) -> list[KeptCall]:
        """Return bulk invitations that nobody does any more and nobody has finished."""
        past = {"$gte": EARLIEST, "$lt": self._clock.now()}
        dead = {"state": CallState.DOING, "lease_until": past, "batch_id": {"$ne": None}}
        return await self.collection.find(dead, [("lease_until", 1)], limit)

    async def forget_before(self, moment: datetime, limit: int = 1000) -> int:
        """Delete calls, done or dead, that were made before then, at most `limit`; return how many."""
        old = await self.collection.find({"created_at": {"$gte": EARLIEST, "$lt": moment}}, [("created_at", 1)], limit)
        keys = [call.key_hash for call in old]
        return await self.collection.delete({"_id": {"$in": keys}}) if keys else 0

"""Leases (who may act alone, until when) and counters."""

import hashlib
from datetime import datetime, timedelta

from pymongo import IndexModel

from interview.clock import Clock
from interview.errors import StorageError
from interview.record import Line, Moment, Record
from interview.storage.base import Collection, Database, Duplicate, Shape


class Lease(Record):
    """`owner` may do what `name` stands for until `until`."""

    name: Line
    owner: Line
    until: Moment


class Counter(Record):
    """A count under a key, such as the requests of one caller in one minute; only the key's hash is stored."""

    key_hash: str
    n: int
    counted_at: Moment


LEASES = Shape(collection="leases", record=Lease, key=lambda lease: lease.name, key_field="name", session_field=None)
COUNTERS = Shape(
    collection="rate_windows",
    record=Counter,
    key=lambda counter: counter.key_hash,
    key_field="key_hash",
    session_field=None,
    indexes=(IndexModel([("counted_at", 1)]),),
)


class Leases:
    """The collections `leases` and `rate_windows`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.collection = Collection(database, LEASES)
        self.counters = Collection(database, COUNTERS)
        self._clock = clock

    async def acquire(self, name: str, owner: str, ttl_s: float) -> bool:
        """Take or renew the lease for `ttl_s`; tell whether `owner` holds it now."""
        now = self._clock.now()
        lease = Lease(name=name, owner=owner, until=now + timedelta(seconds=ttl_s))
        try:
            await self.collection.insert(lease)
        except Duplicate:
            free = {"_id": name, "$or": [{"owner": owner}, {"until": {"$lte": now}}]}
            return await self.collection.replace(free, lease) is not None
        return True

    async def release(self, name: str, owner: str) -> None:
        """Give the lease up, if `owner` has it."""
        await self.collection.delete({"_id": name, "owner": owner})

    async def holder(self, name: str) -> str | None:
        """Return who holds the lease now, or None."""
        lease = await self.collection.get(name)
        return lease.owner if lease is not None and lease.until > self._clock.now() else None

    async def count(self, key: str, n: int = 1) -> int:
        """Add `n` to the counter of `key` and return the new value; every call gets another one.

        Keys carry their window ("login:203.0.113.9:2026-11-22T10:46"); `forget_counts` drops the old.
        """
        key_hash = hashlib.sha256(key.encode()).hexdigest()
        try:
            counter = await self._increment(key_hash, n)
        except Duplicate:
            # On MongoDB two upserts of one new key may collide; the one that lost finds it now.
            counter = await self._increment(key_hash, n)
        return counter.n

    async def forget_counts(self, before: datetime) -> int:
        """Delete the counters that nobody has used since `before`; return how many."""
        return await self.counters.delete({"counted_at": {"$lt": before}})

    async def _increment(self, key_hash: str, n: int) -> Counter:
        update = {"$inc": {"n": n}, "$set": {"counted_at": self._clock.now()}}
        counter = await self.counters.change({"_id": key_hash}, update, upsert=True)
        if counter is None:
            raise StorageError("the database did not return the counter that it incremented")
        return counter

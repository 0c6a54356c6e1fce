"""Failed tries to sign in, and how long the next one waits: shared by all replicas."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import IndexModel

from interview.clock import Clock
from interview.sign_in import SignInFailures, delay_s
from interview.storage.base import Collection, Database, Duplicate, Shape

SHAPE = Shape(
    collection="sign_in_failures",
    record=SignInFailures,
    key=lambda failures: failures.key_hash,
    key_field="key_hash",
    session_field=None,
    indexes=(IndexModel([("last_at", 1)]),),
)
_TRIES = 50
_BUSY_S = 1.0


@dataclass(frozen=True)
class Try:
    """A try that was taken (`counted`), or how long to wait for one."""

    wait_s: float
    counted: SignInFailures | None = None


class SignInFailureCounts:
    """The collection `sign_in_failures`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.collection = Collection(database, SHAPE)
        self._clock = clock

    async def take_try(self, key: str, *, free: int, longest_s: float, forget_s: float) -> Try:
        """Take one try under `key`, or say how many seconds to wait for it.

        A try counts as a failure from the moment it is taken, before anything is verified: of a hundred guesses at once
        no more get through than of a hundred in a row. `succeeded` or `give_back` makes up for it. Failures that lie
        `forget_s` back are forgotten.
        """
        key_hash = _hash(key)
        for _ in range(_TRIES):
            now = self._clock.now()
            found = await self.collection.get(key_hash)
            # free tries ask no clock: those of two replicas differ a little
            if found is not None and found.failures >= free and found.next_at > now:
                return Try((found.next_at - now).total_seconds())
            stale = found is None or (now - found.last_at).total_seconds() >= forget_s
            failures = 1 if stale or found is None else found.failures + 1
            wait_s = delay_s(failures, free=free, longest_s=longest_s)
            counted = SignInFailures(
                key_hash=key_hash, failures=failures, next_at=now + timedelta(seconds=wait_s), last_at=now
            )
            if await self._put(found, counted):
                return Try(0, counted)
        return Try(_BUSY_S)

    async def succeeded(self, key: str) -> None:
        """Forget the failures under `key`."""
        await self.collection.delete({"_id": _hash(key)})

    async def give_back(self, taken: SignInFailures) -> None:
        """Undo one `take_try` that was no failure; the failures of others, and the waits for them, stay."""
        key = {"_id": taken.key_hash}
        less = {"$inc": {"failures": -1}}
        unchanged = {**key, "next_at": taken.next_at, "failures": taken.failures}
        if await self.collection.change(unchanged, {**less, "$set": {"next_at": taken.last_at}}) is None:
            await self.collection.change({**key, "failures": {"$gt": 0}}, less)

    async def forget(self, before: datetime) -> int:
        """Delete what nobody tried since `before`; return how many."""
        return await self.collection.delete({"last_at": {"$lt": before}})

    async def _put(self, found: SignInFailures | None, counted: SignInFailures) -> bool:
        """Store, if nobody else has in between."""
        if found is None:
            try:
                await self.collection.insert(counted)
            except Duplicate:
                return False
            return True
        unchanged = {"_id": found.key_hash, "failures": found.failures, "last_at": found.last_at}
        return await self.collection.replace(unchanged, counted) is not None


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()

"""What models replied, by what they were asked."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from pymongo import IndexModel

from interview.errors import VivaError
from interview.model_reply import ModelReply
from interview.record import Moment
from interview.storage.base import Collection, Database, Duplicate, Shape
from interview.storage.erasure import Tombstones

SHAPE = Shape(
    collection="model_replies",
    record=ModelReply,
    key=lambda reply: reply.key,
    sealed=("reply",),
    indexes=(IndexModel([("session_id", 1)]),),
)


@dataclass(eq=False)
class _Waiting:
    """A reply that somebody waits to see stored."""

    reply: ModelReply
    is_settled: bool = False
    error: VivaError | None = None


class ModelReplies:
    """The collection `model_replies`: it goes with its session, and when that is anonymised."""

    def __init__(self, database: Database) -> None:
        self.collection = Collection(database, SHAPE)
        self._tombstones = Tombstones(database)
        self._writing = asyncio.Lock()
        self._waiting: list[_Waiting] = []

    async def find(self, session_id: str, asked: str, since: Moment | None = None) -> ModelReply | None:
        """Return what was replied to this, at `since` or later; None when it was not asked."""
        found = await self.collection.get(f"{session_id}:{asked}")
        return None if found is None or (since is not None and found.replied_at < since) else found

    async def asked_of(self, session_id: str) -> frozenset[str]:
        """Return the digests of all that was asked about a session."""
        keys = await self.collection.keys({"session_id": session_id})
        return frozenset(key.removeprefix(f"{session_id}:") for key in keys)

    async def keep(self, reply: ModelReply) -> None:
        """Keep a reply, in place of an older one to the same. Raises `StaleAttempt` (code `erased`).

        It is stored when this returns. Replies that come while others are being stored are then stored together: a
        report's passes end in bunches, and each look at a session for its tombstone costs more than the write.
        """
        own = _Waiting(reply)
        self._waiting.append(own)
        try:
            async with self._writing:
                if not own.is_settled:
                    # a writer that was cancelled, or broke, has taken it out of the list: then each writes its own
                    batch = [own, *(one for one in self._waiting if one is not own)]
                    self._waiting.clear()
                    await self._keep_all(batch)
        finally:
            if own in self._waiting:
                self._waiting.remove(own)  # cancelled while others wrote: nobody is to write it long afterwards
        if own.error is not None:
            raise own.error

    async def _keep_all(self, batch: Sequence[_Waiting]) -> None:
        try:
            await self._store([one.reply for one in batch])
        except VivaError as error:
            _settle(batch, error)
            return
        for session_id in {one.reply.session_id for one in batch}:
            own = [one for one in batch if one.reply.session_id == session_id]
            keys = [one.reply.key for one in own]
            try:
                await self._tombstones.refuse(
                    session_id, lambda keys=keys: self.collection.delete({"_id": {"$in": keys}})
                )
            except VivaError as error:
                _settle(own, error)
            else:
                _settle(own)

    async def _store(self, replies: Sequence[ModelReply]) -> None:
        try:
            await self.collection.insert_all(replies)
        except Duplicate:
            for reply in replies:
                await self._put(reply)

    async def _put(self, reply: ModelReply) -> None:
        try:
            await self.collection.insert(reply)
        except Duplicate:
            await self.collection.replace({"_id": reply.key}, reply)


def _settle(batch: Sequence[_Waiting], error: VivaError | None = None) -> None:
    for one in batch:
        one.is_settled, one.error = True, error

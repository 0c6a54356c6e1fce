"""What models replied, by what they were asked."""

from pymongo import IndexModel

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


class ModelReplies:
    """The collection `model_replies`: it goes with its session, and when that is anonymised."""

    def __init__(self, database: Database) -> None:
        self.collection = Collection(database, SHAPE)
        self._tombstones = Tombstones(database)

    async def find(self, session_id: str, asked: str, since: Moment | None = None) -> ModelReply | None:
        """Return what was replied to this, at `since` or later; None when it was not asked."""
        found = await self.collection.get(f"{session_id}:{asked}")
        return None if found is None or (since is not None and found.replied_at < since) else found

    async def asked_of(self, session_id: str) -> frozenset[str]:
        """Return the digests of all that was asked about a session."""
        keys = await self.collection.keys({"session_id": session_id})
        return frozenset(key.removeprefix(f"{session_id}:") for key in keys)

    async def keep(self, reply: ModelReply) -> None:
        """Keep a reply, in place of an older one to the same. Raises `StaleAttempt` (code `erased`)."""
        try:
            await self.collection.insert(reply)
        except Duplicate:
            await self.collection.replace({"_id": reply.key}, reply)
        await self._tombstones.refuse(reply.session_id, lambda: self.collection.delete({"_id": reply.key}))

"""Invite links."""

from collections.abc import Sequence
from datetime import datetime

from pymongo import IndexModel

from interview.errors import Conflict, NotFound
from interview.invite import Invite
from interview.storage.base import Collection, Database, Duplicate, Shape
from interview.storage.erasure import Tombstones

SHAPE = Shape(
    collection="invites",
    record=Invite,
    key=lambda invite: invite.secret_hash,
    key_field="secret_hash",
    indexes=(IndexModel([("session_id", 1)]),),
)


class Invites:
    """The collection `invites`."""

    def __init__(self, database: Database) -> None:
        self.collection = Collection(database, SHAPE)
        self._tombstones = Tombstones(database)

    async def add(self, invite: Invite, *, session_to_come: bool = False) -> None:
        """Store a new link. Raises `Conflict` if its secret is in use, `StaleAttempt` if its session was erased.

        `session_to_come` says that the session is stored afterwards, so that it cannot have been erased.
        """
        try:
            await self.collection.insert(invite)
        except Duplicate:
            raise Conflict("this invite exists already", code="invite_exists") from None
        if not session_to_come:
            await self._tombstones.refuse(invite.session_id, lambda: self.remove(invite.secret_hash))

    async def get(self, secret_hash: str) -> Invite | None:
        """Return the link of that hash, revoked ones included, or None."""
        return await self.collection.get(secret_hash)

    async def of(self, session_id: str) -> list[Invite]:
        """Return a session's links, revoked ones included, the oldest first."""
        return await self.collection.find({"session_id": session_id}, [("created_at", 1), ("_id", 1)])

    async def add_all(self, invites: Sequence[Invite]) -> None:
        """Store many new links."""
        await self.collection.insert_all(invites)

    async def remove(self, secret_hash: str) -> None:
        """Delete a link that nobody was told of."""
        await self.collection.delete({"_id": secret_hash})

    async def note_opened(self, secret_hash: str, at: datetime) -> Invite:
        """Count an opening, and return the link as it now is. Raises `NotFound`."""
        update = {"$inc": {"opened_count": 1}, "$max": {"last_opened_at": at}}
        invite = await self.collection.change({"_id": secret_hash}, update)
        if invite is None:
            raise NotFound("there is no such invite")
        if invite.first_opened_at is None:
            first = {"_id": secret_hash, "first_opened_at": None}
            await self.collection.change(first, {"$set": {"first_opened_at": at}})
            invite = await self.collection.get(secret_hash) or invite
        return invite

    async def revoke_of(self, session_id: str, at: datetime, *, but: str | None = None) -> int:
        """Revoke a session's links, all or all but that of the hash `but`; return how many were still good."""
        query = {"session_id": session_id, "revoked_at": None, **({"_id": {"$ne": but}} if but else {})}
        return await self.collection.update_all(query, {"$set": {"revoked_at": at}})

"""Families of refresh tokens."""

from datetime import datetime

from pymongo import IndexModel

from interview.sign_in import EndedReason, RefreshFamily
from interview.storage.base import Collection, Database, Shape

SHAPE = Shape(
    collection="refresh_tokens",
    record=RefreshFamily,
    key=lambda family: family.family_id,
    key_field="family_id",
    session_field=None,
    indexes=(IndexModel([("user_id", 1)]), IndexModel([("expires_at", 1)])),
)


class RefreshTokens:
    """The collection `refresh_tokens`: one document a family."""

    def __init__(self, database: Database) -> None:
        self.collection = Collection(database, SHAPE)

    async def add(self, family: RefreshFamily) -> None:
        """Store a new family."""
        await self.collection.insert(family)

    async def get(self, family_id: str) -> RefreshFamily | None:
        """Return the family of that id, ended ones included, or None."""
        return await self.collection.get(family_id)

    async def rotate(
        self, family_id: str, *, presented: str, following: str, now: datetime, expires_at: datetime
    ) -> RefreshFamily | None:
        """Put the token of hash `following` in the place of `presented`, if that is the newest of a family that stands.

        One atomic compare-and-set: of any number at once with one token exactly one gets the family, the others None.
        """
        newest = {"_id": family_id, "token_hash": presented, "ended_at": None}
        fields = {
            "token_hash": following,
            "previous_hash": presented,
            "last_used_at": now,
            "expires_at": expires_at,
        }
        return await self.collection.change(newest, {"$set": fields, "$inc": {"generation": 1}})

    async def end(self, family_id: str, reason: EndedReason, at: datetime) -> bool:
        """Note that the family has ended; tell whether it stood until now."""
        stands = {"_id": family_id, "ended_at": None}
        return await self.collection.change(stands, {"$set": {"ended_at": at, "ended_reason": reason}}) is not None

    async def end_all(self, user_id: str, reason: EndedReason, at: datetime, *, but: str | None = None) -> int:
        """End all families of a user, but one; return how many stood."""
        query = {"user_id": user_id, "ended_at": None, "_id": {"$ne": but}}
        return await self.collection.update_all(query, {"$set": {"ended_at": at, "ended_reason": reason}})

    async def of_user(self, user_id: str) -> list[RefreshFamily]:
        """Return a user's families, ended ones included, newest first."""
        return await self.collection.find({"user_id": user_id}, [("created_at", -1), ("_id", -1)])

    async def forget(self, before: datetime) -> int:
        """Delete the families whose last token ran out before that; return how many."""
        return await self.collection.delete({"expires_at": {"$lt": before}})

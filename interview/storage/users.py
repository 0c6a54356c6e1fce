"""Accounts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from interview.errors import Conflict
from interview.storage.base import Collection, Database, Duplicate, Shape
from interview.storage.paging import Cursor, check_limit
from interview.user import Role, User

SHAPE = Shape(
    collection="users",
    record=User,
    key=lambda user: user.user_id,
    key_field="user_id",
    session_field=None,
    indexes=(
        IndexModel([("email", 1)], unique=True),
        IndexModel([("role", 1)]),
        IndexModel([("created_at", -1), ("_id", -1)]),
    ),
)


class Users:
    """The collection `users`."""

    def __init__(self, database: Database) -> None:
        self.collection = Collection(database, SHAPE)

    async def add(self, user: User) -> None:
        """Store a new account. Raises `Conflict` (code `email_taken`)."""
        try:
            await self.collection.insert(user)
        except Duplicate:
            raise Conflict("an account with this email exists already", code="email_taken") from None

    async def by_email(self, email: str) -> User | None:
        """Return the account with that email, in any case, or None."""
        return await self.collection.first({"email": email.strip().lower()})

    async def get(self, user_id: str) -> User | None:
        """Return the account of that id, or None."""
        return await self.collection.get(user_id)

    async def some(self, user_ids: Iterable[str]) -> list[User]:
        """Return the accounts of these ids that are there."""
        return await self.collection.find({"_id": {"$in": sorted(user_ids)}}, [("_id", 1)])

    async def count(self) -> int:
        """Count the accounts, disabled ones included."""
        return await self.collection.count({})

    async def page(
        self, *, role: Role | None = None, active: bool | None = None, limit: int = 50, after: str | None = None
    ) -> tuple[list[User], str | None]:
        """Return accounts, newest first, and the cursor of the next page, which is None on the last.

        Raises `Invalid` (codes `bad_cursor`, `bad_limit`).
        """
        check_limit(limit)
        query: dict[str, Any] = {}
        if role is not None:
            query["role"] = role
        if active is not None:
            query["disabled_at"] = None if active else {"$ne": None}
        if after is not None:
            query.update(Cursor.parse(after).older())
        found = await self.collection.find(query, [("created_at", -1), ("_id", -1)], limit + 1)
        page = found[:limit]
        return page, str(Cursor(page[-1].created_at, page[-1].user_id)) if len(found) > limit else None

    async def count_active_admins(self, *, but: str) -> int:
        """Count the admins who are not disabled, leaving one out."""
        return await self.collection.count({"role": Role.ADMIN, "disabled_at": None, "_id": {"$ne": but}})

    async def change(self, user_id: str, **fields: Any) -> User | None:
        """Set name or role; return the account as it now is, or None when there is none."""
        return await self.collection.change({"_id": user_id}, {"$set": fields})

    async def disable(self, user_id: str, now: datetime) -> User | None:
        """Disable an account that is not disabled, and end all its sign-ins at once; None when nothing matched."""
        fields: dict[str, Any] = {"disabled_at": now, "sign_ins": []}
        return await self.collection.change({"_id": user_id, "disabled_at": None}, {"$set": fields})

    async def enable(self, user_id: str) -> User | None:
        """Enable an account; None when there is none."""
        return await self.collection.change({"_id": user_id}, {"$set": {"disabled_at": None}})

    async def set_password(self, user_id: str, password_hash: str, *, was: str | None, keep: str | None) -> User | None:
        """Set the password and end every sign-in but `keep`; None unless the hash is still `was` (None: whatever)."""
        query: Mapping[str, Any] = {"_id": user_id} if was is None else {"_id": user_id, "password_hash": was}
        fields = {"password_hash": password_hash, "sign_ins": [keep] if keep else []}
        return await self.collection.change(query, {"$set": fields})

    async def add_sign_in(self, user: User, family_id: str) -> User | None:
        """Add a sign-in; None when the account was disabled, or got another password, since it was read as `user`."""
        unchanged = {"_id": user.user_id, "disabled_at": None, "password_hash": user.password_hash}
        return await self.collection.change(unchanged, {"$push": {"sign_ins": family_id}})

    async def end_sign_in(self, user_id: str, family_id: str) -> User | None:
        """End one sign-in, tokens that are out included."""
        return await self.collection.change({"_id": user_id}, {"$pull": {"sign_ins": family_id}})

    async def end_all_sign_ins(self, user_id: str) -> User | None:
        """End all sign-ins, tokens that are out included."""
        return await self.collection.change({"_id": user_id}, {"$set": {"sign_ins": []}})

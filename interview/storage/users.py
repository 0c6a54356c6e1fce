"""Accounts."""

from pymongo import IndexModel

from interview.errors import Conflict
from interview.storage.base import Collection, Database, Duplicate, Shape
from interview.user import User

SHAPE = Shape(
    collection="users",
    record=User,
    key=lambda user: user.user_id,
    key_field="user_id",
    session_field=None,
    indexes=(IndexModel([("email", 1)], unique=True),),
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

    async def count(self) -> int:
        """Count the accounts, disabled ones included."""
        return await self.collection.count({})

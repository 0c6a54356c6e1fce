"""One-time links for accounts: invitations, and new passwords."""

from datetime import datetime
from typing import Any

from pymongo import IndexModel

from interview.account_link import AccountLink, LinkKind
from interview.storage.base import Collection, Database, Shape
from interview.storage.paging import Cursor, check_limit

SHAPE = Shape(
    collection="account_links",
    record=AccountLink,
    key=lambda link: link.link_id,
    key_field="link_id",
    session_field=None,
    indexes=(
        IndexModel([("secret_hash", 1)], unique=True),
        IndexModel([("email", 1)]),
        IndexModel([("kind", 1), ("created_at", -1), ("_id", -1)]),
    ),
)
_OPEN = {"used_at": None, "revoked_at": None}


class AccountLinks:
    """The collection `account_links`."""

    def __init__(self, database: Database) -> None:
        self.collection = Collection(database, SHAPE)

    async def add(self, link: AccountLink) -> None:
        """Store a new link."""
        await self.collection.insert(link)

    async def get(self, link_id: str) -> AccountLink | None:
        """Return the link of that id, whatever became of it, or None."""
        return await self.collection.get(link_id)

    async def by_secret(self, secret_hash: str) -> AccountLink | None:
        """Return the link whose secret has that hash, whatever became of it, or None."""
        return await self.collection.first({"secret_hash": secret_hash})

    async def open_invitation(self, email: str, now: datetime) -> AccountLink | None:
        """Return an invitation of that email that can still be accepted, or None."""
        return await self.collection.first(
            {"email": email, "kind": LinkKind.INVITATION, **_OPEN, "expires_at": {"$gt": now}}
        )

    async def use(self, secret_hash: str, kind: LinkKind, now: datetime) -> AccountLink | None:
        """Use the link up and return it; None when it is unknown, used, withdrawn or out of date. Works once."""
        good = {"secret_hash": secret_hash, "kind": kind, **_OPEN, "expires_at": {"$gt": now}}
        return await self.collection.change(good, {"$set": {"used_at": now}})

    async def unuse(self, link_id: str) -> None:
        """Make a link good again whose use came to nothing."""
        await self.collection.change({"_id": link_id}, {"$set": {"used_at": None}})

    async def renew(
        self, link_id: str, *, secret_hash: str, expires_at: datetime, created_by: str
    ) -> AccountLink | None:
        """Give a link that was not withdrawn another secret, time and maker, also when it was used or ran out."""
        query = {"_id": link_id, "revoked_at": None}
        fields = {"secret_hash": secret_hash, "expires_at": expires_at, "created_by": created_by, "used_at": None}
        return await self.collection.change(query, {"$set": fields})

    async def revoke(self, link_id: str, now: datetime) -> AccountLink | None:
        """Withdraw a link that was not used; return it, or None."""
        return await self.collection.change({"_id": link_id, **_OPEN}, {"$set": {"revoked_at": now}})

    async def revoke_resets(self, email: str, now: datetime) -> int:
        """Withdraw all links for a new password of that email; return how many were good."""
        query = {"email": email, "kind": LinkKind.PASSWORD_RESET, **_OPEN}
        return await self.collection.update_all(query, {"$set": {"revoked_at": now}})

    async def revoke_made_by(self, actor: str, now: datetime) -> int:
        """Withdraw all links that somebody made, as the audit log names them; return how many were good."""
        return await self.collection.update_all({"created_by": actor, **_OPEN}, {"$set": {"revoked_at": now}})

    async def invitations(
        self, *, open_at: datetime | None = None, limit: int = 50, after: str | None = None
    ) -> tuple[list[AccountLink], str | None]:
        """Return invitations, newest first, and the cursor of the next page; with `open_at` those good at that time.

        Raises `Invalid` (codes `bad_cursor`, `bad_limit`).
        """
        check_limit(limit)
        query: dict[str, Any] = {"kind": LinkKind.INVITATION}
        if open_at is not None:
            query.update(_OPEN, expires_at={"$gt": open_at})
        if after is not None:
            query.update(Cursor.parse(after).older())
        found = await self.collection.find(query, [("created_at", -1), ("_id", -1)], limit + 1)
        page = found[:limit]
        return page, str(Cursor(page[-1].created_at, page[-1].link_id)) if len(found) > limit else None

    async def forget(self, before: datetime) -> int:
        """Delete the links that ran out before that; return how many."""
        return await self.collection.delete({"expires_at": {"$lt": before}})

"""Webhooks that admins registered."""

from datetime import datetime
from typing import Any

from interview.errors import Conflict, NotFound
from interview.outgoing import EventKind, Webhook
from interview.storage.base import SEALED, Collection, Database, Duplicate, Shape

MAX_WEBHOOKS = 50
"""Each event is told to all that want it, so their number is bounded."""

SHAPE = Shape(
    collection="webhooks",
    record=Webhook,
    key=lambda webhook: webhook.webhook_id,
    key_field="webhook_id",
    sealed=("secret", "previous_secret"),
    session_field=None,
)


class Webhooks:
    """The collection `webhooks`: a few documents, read as a whole."""

    def __init__(self, database: Database) -> None:
        self.collection = Collection(database, SHAPE)

    async def add(self, webhook: Webhook) -> None:
        """Store a new one. Raises `Conflict` (codes `webhook_exists`, `too_many_webhooks`)."""
        if await self.collection.count({}) >= MAX_WEBHOOKS:
            raise Conflict(
                f"there are {MAX_WEBHOOKS} webhooks already; delete one first",
                code="too_many_webhooks",
                limit=MAX_WEBHOOKS,
            )
        try:
            await self.collection.insert(webhook)
        except Duplicate:
            raise Conflict("this webhook exists already", code="webhook_exists") from None

    async def get(self, webhook_id: str) -> Webhook:
        """Return the webhook of that id. Raises `NotFound`."""
        return _found(await self.collection.get(webhook_id))

    async def all(self) -> list[Webhook]:
        """Return all of them, the oldest first."""
        return await self.collection.find({}, [("created_at", 1), ("_id", 1)])

    async def interested(self, event: EventKind) -> list[Webhook]:
        """Return those that want to hear of such an event and are not disabled."""
        return [webhook for webhook in await self.all() if webhook.disabled_at is None and event in webhook.events]

    async def change(self, webhook_id: str, values: dict[str, Any]) -> Webhook:
        """Set `url`, `events`, `description` or `disabled_at`. Raises `NotFound`."""
        return _found(await self.collection.change({"_id": webhook_id}, {"$set": values}))

    async def disable(self, webhook_id: str, at: datetime) -> bool:
        """Disable it, unless it is disabled or gone already; tell whether this call did it."""
        enabled = {"_id": webhook_id, "disabled_at": None}
        return await self.collection.change(enabled, {"$set": {"disabled_at": at}}) is not None

    async def set_secret(self, webhook_id: str, secret: str, previous: str | None, until: datetime | None) -> Webhook:
        """Sign with `secret` from now on, and until `until` with `previous` as well. Raises `NotFound`."""
        sealed = self.collection.seal(webhook_id, {"secret": secret, "previous_secret": previous})
        update = {"$set": {SEALED: sealed, "previous_until": until}}
        return _found(await self.collection.change({"_id": webhook_id}, update))

    async def delete(self, webhook_id: str) -> None:
        """Delete it. Raises `NotFound`."""
        if await self.collection.delete({"_id": webhook_id}) == 0:
            raise _no_webhook()


def _found(webhook: Webhook | None) -> Webhook:
    if webhook is None:
        raise _no_webhook()
    return webhook


def _no_webhook() -> NotFound:
    return NotFound("there is no such webhook", code="webhook_not_found")

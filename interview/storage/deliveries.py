"""The queue of deliveries, which is also their log."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from interview.clock import Clock
from interview.errors import Conflict, NotFound, StaleAttempt
from interview.outgoing import MAX_LOG, Channel, Delivery, DeliveryAttempt, DeliveryStatus
from interview.storage.base import SEALED, Collection, Database, Duplicate, Shape
from interview.storage.erasure import Tombstones
from interview.storage.paging import Cursor, check_limit

SHAPE = Shape(
    collection="deliveries",
    record=Delivery,
    key=lambda delivery: delivery.delivery_id,
    key_field="delivery_id",
    sealed=("recipient", "payload"),
    indexes=(
        IndexModel([("queue", 1), ("next_at", 1)]),
        IndexModel([("target", 1), ("created_at", -1), ("_id", -1)]),
        IndexModel([("session_id", 1)]),
    ),
)
_SOON_S = 10.0
"""What is due within this time is kept where each poll looks; the rest is looked through by `bring_forward` only."""


class Deliveries:
    """The collection `deliveries`.

    What waits for hours (a receiver that is down for a day leaves thousands) must not be looked through at every
    poll, and the embedded database finds by equal strings only: hence `queue`, which says `now` or `later`.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.collection = Collection(database, SHAPE)
        self._clock = clock
        self._tombstones = Tombstones(database)

    async def add(self, delivery: Delivery) -> bool:
        """Queue a delivery; tell whether it is new. A repeat changes nothing.

        Raises `StaleAttempt` (code `erased`) when the session that it is about is gone.
        """
        queued = delivery.model_copy(update={"queue": _now(delivery.channel)})
        try:
            await self.collection.insert(queued)
        except Duplicate:
            return False
        if delivery.session_id is not None:
            own = {"_id": delivery.delivery_id}
            await self._tombstones.refuse(delivery.session_id, lambda: self.collection.delete(own))
        return True

    async def bring_forward(self, channel: Channel) -> int:
        """Put what will be due soon where `claim` looks; return how many. To be called every few seconds."""
        soon = self._clock.now() + timedelta(seconds=_SOON_S)
        later = {"queue": _later(channel), "next_at": {"$lte": soon}}
        return await self.collection.update_all(later, {"$set": {"queue": _now(channel)}})

    async def claim(self, owner: str, lease_s: float, channel: Channel, but_not: Iterable[str] = ()) -> Delivery | None:
        """Take the delivery that has been due longest, or whose holder's lease is past, for `lease_s`.

        `but_not` are targets that are left alone for now. The claim counts as an attempt.
        """
        now = self._clock.now()
        due = {"queue": _now(channel), "next_at": {"$lte": now}, "target": {"$nin": list(but_not)}}
        until = now + timedelta(seconds=lease_s)
        lease = {"status": DeliveryStatus.DELIVERING, "owner": owner, "next_at": until}
        update = {"$set": lease, "$inc": {"attempts": 1}}
        return await self.collection.change(due, update, sort=[("next_at", 1), ("_id", 1)])

    async def arrived(self, claimed: Delivery, entry: DeliveryAttempt) -> None:
        """Note that it was delivered, and wipe what names a person. Raises `StaleAttempt` if it is another's."""
        done = {"status": DeliveryStatus.DELIVERED, "delivered_at": entry.at, "next_at": None, "queue": ""}
        await self._change_own(claimed, entry, done, wipe=claimed.wiped_once_delivered)

    async def retry(self, claimed: Delivery, entry: DeliveryAttempt, next_at: datetime) -> None:
        """Put it back for another attempt at `next_at`. Raises `StaleAttempt` if it is another's."""
        soon = next_at <= self._clock.now() + timedelta(seconds=_SOON_S)
        queue = _now(claimed.channel) if soon else _later(claimed.channel)
        await self._change_own(claimed, entry, {"status": DeliveryStatus.QUEUED, "next_at": next_at, "queue": queue})

    async def give_up(self, claimed: Delivery, entry: DeliveryAttempt) -> None:
        """Try it no more. Raises `StaleAttempt` if it is another's."""
        await self._change_own(claimed, entry, {"status": DeliveryStatus.FAILED, "next_at": None, "queue": ""})

    async def replay(self, delivery_id: str) -> Delivery:
        """Queue it anew, with all its attempts before it.

        Raises `NotFound`, and `Conflict`: `delivery_wiped` when what was sent is not kept any more,
        `delivery_under_way` while it is being tried.
        """
        delivery = await self.get(delivery_id)
        if delivery.payload is None:
            raise Conflict("what was sent is not kept after delivery; it cannot be sent again", code="delivery_wiped")
        over = {"_id": delivery_id, "status": delivery.status, "attempts": delivery.attempts}
        anew = {
            "status": DeliveryStatus.QUEUED,
            "attempts": 0,
            "owner": None,
            "next_at": self._clock.now(),
            "queue": _now(delivery.channel),
            "delivered_at": None,
        }
        changed = None
        if delivery.status is not DeliveryStatus.DELIVERING:
            changed = await self.collection.change(over, {"$set": anew})
        if changed is None:
            raise Conflict("it is being delivered just now; look again in a minute", code="delivery_under_way")
        return changed

    async def get(self, delivery_id: str) -> Delivery:
        """Return the delivery of that id. Raises `NotFound`."""
        delivery = await self.collection.get(delivery_id)
        if delivery is None:
            raise NotFound("there is no such delivery", code="delivery_not_found")
        return delivery

    async def of(self, session_id: str) -> list[Delivery]:
        """Return what was sent about a session, the oldest first."""
        return await self.collection.find({"session_id": session_id}, [("created_at", 1), ("_id", 1)])

    async def page(
        self, target: str, *, status: DeliveryStatus | None = None, limit: int = 50, after: str | None = None
    ) -> tuple[list[Delivery], str | None]:
        """Return a target's deliveries, newest first, and the cursor of the next page, which is None on the last.

        `limit` is 1 to 100. Raises `Invalid` (codes `bad_cursor`, `bad_limit`).
        """
        check_limit(limit)
        query: dict[str, Any] = {"target": target}
        if status is not None:
            query["status"] = status
        if after is not None:
            query.update(Cursor.parse(after).older())
        found = await self.collection.find(query, [("created_at", -1), ("_id", -1)], limit + 1)
        page = found[:limit]
        more = len(found) > limit
        return page, str(Cursor(page[-1].created_at, page[-1].delivery_id)) if more else None

    async def delete_of(self, target: str) -> int:
        """Delete a target's deliveries; return how many."""
        return await self.collection.delete({"target": target})

    async def _change_own(
        self, claimed: Delivery, entry: DeliveryAttempt, values: dict[str, Any], *, wipe: bool = False
    ) -> None:
        own = {
            "_id": claimed.delivery_id,
            "status": DeliveryStatus.DELIVERING,
            "owner": claimed.owner,
            "attempts": claimed.attempts,
        }
        # written as a whole: nobody else writes while the lease is held
        log = (*claimed.log, entry)[-MAX_LOG:]
        update: dict[str, Any] = {"$set": {**values, "owner": None, "log": log}}
        if wipe:
            update["$unset"] = {SEALED: ""}
        if await self.collection.change(own, update) is None:
            raise StaleAttempt(f"the delivery {claimed.delivery_id} is another's now, or gone")


def _now(channel: Channel) -> str:
    return f"{channel}:now"


def _later(channel: Channel) -> str:
    return f"{channel}:later"

"""Finding what has still to be told to the webhooks, in any collection whose records carry `announce`."""

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel

from interview.outgoing import Announce
from interview.storage.base import Collection, R

INDEX = IndexModel([("announce", 1)])


async def due(collection: Collection[R], limit: int) -> list[R]:
    """Return at most `limit` records that have still to be announced."""
    return await collection.find_valid({"announce": Announce.DUE}, [("_id", 1)], limit)


async def announced(collection: Collection[R], record: R, state: Mapping[str, Any] = {}) -> bool:
    """Note that the record was announced, if it still is in that `state`; tell whether it was."""
    as_told = {"_id": collection.shape.key(record), "announce": Announce.DUE, **state}
    return await collection.change(as_told, {"$set": {"announce": Announce.DONE}}) is not None

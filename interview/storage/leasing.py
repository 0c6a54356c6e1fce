"""Taking the next of what waits, in any queue whose records are leased by status: one way to do it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from interview.storage.base import Collection, R


async def claim(
    collection: Collection[R],
    *,
    waiting: StrEnum | Sequence[StrEnum],
    held: StrEnum,
    owner: str,
    now: datetime,
    lease_s: float,
    also: Mapping[str, Any] = {},
    of: Mapping[str, Any] = {},
    order: str = "queued_at",
) -> R | None:
    """Take the first record in `order` that waits, or whose holder's lease is past, for `lease_s`; None if there is
    none.

    `of` narrows down which. Its status becomes `held`, `also` is set with it, and the claim counts as an attempt. The
    collection needs an index on status and `order`.
    """
    states = [waiting] if isinstance(waiting, StrEnum) else list(waiting)
    claimable = {
        **of,
        # Implied by what follows; the embedded database uses the index for this, but not for what is within $or.
        "status": {"$in": [*states, held]},
        "$or": [
            *({"status": state, "not_before": {"$lte": now}} for state in states),
            {"status": held, "lease_until": {"$lte": now}},
        ],
    }
    lease = {"status": held, "owner": owner, "lease_until": now + timedelta(seconds=lease_s), **also}
    update = {"$set": lease, "$inc": {"attempts": 1}}
    return await collection.change(claimable, update, sort=[(order, 1), ("_id", 1)])

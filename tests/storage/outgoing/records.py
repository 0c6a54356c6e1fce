"""Webhooks and running loops for the tests of what is sent."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from control_api.outgoing.loop import Courier
from control_api.outgoing.signing import new_secret
from control_api.parts import Parts
from interview.outgoing import Delivery, DeliveryStatus, EventKind, Webhook

EVERYTHING = tuple(kind for kind in EventKind if kind is not EventKind.PING)


async def registered(parts: Parts, url: str, events: tuple[EventKind, ...] = EVERYTHING, **given: Any) -> Webhook:
    webhook = Webhook(
        webhook_id=str(uuid.uuid4()),
        url=url,
        secret=new_secret(),
        events=events,
        created_by="admin-1",
        created_at=parts.clock.now(),
        **given,
    )
    await parts.storage.webhooks.add(webhook)
    return webhook


@asynccontextmanager
async def delivering(parts: Parts) -> AsyncIterator[None]:
    """Run the loop of one process."""
    async with Courier.of(parts.settings, parts.storage, parts.clock).running():
        yield


async def becomes(parts: Parts, delivery_id: str, status: DeliveryStatus, attempts: int = 1) -> Delivery:
    """Wait until a delivery is in that status after so many attempts."""
    found: list[Delivery] = []

    async def there() -> bool:
        found[:] = [await parts.storage.deliveries.get(delivery_id)]
        return found[0].status is status and found[0].attempts >= attempts

    await until(there)
    return found[0]


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(15):
        while not await condition():  # noqa: ASYNC110 - what is waited for is in the database
            await asyncio.sleep(0.02)

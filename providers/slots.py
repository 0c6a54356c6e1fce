"""Holds a slot at a provider for as long as a stream is open."""

import asyncio
import logging
import random
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from interview.errors import StorageError
from interview.storage.provider_slots import ProviderSlot, ProviderSlots

log = logging.getLogger(__name__)

T = TypeVar("T")

_DATABASE_S = 2.0
"""A database that is slower is not waited for: no interview stands still for the sake of a count."""
_LOOK_AGAIN_S = 0.25


class Full(Exception):
    """All of a provider's slots are taken: a signal to the chain."""


@dataclass(frozen=True)
class SlotTimes:
    """How long a slot is held without a sign of life, and how long one is waited for, in seconds."""

    lease_s: float
    wait_s: float


class Held:
    """One slot, renewed until it is released. `key` is the name of the key that it belongs to.

    Without a `slot` the database did not answer: then the provider itself is the one who refuses what is too much.
    """

    def __init__(self, repository: ProviderSlots, slot: ProviderSlot | None, key: str, lease_s: float) -> None:
        self.key = key
        self._repository = repository
        self._slot = slot
        self._lease_s = lease_s
        self._renewing = asyncio.create_task(self._renew(slot), name="provider-slot") if slot else None

    async def release(self) -> None:
        """Give it back; what cannot be given back now runs out by itself."""
        if self._slot is None or self._renewing is None:
            return
        self._renewing.cancel()
        await asyncio.gather(self._renewing, return_exceptions=True)
        slot = self._slot
        await _within(lambda: self._repository.release(slot))

    async def _renew(self, slot: ProviderSlot) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 4)
            if await _within(lambda: self._repository.renew(slot, self._lease_s)) is False:
                log.warning("a slot at %s was taken over while it was in use", slot.provider)
                return


class SlotKeeper:
    """Takes slots for one process or session."""

    def __init__(self, repository: ProviderSlots, times: SlotTimes, session_id: str = "") -> None:
        self._repository = repository
        self._times = times
        self._session_id = session_id

    async def take(self, provider: str, limits: Mapping[str, int], *, alone: bool) -> Held:
        """Take a slot with the least used of the keys in `limits`. Raises `Full`, after a short wait for one.

        `alone` means that a session needs only one such stream: it takes over what an attempt before it still holds.
        """
        owner = uuid.uuid4().hex
        session_id = self._session_id if alone else ""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._times.wait_s
        while True:
            try:
                async with asyncio.timeout(_DATABASE_S):
                    slot = await self._repository.take(
                        provider, limits, owner=owner, ttl_s=self._times.lease_s, session_id=session_id
                    )
            except (StorageError, TimeoutError) as error:
                log.warning("no slot at %s could be asked for (%s), going without", provider, type(error).__name__)
                return Held(self._repository, None, random.choice(list(limits)), self._times.lease_s)
            if slot is not None:
                return Held(self._repository, slot, slot.key, self._times.lease_s)
            if loop.time() >= until:
                raise Full(provider)
            await asyncio.sleep(_LOOK_AGAIN_S * (0.5 + random.random()))


async def _within(call: Callable[[], Awaitable[T]]) -> T | None:
    try:
        async with asyncio.timeout(_DATABASE_S):
            return await call()
    except (StorageError, TimeoutError) as error:
        log.warning("a slot at a provider waits for the database: %s", type(error).__name__)
        return None

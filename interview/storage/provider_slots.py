"""Who uses which of the streams that a provider allows at once, over all processes."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pymongo import IndexModel

from interview.clock import Clock
from interview.record import Line, Moment, Record
from interview.storage.base import Collection, Database, Duplicate, Shape


class ProviderSlot(Record):
    """Stream `number` with one key of a provider is `owner`'s until `until`. `session_id` is empty outside sessions."""

    slot_id: Line
    provider: Line
    key: Line
    """The key's name, never the key."""
    number: int
    owner: Line
    session_id: str = ""
    until: Moment


SHAPE = Shape(
    collection="provider_slots",
    record=ProviderSlot,
    key=lambda slot: slot.slot_id,
    key_field="slot_id",
    indexes=(IndexModel([("provider", 1)]), IndexModel([("session_id", 1)])),
    anonymised=lambda slot: slot,
)
_TRIES = 20


def slot_id(provider: str, key: str, number: int) -> str:
    """Derive the id of a slot; that there is one document an id is what keeps a provider from being overrun."""
    return f"{provider}:{key}:{number}"


class ProviderSlots:
    """The collection `provider_slots`.

    A slot is a document whose id is provider, key and number, so that two cannot take the same one; it is a lease, so
    that what a killed process held comes back by itself.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.collection = Collection(database, SHAPE)
        self._clock = clock

    async def take(
        self, provider: str, limits: Mapping[str, int], *, owner: str, ttl_s: float, session_id: str = ""
    ) -> ProviderSlot | None:
        """Take a slot with the key that is used least; None when all keys are full.

        `limits` says how many slots each key has. What the same session still holds there, of an attempt that is dead,
        is taken over: it cannot listen twice.
        """
        for _ in range(_TRIES):
            now = self._clock.now()
            known = await self.collection.find({"provider": provider}, [("number", 1)])
            if session_id and (own := next((s for s in known if s.session_id == session_id and s.key in limits), None)):
                if taken := await self._claim(own, owner, session_id, ttl_s):
                    return taken
                continue
            choice = _least_used(known, limits, now)
            if choice is None:
                return None
            key, number = choice
            there = next((s for s in known if s.key == key and s.number == number), None)
            taken = (
                await self._insert(provider, key, number, owner, session_id, ttl_s)
                if there is None
                else await self._claim(there, owner, session_id, ttl_s)
            )
            if taken is not None:
                return taken
        return None

    async def renew(self, slot: ProviderSlot, ttl_s: float) -> bool:
        """Hold a slot for another `ttl_s`; False when it is another's by now."""
        own = {"_id": slot.slot_id, "owner": slot.owner}
        until = self._clock.now() + timedelta(seconds=ttl_s)
        return await self.collection.change(own, {"$set": {"until": until}}) is not None

    async def release(self, slot: ProviderSlot) -> None:
        """Give a slot back, if it is still its owner's."""
        await self.collection.delete({"_id": slot.slot_id, "owner": slot.owner})

    async def in_use(self) -> list[ProviderSlot]:
        """Return the slots that are held now."""
        now = self._clock.now()
        return [slot for slot in await self.collection.find({}, [("_id", 1)]) if slot.until > now]

    async def _insert(
        self, provider: str, key: str, number: int, owner: str, session_id: str, ttl_s: float
    ) -> ProviderSlot | None:
        slot = ProviderSlot(
            slot_id=slot_id(provider, key, number),
            provider=provider,
            key=key,
            number=number,
            owner=owner,
            session_id=session_id,
            until=self._clock.now() + timedelta(seconds=ttl_s),
        )
        try:
            await self.collection.insert(slot)
        except Duplicate:
            return None
        return slot

    async def _claim(self, seen: ProviderSlot, owner: str, session_id: str, ttl_s: float) -> ProviderSlot | None:
        """Take a slot over as it was seen: whoever renewed or took it since keeps it."""
        as_seen = {"_id": seen.slot_id, "owner": seen.owner, "until": seen.until}
        until = self._clock.now() + timedelta(seconds=ttl_s)
        return await self.collection.change(
            as_seen, {"$set": {"owner": owner, "session_id": session_id, "until": until}}
        )


def _least_used(known: list[ProviderSlot], limits: Mapping[str, int], now: datetime) -> tuple[str, int] | None:
    """Return the key with the smallest share in use, and a free number of it."""
    best: tuple[float, str, int] | None = None
    for key, limit in limits.items():
        held = {slot.number for slot in known if slot.key == key and slot.until > now}
        free = next((number for number in range(limit) if number not in held), None)
        if free is None:
            continue
        share = len(held) / limit
        if best is None or share < best[0]:
            best = share, key, free
    return None if best is None else best[1:]

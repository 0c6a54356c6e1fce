"""Who needs a slot waits briefly, and goes without when the database is away."""

import asyncio

import pytest

from interview.errors import StorageUnavailable
from interview.storage import Storage
from providers.slots import Full, SlotKeeper, SlotTimes
from tests.api.inference.conftest import until

LIMITS = {"main": 1}


async def test_a_full_provider_is_waited_for_only_briefly(storage: Storage) -> None:
    keeper = SlotKeeper(storage.provider_slots, SlotTimes(lease_s=60, wait_s=0.1))
    held = await keeper.take("full", LIMITS, alone=False)
    with pytest.raises(Full):
        await keeper.take("full", LIMITS, alone=False)
    await held.release()
    assert (await keeper.take("full", LIMITS, alone=False)).key == "main"


async def test_who_waits_gets_what_comes_free(storage: Storage) -> None:
    keeper = SlotKeeper(storage.provider_slots, SlotTimes(lease_s=60, wait_s=10))
    held = await keeper.take("soon", LIMITS, alone=False)
    waiting = asyncio.create_task(keeper.take("soon", LIMITS, alone=False))
    await asyncio.sleep(0)  # it has begun to wait
    assert not waiting.done()
    await held.release()
    async with asyncio.timeout(10):
        got = await waiting
    assert got.key == held.key
    await got.release()


async def test_a_slot_is_renewed_while_it_is_in_use(storage: Storage) -> None:
    held = await SlotKeeper(storage.provider_slots, SlotTimes(lease_s=0.4, wait_s=0)).take("long", LIMITS, alone=False)
    (first,) = [slot for slot in await storage.provider_slots.in_use() if slot.provider == "long"]

    async def renewed() -> bool:
        return await storage.provider_slots.collection.get(first.slot_id) != first

    await until(renewed, 10)
    await held.release()
    assert await storage.provider_slots.collection.get(first.slot_id) is None


async def test_nobody_stands_still_because_the_database_is_away(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*given: object, **more: object) -> None:
        raise StorageUnavailable("away")

    monkeypatch.setattr(storage.provider_slots, "take", away)
    held = await SlotKeeper(storage.provider_slots, SlotTimes(60, 0)).take("any", LIMITS, alone=True)
    assert held.key == "main"
    await held.release()

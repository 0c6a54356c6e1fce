"""Leases and counters under contention."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from motor.motor_asyncio import AsyncIOMotorDatabase

from interview.clock import VirtualClock
from interview.storage import Storage
from tests.storage.builders import NOON


async def test_of_two_hundred_racers_one_gets_the_lease(timed: Storage) -> None:
    won = await asyncio.gather(*(timed.leases.acquire("custodian", f"api-{n}", 60) for n in range(200)))
    assert won.count(True) == 1
    assert await timed.leases.holder("custodian") == f"api-{won.index(True)}"


async def test_of_two_hundred_racers_one_takes_over_a_lease_that_is_past(timed: Storage, clock: VirtualClock) -> None:
    await timed.leases.acquire("custodian", "dead", 60)
    clock.advance(60)
    won = await asyncio.gather(*(timed.leases.acquire("custodian", f"api-{n}", 60) for n in range(200)))
    assert won.count(True) == 1
    assert await timed.leases.holder("custodian") == f"api-{won.index(True)}"


async def test_a_lease_is_renewed_by_its_owner_and_by_nobody_else(timed: Storage, clock: VirtualClock) -> None:
    assert await timed.leases.acquire("custodian", "a", 60)
    clock.advance(50)
    assert await timed.leases.acquire("custodian", "a", 60)
    clock.advance(50)
    assert not await timed.leases.acquire("custodian", "b", 60)
    assert await timed.leases.holder("custodian") == "a"
    clock.advance(10)
    assert await timed.leases.holder("custodian") is None
    assert await timed.leases.acquire("custodian", "b", 60)


async def test_a_lease_is_given_up_by_its_owner_only(timed: Storage) -> None:
    await timed.leases.acquire("custodian", "a", 60)
    await timed.leases.release("custodian", "b")
    assert await timed.leases.holder("custodian") == "a"
    await timed.leases.release("custodian", "a")
    assert await timed.leases.holder("custodian") is None
    assert await timed.leases.acquire("custodian", "b", 60)
    assert not await timed.leases.acquire("custodian", "a", 60)
    assert await timed.leases.acquire("another", "a", 60)


async def test_two_hundred_counts_are_the_numbers_from_one_to_two_hundred(timed: Storage) -> None:
    counts = await asyncio.gather(*(timed.leases.count("requests:12:00") for _ in range(200)))
    assert sorted(counts) == list(range(1, 201))
    assert await timed.leases.count("requests:12:01") == 1


async def test_old_counters_are_forgotten(timed: Storage, clock: VirtualClock) -> None:
    await timed.leases.count("old")
    clock.advance(60)
    await timed.leases.count("new")
    assert await timed.leases.forget_counts(NOON + timedelta(seconds=1)) == 1
    assert (await timed.leases.count("old"), await timed.leases.count("new")) == (1, 2)


async def test_a_counters_key_is_not_stored(storage: Storage, raw: AsyncIOMotorDatabase) -> None:
    await storage.leases.count(f"login:zephyrine@quokka.example:{uuid4()}")
    stored = await raw["rate_windows"].find({}).to_list(None)
    assert stored
    assert "quokka" not in repr(stored)

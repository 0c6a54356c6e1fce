"""Places in a queue are looked up for several claims at once, and each is still claimed once and in order."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from interview.clock import VirtualClock
from interview.storage import Storage, leasing
from tests.storage.builders import settings


@pytest.fixture
async def another(
    mongo_uri: str, timed: Storage, timed_raw: AsyncIOMotorDatabase, clock: VirtualClock
) -> AsyncIterator[Storage]:
    """The same database, as another process sees it."""
    connected = await Storage.connect(settings(mongo_uri, timed_raw.name), clock, timed.keyring)
    yield connected
    await connected.close()


async def queued(storage: Storage, clock: VirtualClock, n: int = 1) -> list[str]:
    ids = [str(uuid4()) for _ in range(n)]
    for session_id in ids:
        await storage.reports.enqueue(session_id)
        clock.advance(1)
    return ids


async def claimed(storage: Storage, owner: str = "w") -> str | None:
    found = await storage.reports.claim(owner, 600)
    return None if found is None else found.session_id


async def test_two_processes_take_each_place_once_though_both_have_noted_them(
    timed: Storage, another: Storage, clock: VirtualClock
) -> None:
    ids = await queued(timed, clock, leasing.LOOK + 5)

    taken: dict[str, list[str]] = {"a": [], "b": []}
    while any(found := await asyncio.gather(claimed(timed, "a"), claimed(another, "b"))):
        for owner, one in zip(taken, found, strict=True):
            taken[owner] += [] if one is None else [one]
    assert sorted(taken["a"] + taken["b"]) == sorted(ids)
    assert min(map(len, taken.values())) > 1
    for part in taken.values():
        assert part == sorted(part, key=ids.index), "each in the queue's order"


async def test_several_claims_cost_one_look(
    timed: Storage, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leasing, "LOOK_LASTS_S", 600)
    looks = 0
    keys = timed.reports.collection.keys

    async def counted(*asked: Any) -> list[str]:
        nonlocal looks
        looks += 1
        return await keys(*asked)

    monkeypatch.setattr(timed.reports.collection, "keys", counted)
    ids = await queued(timed, clock, 5)
    assert [await claimed(timed) for _ in ids] == ids
    assert looks == 1


async def test_who_was_queued_by_another_process_is_seen_once_a_look_is_old(
    timed: Storage, another: Storage, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await queued(timed, clock, 3)
    assert await claimed(another) == ids[0]
    (first,) = await queued(timed, clock)
    await timed.reports.collection.change({"session_id": first}, {"$set": {"turn_at": clock.now().replace(year=2000)}})
    monkeypatch.setattr(leasing, "LOOK_LASTS_S", 0)
    assert await claimed(another) == first


async def test_what_was_noted_and_waits_no_more_is_passed_over(
    timed: Storage, another: Storage, clock: VirtualClock
) -> None:
    ids = await queued(timed, clock, 3)
    assert await claimed(another) == ids[0]
    assert await claimed(timed) == ids[1]
    assert await claimed(another) == ids[2]
    assert await claimed(another) is None
    clock.advance(700)
    assert {await claimed(another) for _ in ids} == set(ids), "their leases are past"

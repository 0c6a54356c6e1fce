"""Plans that are kept: no change is lost, and no version either."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from interview.clock import VirtualClock
from interview.errors import Conflict, NotFound
from interview.plan import PlanContent
from interview.storage import Storage
from interview.storage.verify import verify
from interview.stored_plan import Sharing, StoredPlan
from tests.storage.builders import NOON, plan


def stored(**changes: Any) -> StoredPlan:
    values: dict[str, Any] = {
        "plan_id": str(uuid4()),
        "owner_id": f"owner-{uuid4()}",
        "content": plan().content(),
        "created_at": NOON,
        "updated_at": NOON,
    }
    return StoredPlan(**{**values, **changes})


def titled(title: str) -> PlanContent:
    return plan().content().model_copy(update={"title": title})


async def test_a_plan_is_kept_as_it_was_written(storage: Storage) -> None:
    kept = stored(sharing=Sharing.SHARED)
    await storage.plans.add(kept)
    assert await storage.plans.get(kept.plan_id) == kept
    assert await storage.plans.get(str(uuid4())) is None
    with pytest.raises(Conflict):
        await storage.plans.add(kept)
    snapshot = kept.snapshot()
    assert (snapshot.plan_id, snapshot.version, snapshot.content()) == (kept.plan_id, 1, kept.content)


async def test_every_version_stays_readable(timed: Storage, clock: VirtualClock) -> None:
    kept = stored(content=titled("one"))
    await timed.plans.add(kept)
    for version, title in ((1, "two"), (2, "three")):
        clock.advance(60)
        kept = await timed.plans.update(kept, titled(title), sharing=Sharing.PRIVATE, edited=version)
    assert (kept.version, kept.created_at, kept.updated_at) == (3, NOON, clock.now())
    assert await timed.plans.get(kept.plan_id) == kept
    assert [(await timed.plans.version(kept, n)).title for n in (1, 2, 3)] == ["one", "two", "three"]
    for absent in (0, 4):
        with pytest.raises(NotFound) as refused:
            await timed.plans.version(kept, absent)
        assert refused.value.code == "plan_version_not_found"
    assert await verify(timed) == []


async def test_of_many_changes_at_once_one_is_made_and_the_others_are_told(storage: Storage) -> None:
    kept = stored()
    await storage.plans.add(kept)
    updates = (storage.plans.update(kept, titled(f"by {n}"), sharing=Sharing.PRIVATE, edited=1) for n in range(10))
    results = await asyncio.gather(*updates, return_exceptions=True)
    made = [result for result in results if isinstance(result, StoredPlan)]
    refused = [result for result in results if isinstance(result, Conflict)]
    assert (len(made), len(refused)) == (1, 9)
    assert {(error.code, error.details["version"]) for error in refused} == {("plan_changed", 2)}
    now = await storage.plans.get(kept.plan_id)
    assert now == made[0]
    assert await storage.plans.version(made[0], 1) == kept.content


async def test_a_process_that_dies_in_mid_change_spoils_nothing(storage: Storage, raw: AsyncIOMotorDatabase) -> None:
    kept = stored(content=titled("one"))
    await storage.plans.add(kept)
    await storage.plans._put_aside(kept)  # pyright: ignore[reportPrivateUsage] - as far as it came
    assert await storage.plans.get(kept.plan_id) == kept
    changed = await storage.plans.update(kept, titled("two"), sharing=Sharing.PRIVATE, edited=1)
    assert (await storage.plans.version(changed, 1)).title == "one"


async def test_an_archived_plan_is_neither_listed_nor_changed(storage: Storage) -> None:
    kept = stored(sharing=Sharing.SHARED)
    await storage.plans.add(kept)
    await storage.plans.archive(kept.plan_id)
    once = await storage.plans.get(kept.plan_id)
    await storage.plans.archive(kept.plan_id)
    assert await storage.plans.get(kept.plan_id) == once
    assert (await storage.plans.page(owner_id=kept.owner_id))[0] == []
    assert (await storage.plans.page(owner_id=kept.owner_id, archived=True))[0] == [once]
    for seen in (kept, once):
        assert seen is not None
        with pytest.raises(Conflict) as refused:
            await storage.plans.update(seen, titled("two"), sharing=Sharing.PRIVATE, edited=1)
        assert refused.value.code == "plan_archived"


async def test_plans_come_in_pages_by_owner_sharing_and_title(timed: Storage, clock: VirtualClock) -> None:
    owner = "owner-1"
    titles = ["Nurse (triage)", "nurse, nights", "Ärztin", "50 % sales", "Sales $"]
    for title in titles:
        clock.advance(1)
        shared = Sharing.SHARED if "urse" in title else Sharing.PRIVATE
        now = clock.now()
        await timed.plans.add(
            stored(owner_id=owner, content=titled(title), sharing=shared, created_at=now, updated_at=now)
        )
    await timed.plans.add(stored(owner_id="owner-2", content=titled("Another's")))

    seen: list[str] = []
    cursor = None
    for _ in range(4):
        page, cursor = await timed.plans.page(owner_id=owner, limit=2, after=cursor)
        seen += [kept.content.title for kept in page]
        if cursor is None:
            break
    assert seen == titles[::-1]

    async def found(title: str, **query: Any) -> list[str]:
        return [kept.content.title for kept in (await timed.plans.page(title=title, **query))[0]]

    assert await found("NURSE", owner_id=owner) == ["nurse, nights", "Nurse (triage)"]
    assert await found("(", owner_id=owner) == ["Nurse (triage)"]
    assert await found("50 %") == ["50 % sales"]
    assert await found("$") == ["Sales $"]
    assert await found("ärztin") == ["Ärztin"]
    assert await found(".*") == []
    assert await found("", sharing=Sharing.SHARED) == ["nurse, nights", "Nurse (triage)"]
    assert len(await found("")) == 6


async def test_a_plan_that_changed_hands_is_not_given_back_by_an_edit_under_way(timed: Storage) -> None:
    read = stored()
    await timed.plans.add(read)
    assert await timed.plans.hand_over(read.plan_id, source=read.owner_id, target="heir")
    assert not await timed.plans.hand_over(read.plan_id, source=read.owner_id, target="other")
    with pytest.raises(Conflict) as refused:
        await timed.plans.update(read, read.content, sharing=read.sharing, edited=read.version)
    assert refused.value.code == "plan_changed"
    kept = await timed.plans.get(read.plan_id)
    assert kept is not None
    assert kept.owner_id == "heir"

"""The queue of deliveries: leases, what is kept and for how long, pages, replay."""

import asyncio
from datetime import timedelta

import bson
import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from interview.clock import VirtualClock
from interview.errors import Conflict, NotFound, StaleAttempt
from interview.outgoing import (
    MAX_LOG,
    Channel,
    Delivery,
    DeliveryAttempt,
    DeliveryStatus,
    EventKind,
    Webhook,
    delivery_id,
)
from interview.storage import Storage
from interview.storage.verify import verify
from interview.storage.webhooks import MAX_WEBHOOKS
from tests.storage.builders import NOON, session

WEBHOOK = Channel.WEBHOOK


def delivery(n: int = 0, event: EventKind = EventKind.PING, **changes: object) -> Delivery:
    values: dict[str, object] = {
        "delivery_id": delivery_id(event, f"test:{n}", "hook"),
        "channel": WEBHOOK,
        "target": "hook",
        "event": event,
        "subject": f"test:{n}",
        "session_id": None,
        "payload": {"link": "quokka"},
        "next_at": NOON,
        "created_at": NOON + timedelta(seconds=n),
    }
    return Delivery.model_validate(values | changes)


def entry(code: int = 204) -> DeliveryAttempt:
    return DeliveryAttempt(at=NOON, code=code, duration_ms=3)


async def claimed(storage: Storage, owner: str = "one") -> Delivery:
    got = await storage.deliveries.claim(owner, 60, WEBHOOK)
    assert got is not None
    return got


async def test_many_claimants_get_each_once(timed: Storage) -> None:
    for n in range(20):
        assert await timed.deliveries.add(delivery(n))
    got = await asyncio.gather(*(timed.deliveries.claim(f"owner {n}", 60, WEBHOOK) for n in range(40)))
    taken = [one.delivery_id for one in got if one is not None]
    assert len(taken) == len(set(taken)) == 20


async def test_adding_again_changes_nothing(timed: Storage) -> None:
    assert await timed.deliveries.add(delivery())
    await timed.deliveries.arrived(await claimed(timed), entry())
    assert not await timed.deliveries.add(delivery())
    assert (await timed.deliveries.get(delivery().delivery_id)).status is DeliveryStatus.DELIVERED


async def test_whoever_lost_the_lease_writes_nothing(timed: Storage, clock: VirtualClock) -> None:
    await timed.deliveries.add(delivery())
    late = await claimed(timed, "late")
    clock.advance(61)
    now = await claimed(timed, "now")
    for write in (timed.deliveries.arrived, timed.deliveries.give_up):
        with pytest.raises(StaleAttempt):
            await write(late, entry())
    await timed.deliveries.arrived(now, entry())


async def test_what_is_due_much_later_is_found_when_it_is(timed: Storage, clock: VirtualClock) -> None:
    await timed.deliveries.add(delivery())
    await timed.deliveries.retry(await claimed(timed), entry(500), NOON + timedelta(hours=3))
    assert await timed.deliveries.bring_forward(WEBHOOK) == 0
    clock.advance(3 * 3600 - 5)
    assert await timed.deliveries.bring_forward(WEBHOOK) == 1
    assert await timed.deliveries.claim("one", 60, WEBHOOK) is None
    clock.advance(5)
    assert (await claimed(timed)).attempts == 2


async def test_channels_and_busy_targets_are_left_alone(timed: Storage) -> None:
    await timed.deliveries.add(delivery())
    assert await timed.deliveries.claim("one", 60, Channel.MAIL) is None
    assert await timed.deliveries.claim("one", 60, WEBHOOK, ["hook"]) is None
    assert await timed.deliveries.claim("one", 60, WEBHOOK, ["other"]) is not None


async def test_a_delivered_invite_is_wiped_and_a_failed_one_can_be_sent_again(
    timed: Storage, timed_raw: AsyncIOMotorDatabase
) -> None:
    invite = delivery(event=EventKind.INVITE_CREATED, recipient="quokka@example.com")
    await timed.deliveries.add(invite)
    await timed.deliveries.give_up(await claimed(timed), entry(500))
    again = await timed.deliveries.replay(invite.delivery_id)
    assert (again.status, again.attempts, again.payload) == (DeliveryStatus.QUEUED, 0, invite.payload)
    await timed.deliveries.arrived(await claimed(timed), entry())

    kept = await timed.deliveries.get(invite.delivery_id)
    assert (kept.payload, kept.recipient) == (None, None)
    assert [one.code for one in kept.log] == [500, 204]
    stored = await timed_raw["deliveries"].find_one({"_id": invite.delivery_id})
    assert stored is not None
    assert "sealed" not in stored
    with pytest.raises(Conflict, match="not kept"):
        await timed.deliveries.replay(invite.delivery_id)
    assert await verify(timed) == []


async def test_what_is_sent_lies_sealed(timed: Storage, timed_raw: AsyncIOMotorDatabase) -> None:
    await timed.deliveries.add(delivery(recipient="quokka@example.com"))
    hook = Webhook(
        webhook_id="hook",
        url="https://example.com",
        secret="whsec_quokka",
        events=(EventKind.REPORT_READY,),
        created_by="admin",
        created_at=NOON,
    )
    await timed.webhooks.add(hook)
    assert await timed.webhooks.get("hook") == hook
    for name in ("deliveries", "webhooks"):
        [document] = [one async for one in timed_raw[name].find({})]
        assert b"quokka" not in bson.encode(document)


async def test_replay_of_what_arrived_and_not_of_what_is_under_way(timed: Storage) -> None:
    await timed.deliveries.add(delivery())
    under_way = await claimed(timed)
    with pytest.raises(Conflict) as refused:
        await timed.deliveries.replay(under_way.delivery_id)
    assert refused.value.code == "delivery_under_way"
    await timed.deliveries.arrived(under_way, entry())
    await timed.deliveries.replay(under_way.delivery_id)
    await timed.deliveries.arrived(await claimed(timed), entry())
    with pytest.raises(NotFound):
        await timed.deliveries.replay("none")


async def test_the_log_of_attempts_is_bounded(timed: Storage) -> None:
    await timed.deliveries.add(delivery())
    for n in range(MAX_LOG + 5):
        await timed.deliveries.retry(await claimed(timed), entry(500 + n), NOON)
    log = (await timed.deliveries.get(delivery().delivery_id)).log
    assert [one.code for one in log] == [500 + n for n in range(5, MAX_LOG + 5)]


async def test_pages_by_target_and_status(timed: Storage) -> None:
    for n in range(5):
        await timed.deliveries.add(delivery(n))
    await timed.deliveries.add(delivery(9, target="other"))
    await timed.deliveries.arrived(await claimed(timed), entry())
    seen: list[str] = []
    cursor = None
    for rows in (2, 2, 1):
        page, cursor = await timed.deliveries.page("hook", limit=2, after=cursor)
        assert len(page) == rows
        seen += [one.subject for one in page]
    assert cursor is None
    assert seen == [f"test:{n}" for n in (4, 3, 2, 1, 0)]
    page, _ = await timed.deliveries.page("hook", status=DeliveryStatus.DELIVERED)
    assert len(page) == 1
    assert await timed.deliveries.delete_of("hook") == 5
    assert len((await timed.deliveries.page("other"))[0]) == 1


async def test_a_delivery_about_an_erased_session_is_refused(timed: Storage) -> None:
    gone = session()
    await timed.sessions.add(gone)
    await timed.erase_session(gone.session_id)
    with pytest.raises(StaleAttempt):
        await timed.deliveries.add(delivery(session_id=gone.session_id))
    assert await timed.deliveries.of(gone.session_id) == []


async def test_webhooks_are_bounded_in_number(timed: Storage) -> None:
    def hook(n: int) -> Webhook:
        return Webhook(
            webhook_id=str(n), url="https://x", secret="s", events=(EventKind.PING,), created_by="a", created_at=NOON
        )

    for n in range(MAX_WEBHOOKS):
        await timed.webhooks.add(hook(n))
    with pytest.raises(Conflict) as refused:
        await timed.webhooks.add(hook(MAX_WEBHOOKS))
    assert refused.value.code == "too_many_webhooks"

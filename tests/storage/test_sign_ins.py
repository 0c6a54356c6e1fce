"""Refresh tokens, failures and counts under contention, on the real database."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

from interview.clock import VirtualClock
from interview.sign_in import RefreshFamily, delay_s
from interview.storage import Storage
from tests.storage.builders import NOON
from tests.storage.test_people import user

RULES: dict[str, Any] = {"free": 3, "longest_s": 900, "forget_s": 3600}


def family(user_id: str = "user-1") -> RefreshFamily:
    return RefreshFamily(
        family_id=f"family-of-{user_id}",
        user_id=user_id,
        token_hash="first",
        created_at=NOON,
        last_used_at=NOON,
        expires_at=NOON + timedelta(days=14),
    )


async def test_of_a_hundred_who_rotate_one_token_one_does(timed: Storage) -> None:
    await timed.refresh_tokens.add(family())
    later = NOON + timedelta(seconds=1)
    won = await asyncio.gather(
        *(
            timed.refresh_tokens.rotate(
                "family-of-user-1", presented="first", following=f"next-{n}", now=later, expires_at=later
            )
            for n in range(100)
        )
    )
    winners = [found for found in won if found is not None]
    assert len(winners) == 1
    stored = await timed.refresh_tokens.get("family-of-user-1")
    assert stored == winners[0]
    assert (winners[0].previous_hash, winners[0].generation) == ("first", 2)


async def test_an_ended_family_rotates_no_more(timed: Storage) -> None:
    await timed.refresh_tokens.add(family())
    ended = await asyncio.gather(*(timed.refresh_tokens.end("family-of-user-1", "signed out", NOON) for _ in range(20)))
    assert ended.count(True) == 1
    rotated = await timed.refresh_tokens.rotate(
        "family-of-user-1", presented="first", following="next", now=NOON, expires_at=NOON
    )
    assert rotated is None


async def test_of_a_hundred_tries_at_once_as_many_are_taken_as_are_free(timed: Storage, clock: VirtualClock) -> None:
    tries = await asyncio.gather(*(timed.sign_in_failures.take_try("somebody", **RULES) for _ in range(100)))
    assert Counter(one.counted is not None for one in tries) == {True: 3, False: 97}
    clock.advance(1)
    tries = await asyncio.gather(*(timed.sign_in_failures.take_try("somebody", **RULES) for _ in range(100)))
    assert Counter(one.counted is not None for one in tries) == {True: 1, False: 99}


async def test_giving_a_try_back_takes_away_its_wait_and_nobody_elses(timed: Storage, clock: VirtualClock) -> None:
    for _ in range(3):
        await timed.sign_in_failures.take_try("office", **RULES)
    clock.advance(1)
    mine = await timed.sign_in_failures.take_try("office", **RULES)
    assert mine.counted is not None
    await timed.sign_in_failures.give_back(mine.counted)
    mine = await timed.sign_in_failures.take_try("office", **RULES)
    assert mine.counted is not None
    assert mine.counted.failures == 4
    clock.advance(2)
    theirs = await timed.sign_in_failures.take_try("office", **RULES)
    assert theirs.counted is not None
    await timed.sign_in_failures.give_back(mine.counted)
    assert (await timed.sign_in_failures.take_try("office", **RULES)).wait_s == 4


def test_the_wait_doubles_up_to_the_longest() -> None:
    waits = [delay_s(n, free=3, longest_s=900) for n in (0, 2, 3, 4, 5, 12, 13, 1000)]
    assert waits == [0, 0, 1, 2, 4, 512, 900, 900]


async def test_blocks_taken_at_once_do_not_overlap(timed: Storage) -> None:
    ends = await asyncio.gather(*(timed.leases.count("rate:12:00", 20) for _ in range(50)))
    assert sorted(ends) == list(range(20, 1001, 20))


async def test_a_sign_in_is_added_only_to_the_account_as_it_was_read(timed: Storage) -> None:
    rae = user("rae@example.com")
    await timed.users.add(rae)
    added = await timed.users.add_sign_in(rae, "one")
    assert added is not None
    assert added.sign_ins == ("one",)
    await timed.users.set_password(rae.user_id, "$argon2id$other", was=rae.password_hash, keep="one")
    assert await timed.users.add_sign_in(rae, "two") is None
    await timed.users.disable(rae.user_id, NOON)
    current = await timed.users.get(rae.user_id)
    assert current is not None
    assert await timed.users.add_sign_in(current, "three") is None
    assert current.sign_ins == ()

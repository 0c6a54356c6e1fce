"""Replies of models are stored before they are used, those that come together in one go."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from interview.errors import StaleAttempt
from interview.model_reply import ModelReply
from interview.storage import Storage
from interview.storage.model_replies import ModelReplies
from interview.storage.verify import verify
from tests.storage.builders import NOON, session

T = TypeVar("T")


def reply(session_id: str, asked: str, level: int = 3) -> ModelReply:
    return ModelReply(session_id=session_id, asked=asked, reply={"level": level}, model="m", replied_at=NOON)


class Writes:
    """Counts the inserts of a storage; `held`, where it is set, keeps the first one back."""

    def __init__(self, storage: Storage) -> None:
        self.n = 0
        self.held: asyncio.Event | None = None
        self.began = asyncio.Event()
        self._run = storage.database.run
        storage.database.run = self.run  # type: ignore[method-assign]

    async def run(self, operation: Callable[[], Awaitable[T]]) -> T:
        if operation.__qualname__.startswith("Collection.insert"):
            self.n += 1
            self.began.set()
            if self.held and self.n == 1:
                await self.held.wait()
        return await self._run(operation)


async def added(timed: Storage) -> str:
    made = session()
    await timed.sessions.add(made)
    return made.session_id


async def waiting(timed: Storage, one: ModelReply) -> asyncio.Task[None]:
    """Begin to keep a reply while others are written, and return once it waits for them."""
    began = asyncio.Event()

    async def keep() -> None:
        began.set()  # from here on it waits at its first pause: for those that write
        await timed.model_replies.keep(one)

    task = asyncio.create_task(keep())
    await asyncio.wait_for(began.wait(), 10)
    return task


async def test_replies_that_come_while_others_are_written_are_written_together(timed: Storage):
    ids = [await added(timed), await added(timed)]
    writes = Writes(timed)
    await asyncio.gather(*(timed.model_replies.keep(reply(ids[n % 2], f"a{n}", n % 5)) for n in range(20)))
    assert writes.n <= 2, "one for the first, one for all that came meanwhile"
    for n in range(20):
        found = await timed.model_replies.find(ids[n % 2], f"a{n}")
        assert found is not None
        assert found.reply == {"level": n % 5}
    await timed.model_replies.keep(reply(ids[0], "a0", 5))
    again = await timed.model_replies.find(ids[0], "a0")
    assert again is not None
    assert again.reply == {"level": 5}, "a newer one takes its place"
    assert await verify(timed) == []


async def test_a_session_that_is_erased_keeps_nothing_and_the_others_lose_nothing(timed: Storage):
    stays, goes = await added(timed), await added(timed)
    await timed.erase_session(goes)
    kept = [timed.model_replies.keep(reply(one, f"a{n}")) for n in range(4) for one in (stays, goes)]
    results = await asyncio.gather(*kept, return_exceptions=True)
    assert [type(one) for one in results] == [type(None), StaleAttempt] * 4
    assert len(await timed.model_replies.asked_of(stays)) == 4
    assert await timed.model_replies.asked_of(goes) == frozenset()


async def test_a_writer_that_is_stopped_takes_no_other_with_it(timed: Storage):
    session_id = await added(timed)
    writes = Writes(timed)
    writes.held = asyncio.Event()
    first = asyncio.create_task(timed.model_replies.keep(reply(session_id, "first")))
    await asyncio.wait_for(writes.began.wait(), 10)
    others = [await waiting(timed, reply(session_id, f"a{n}")) for n in range(3)]
    first.cancel()
    await asyncio.wait_for(asyncio.gather(*others), 10)
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await timed.model_replies.asked_of(session_id) >= {"a0", "a1", "a2"}


async def test_whoever_is_stopped_while_others_write_leaves_nothing_to_be_written_later(timed: Storage):
    session_id = await added(timed)
    writes = Writes(timed)
    writes.held = asyncio.Event()
    first = asyncio.create_task(timed.model_replies.keep(reply(session_id, "first")))
    await asyncio.wait_for(writes.began.wait(), 10)
    stopped = await waiting(timed, reply(session_id, "a0", 1))
    stopped.cancel()
    await asyncio.wait({stopped}, timeout=10)
    writes.held.set()
    await asyncio.wait_for(first, 10)
    other = ModelReplies(timed.database)  # another worker has asked the same again
    await other.keep(reply(session_id, "a0", 5))
    await timed.model_replies.keep(reply(session_id, "next"))
    found = await timed.model_replies.find(session_id, "a0")
    assert found is not None
    assert found.reply == {"level": 5}, "the newer one stands"

"""The embedded database keeps every answered write when it is killed, and is started again by its supervisor."""

import asyncio
from pathlib import Path

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from local.services import Stack


async def test_no_answered_write_is_lost_when_the_database_is_killed(tmp_path: Path) -> None:
    async with (
        Stack(tmp_path, services=["mongo"]) as stack,
        AsyncMongoClient(stack.url("mongo"), retryWrites=False) as client,
    ):
        things = client["viva"]["things"]
        answered: list[int] = []
        halfway = asyncio.Event()

        async def write_until_it_fails() -> None:
            for n in range(100_000):
                try:
                    await things.insert_one({"_id": n})
                except PyMongoError:
                    return
                answered.append(n)
                if n == 200:
                    halfway.set()

        writer = asyncio.create_task(write_until_it_fails())
        await asyncio.wait_for(halfway.wait(), 30)
        stack.kill("mongo")
        await asyncio.wait_for(writer, 60)
        await stack.wait_restarted("mongo", after=0)

        stored = {document["_id"] async for document in things.find()}
        assert len(answered) > 200
        assert set(answered) <= stored
        assert stored - set(answered) <= {len(answered)}

"""The embedded database applies each command as one step, also under many clients at once."""

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from pymongo import AsyncMongoClient, ReturnDocument
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.write_concern import WriteConcern

from local.servers.build import SERVERS

CLIENTS = 200


@pytest_asyncio.fixture
async def collection(mongo_uri: str) -> AsyncIterator[AsyncCollection]:
    async with AsyncMongoClient(mongo_uri, maxPoolSize=100, tz_aware=True) as client:
        database = client[f"lock_{uuid.uuid4().hex}"]
        yield database["things"]
        await client.drop_database(database)


async def test_of_two_hundred_increments_none_is_lost(collection: AsyncCollection) -> None:
    await collection.insert_one({"_id": "counter", "n": 0})

    await asyncio.gather(*(collection.update_one({"_id": "counter"}, {"$inc": {"n": 1}}) for _ in range(CLIENTS)))

    assert await collection.find_one({"_id": "counter"}) == {"_id": "counter", "n": CLIENTS}


async def test_each_document_is_claimed_exactly_once(collection: AsyncCollection) -> None:
    await collection.insert_many([{"_id": n, "owner": None} for n in range(50)])

    claims = await asyncio.gather(
        *(
            collection.find_one_and_update(
                {"owner": None}, {"$set": {"owner": n}}, return_document=ReturnDocument.AFTER
            )
            for n in range(CLIENTS)
        )
    )

    claimed = [claim["_id"] for claim in claims if claim is not None]
    assert sorted(claimed) == list(range(50))
    owners = {claim["_id"]: claim["owner"] for claim in claims if claim is not None}
    assert {document["_id"]: document["owner"] async for document in collection.find()} == owners


async def test_unacknowledged_writes_arrive_and_leave_the_connection_in_step(collection: AsyncCollection) -> None:
    fire_and_forget = collection.with_options(write_concern=WriteConcern(w=0))

    for n in range(20):
        await fire_and_forget.insert_one({"_id": n})
        assert await collection.find_one({"_id": -1}) is None

    assert await collection.count_documents({}) == 20


async def test_a_large_document_passes(collection: AsyncCollection) -> None:
    payload = b"\x00" * 12_000_000

    await collection.insert_one({"_id": "large", "payload": payload})

    document = await collection.find_one({"_id": "large"})
    assert document is not None
    assert document["payload"] == payload


@pytest.mark.skipif(shutil.which("go") is None, reason="Go is not on this machine's PATH")
async def test_the_locks_own_tests_pass() -> None:
    process = await asyncio.create_subprocess_exec(
        *("go", "test", "./messagelock"),
        cwd=SERVERS["mongo"].sources,
        env={**os.environ, "CGO_ENABLED": "0"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()

    assert process.returncode == 0, output.decode()

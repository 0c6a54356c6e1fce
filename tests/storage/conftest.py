"""A `Storage` on a real server, each test module in a database of its own."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from interview.clock import SystemClock, VirtualClock
from interview.settings import Settings
from interview.storage import Storage
from tests.storage.builders import NOON, settings


@pytest_asyncio.fixture(scope="module")
async def database_name(mongo_uri: str) -> AsyncIterator[str]:
    """The name of a database that nobody else uses, dropped afterwards."""
    name = f"test_{uuid4().hex[:12]}"
    yield name
    client = AsyncIOMotorClient(mongo_uri)
    await client.drop_database(name)
    client.close()


@pytest_asyncio.fixture(scope="module")
async def storage_settings(mongo_uri: str, database_name: str) -> Settings:
    return settings(mongo_uri, database_name)


@pytest_asyncio.fixture(scope="module")
async def storage(storage_settings: Settings) -> AsyncIterator[Storage]:
    """A storage on the machine's clock."""
    connected = await Storage.connect(storage_settings, SystemClock())
    yield connected
    await connected.close()


@pytest_asyncio.fixture
async def clock() -> VirtualClock:
    """The clock of `timed`, which stands at noon until it is moved."""
    return VirtualClock(NOON)


@pytest_asyncio.fixture
async def timed_raw(mongo_uri: str) -> AsyncIterator[AsyncIOMotorDatabase]:
    """The driver's own view of the database of `timed`, which is dropped after the test."""
    client = AsyncIOMotorClient(mongo_uri, tz_aware=True)
    name = f"test_{uuid4().hex[:12]}"
    yield client[name]
    await client.drop_database(name)
    client.close()


@pytest_asyncio.fixture
async def timed(mongo_uri: str, timed_raw: AsyncIOMotorDatabase, clock: VirtualClock) -> AsyncIterator[Storage]:
    """A storage on a virtual clock, in a database of this test alone."""
    connected = await Storage.connect(settings(mongo_uri, timed_raw.name), clock)
    yield connected
    await connected.close()


@pytest_asyncio.fixture(scope="module")
async def raw(mongo_uri: str, database_name: str) -> AsyncIterator[AsyncIOMotorDatabase]:
    """The driver's own view of the module's database."""
    client = AsyncIOMotorClient(mongo_uri, tz_aware=True)
    yield client[database_name]
    client.close()

"""What the tests of the control API run on: a LiveKit server, and a running application."""

import uuid
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from control_api.users.passwords import hash_password
from local.services import Stack
from tests.api.control_api.house import NOWHERE, PASSWORD, House, LiveKit, serving, settings_for


@pytest_asyncio.fixture(scope="session")
async def livekit(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LiveKit]:
    async with Stack(tmp_path_factory.mktemp("livekit"), services=["livekit"], progress=False) as stack:
        settings = stack.settings()
        yield LiveKit(settings.livekit_url, settings.livekit_api_key, settings.livekit_api_secret.get_secret_value())


@pytest_asyncio.fixture(scope="session")
async def password_hash() -> str:
    return await hash_password(PASSWORD)


@pytest_asyncio.fixture(scope="session")
async def house(mongo_uri: str, livekit: LiveKit, password_hash: str) -> AsyncIterator[House]:
    """One house for all tests: each makes accounts and sessions of its own, and moves the clock only forward."""
    async with serving(settings_for(mongo_uri, livekit), password_hash) as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def house_without_livekit(mongo_uri: str, password_hash: str) -> AsyncIterator[House]:
    nowhere = LiveKit(NOWHERE, "key", "secret of thirty-two characters..")
    async with serving(settings_for(mongo_uri, nowhere), password_hash) as running:
        yield running


@pytest_asyncio.fixture
async def empty_house(mongo_uri: str, password_hash: str) -> AsyncIterator[House]:
    """A house whose database has no user yet."""
    nowhere = LiveKit(NOWHERE, "key", "secret of thirty-two characters..")
    settings = settings_for(mongo_uri, nowhere, mongodb_database=f"empty_{uuid.uuid4().hex[:12]}")
    async with serving(settings, password_hash) as running:
        yield running

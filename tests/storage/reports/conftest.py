from collections.abc import AsyncIterator

import pytest

from tests.unit.providers.chat_server import ChatServer, running


@pytest.fixture
async def chat_server() -> AsyncIterator[ChatServer]:
    async with running() as server:
        yield server

from collections.abc import AsyncIterator

import pytest

from providers.chat import ChatClient
from tests.unit.providers.chat_server import ChatServer, running


@pytest.fixture
async def chat_server() -> AsyncIterator[ChatServer]:
    async with running() as server:
        yield server


@pytest.fixture
async def chat(chat_server: ChatServer) -> AsyncIterator[ChatClient]:
    client = ChatClient(chat_server.url, "", "scripted", timeout_s=5)
    yield client
    await client.aclose()

from collections.abc import AsyncIterator

import pytest

from interview.clock import VirtualClock
from interview.storage import Storage
from local.inference.llm import scripted
from providers.chat import ChatClient
from reports.evaluator import Evaluator
from reports.lease_worker import Limits
from reports.worker import ReportsWorker
from tests.storage.reports.working import LIMITS, MakeWorker
from tests.unit.providers.chat_server import ChatServer, running


@pytest.fixture
async def chat_server() -> AsyncIterator[ChatServer]:
    async with running() as server:
        yield server


@pytest.fixture
async def make_worker(timed: Storage, chat_server: ChatServer, clock: VirtualClock) -> AsyncIterator[MakeWorker]:
    """Make workers that ask `model` of the chat server, which answers as the scripted engine does."""
    chat_server.answer = scripted.answer
    chats: list[ChatClient] = []

    def make(
        owner: str = "worker-1", model: str = "scripted", limits: Limits = LIMITS, evaluator: Evaluator | None = None
    ) -> ReportsWorker:
        chats.append(ChatClient(chat_server.url, "", model, timeout_s=20))
        return ReportsWorker(timed, chats[-1], clock, limits, owner, evaluator=evaluator)

    yield make
    for chat in chats:
        await chat.aclose()

"""The next language model answers where one is away, slow, or no model at all."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from fastapi.responses import JSONResponse
from pydantic import BaseModel, SecretStr

from interview.engines import EngineKind, EngineState
from interview.errors import ProviderReplied, ProviderUnavailable
from interview.storage import Storage
from providers.chat_chain import ChatChain
from providers.directory import Key
from tests.api.providers.conftest import Fixed, House, provider
from tests.unit.providers.chat_server import HANG, ChatServer, running


class Score(BaseModel):
    level: int


GOOD = {"level": 3}


@pytest_asyncio.fixture
async def servers() -> AsyncIterator[list[ChatServer]]:
    async with AsyncExitStack() as stack:
        started = [await stack.enter_async_context(running()) for _ in range(2)]
        for server in started:
            server.answer = lambda body: GOOD
        yield started


def house_of(storage: Storage, servers: list[ChatServer], **more: object) -> House:
    names = ("first", "second")
    return House(storage, Fixed(*(provider(name, one.url, **more) for name, one in zip(names, servers, strict=True))))


def chat_of(house: House, timeout_s: float | None = None) -> ChatChain:
    return ChatChain(house.chain(EngineKind.LLM), house.meter, timeout_s)


async def ask(chat: ChatChain, deadline_s: float | None = None) -> int:
    reply, _ = await chat.structured(
        name="score", system="s", user="u", schema=Score, max_tokens=10, deadline_s=deadline_s
    )
    return reply.level


async def test_where_the_first_is_away_the_second_answers(storage: Storage, servers: list[ChatServer]):
    house = house_of(storage, servers)
    chat = chat_of(house)
    assert await ask(chat) == 3
    servers[0].answer = lambda body: JSONResponse({"error": {"message": "away"}}, status_code=503)
    assert await ask(chat) == 3
    assert house.told(EngineKind.LLM) == [EngineState.DEGRADED]
    assert len(servers[1].bodies) == 1
    servers[0].answer = lambda body: GOOD
    assert await ask(chat) == 3
    assert house.told(EngineKind.LLM) == [EngineState.DEGRADED, EngineState.OK]
    await chat.aclose()


async def test_a_slow_one_counts_as_failed_at_its_deadline_and_is_left_alone(
    storage: Storage, servers: list[ChatServer]
):
    house = house_of(storage, servers, deadline_s=0.3)
    chat = chat_of(house)
    servers[0].answer = lambda body: HANG
    assert await ask(chat) == 3
    assert await ask(chat) == 3
    assert len(servers[0].bodies) == 1
    await chat.aclose()


async def test_one_gets_only_its_share_of_the_time(storage: Storage, servers: list[ChatServer]):
    chat = chat_of(house_of(storage, servers, deadline_s=60.0))
    servers[0].answer = lambda body: HANG
    async with asyncio.timeout(5):
        assert await ask(chat, deadline_s=1.0) == 3
    await chat.aclose()


async def test_who_gives_up_on_a_quick_provider_blames_nobody(storage: Storage, servers: list[ChatServer]):
    house = house_of(storage, servers, deadline_s=30.0)
    chat = chat_of(house)
    servers[0].answer = lambda body: HANG
    asking = asyncio.create_task(ask(chat))
    await servers[0].asked.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    servers[0].answer = lambda body: GOOD
    assert await ask(chat) == 3
    assert servers[1].bodies == []
    assert house.told(EngineKind.LLM) == []
    await chat.aclose()


async def test_keys_take_turns_and_a_refused_one_is_put_aside(storage: Storage, servers: list[ChatServer]):
    keys = tuple(Key(name=name, key=SecretStr(f"key-{name}")) for name in ("a", "b", "c"))
    house = House(storage, Fixed(provider("only", servers[0].url, keys=keys)))
    chat = chat_of(house)
    for _ in range(3):
        await ask(chat)
    assert {header["authorization"] for header in servers[0].headers} == {f"Bearer key-{name}" for name in "abc"}

    def not_a(body: object) -> object:
        bad = servers[0].headers[-1]["authorization"].endswith("key-a")
        return JSONResponse({"error": {"message": "no"}}, status_code=401) if bad else GOOD

    servers[0].answer = not_a
    before = len(servers[0].bodies)
    for _ in range(4):
        assert await ask(chat) == 3
    assert len(servers[0].bodies) == before + 5
    assert house.told(EngineKind.LLM) == []
    await chat.aclose()


async def test_when_none_is_left_the_last_error_is_raised_and_told_once(storage: Storage, servers: list[ChatServer]):
    house = house_of(storage, servers)
    chat = chat_of(house)
    servers[0].answer = lambda body: JSONResponse({"error": {"message": "no"}}, status_code=404)
    servers[1].answer = lambda body: JSONResponse({"hello": "this is no model"})
    with pytest.raises(ProviderReplied):
        await ask(chat)
    with pytest.raises((ProviderReplied, ProviderUnavailable)):
        await ask(chat)
    with pytest.raises(ProviderUnavailable, match="no language model"):
        await ask(chat)
    assert house.told(EngineKind.LLM) == [EngineState.DOWN]
    await chat.aclose()


async def test_an_answer_that_is_of_no_use_says_nothing_against_the_provider(
    storage: Storage, servers: list[ChatServer]
):
    house = house_of(storage, servers)
    chat = chat_of(house)
    servers[0].answer = lambda body: "nonsense"
    for _ in range(3):
        with pytest.raises(ProviderReplied):
            await ask(chat)
    assert servers[1].bodies == []
    assert house.told(EngineKind.LLM) == []
    await chat.aclose()


async def test_what_is_used_is_counted(storage: Storage, servers: list[ChatServer]):
    house = house_of(storage, servers)
    chat = chat_of(house)
    await ask(chat)
    used = house.meter.take()
    assert used.calls == 1
    assert used.input_tokens > 0
    await chat.aclose()

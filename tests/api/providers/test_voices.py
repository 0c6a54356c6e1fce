"""Lines are spoken while voices die, hang and refuse; when none is left, that is said at once."""

import asyncio
import signal

import numpy as np
import pytest
from livekit.agents import APIConnectionError
from livekit.plugins import openai
from pydantic import SecretStr

from agent.voices import Voices, rest_of
from interview.engines import EngineKind, EngineState
from interview.storage import Storage
from providers.directory import Directory, Key, Provider
from tests.api.inference.conftest import KEY
from tests.api.providers.conftest import Copies, Fixed, House, provider

LINE = "Tell me about a project that you are proud of. What was your part in it?"


def engine(provider: Provider, key: Key, rank: int) -> openai.TTS:
    return openai.TTS(
        model="hibari",
        voice=provider.voice,
        base_url=provider.base_url,
        api_key=key.key.get_secret_value(),
        response_format="pcm",
    )


def voices(house: House) -> Voices:
    return Voices(house.chain(EngineKind.TTS), house.meter, engine)


async def speak(voices: Voices, text: str = LINE) -> float:
    """Speak, and return the seconds of audio that can be heard."""
    audio: list[np.ndarray] = []
    async with asyncio.timeout(30), voices.synthesize(text) as stream:
        async for piece in stream:
            audio.append(np.frombuffer(piece.frame.data, np.int16))
    samples = np.concatenate(audio)
    assert np.abs(samples).max() > 3000
    return len(samples) / 24000


def two(copies: Copies, **more: object) -> Directory:
    return Fixed(*(provider(name, copies.url(name), **more) for name in ("first", "second")))


async def test_the_next_voice_speaks_where_one_is_gone_and_the_first_again_when_it_is_back(
    copies: Copies, storage: Storage
):
    await copies.start("first")
    await copies.start("second")
    house = House(storage, two(copies))
    speaking = voices(house)
    assert 3 < await speak(speaking) < 9
    assert house.told(EngineKind.TTS) == []
    await copies.kill("first")
    assert 3 < await speak(speaking) < 9
    assert 3 < await speak(speaking) < 9
    assert house.told(EngineKind.TTS) == [EngineState.DEGRADED]
    await copies.start("first")
    async with asyncio.timeout(30):
        while house.states.of(EngineKind.TTS) is not EngineState.OK:
            await speak(speaking, "Thank you.")
    await speaking.aclose()
    used = house.meter.take()
    assert used.spoken_characters >= 3 * len(LINE)
    assert used.spoken_ms > 9000


async def test_a_voice_that_hangs_is_left_at_its_deadline_and_not_asked_again_at_once(copies: Copies, storage: Storage):
    await copies.start("first")
    await copies.start("second")
    house = House(storage, two(copies, deadline_s=1.5))
    speaking = voices(house)
    await speak(speaking, "Hello.")
    copies.signal("first", signal.SIGSTOP)
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await speak(speaking) > 3
    assert 1.4 < loop.time() - began < 8
    assert house.told(EngineKind.TTS) == [EngineState.DEGRADED]
    await speaking.aclose()


async def test_a_key_that_is_refused_gives_way_to_another(copies: Copies, storage: Storage):
    await copies.start("first")
    keys = (Key(name="bad", key=SecretStr("wrong")), Key(name="good", key=SecretStr(KEY)))
    house = House(storage, Fixed(provider("only", copies.url("first"), keys=keys)))
    speaking = voices(house)
    for _ in range(3):
        await speak(speaking, "Hello.")
    assert house.told(EngineKind.TTS) == []
    await speaking.aclose()


async def test_without_any_voice_the_line_fails_soon_and_it_is_told_once(copies: Copies, storage: Storage):
    house = House(
        storage, Fixed(*(provider(name, f"http://127.0.0.1:{port}/v1") for name, port in (("a", 9), ("b", 19))))
    )
    speaking = voices(house)
    for _ in range(3):
        with pytest.raises(APIConnectionError):
            await speak(speaking)
    assert house.told(EngineKind.TTS) == [EngineState.DOWN]
    await speaking.aclose()


@pytest.mark.parametrize(
    ("spoken_s", "rest"),
    [
        (0.0, "One two three. Four five six. Seven."),
        (0.5, "One two three. Four five six. Seven."),
        (1.2, "Four five six. Seven."),
        (9.0, "Seven."),
    ],
)
def test_after_a_break_the_sentence_that_was_cut_is_said_again(spoken_s: float, rest: str):
    assert rest_of("One two three. Four five six. Seven.", spoken_s) == rest

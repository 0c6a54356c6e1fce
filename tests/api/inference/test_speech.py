"""`/v1/audio/speech`, driven by the real OpenAI plugin, the OpenAI SDK and bare requests."""

import asyncio
import io
import wave

import httpx
import numpy as np
import openai
import pytest
from livekit.plugins import openai as openai_plugin

from local.tls import TLS
from tests.api.inference.conftest import KEY, Running

SAYING = "Tell me about a project that you are proud of. What was your part in it?"


@pytest.mark.parametrize(("model", "voice"), [("hibari", "default"), ("hibari-low", "default"), ("espeak", "en-us")])
async def test_the_plugin_plays_what_is_streamed(inference: Running, model: str, voice: str):
    plugin = openai_plugin.TTS(
        model=model, voice=voice, base_url=f"{inference.url}/v1", api_key=KEY, response_format="pcm"
    )
    samples = []
    async with asyncio.timeout(30):
        async for event in plugin.synthesize(SAYING):
            assert event.frame.sample_rate == 24000
            samples.append(np.frombuffer(event.frame.data, np.int16))
    await plugin.aclose()
    audio = np.concatenate(samples)
    assert 3 < len(audio) / 24000 < 9
    assert np.abs(audio).max() > 3000


async def test_the_sdk_gets_a_wav_file(inference: Running):
    async with openai.AsyncOpenAI(base_url=f"{inference.url}/v1", api_key=KEY) as client:
        answer = await client.audio.speech.create(model="hibari", voice="default", input=SAYING, response_format="wav")
    with wave.open(io.BytesIO(answer.content)) as file:
        assert file.getframerate() == 24000
        assert file.getnframes() > 3 * 24000


async def test_the_first_sentence_arrives_before_the_last_is_made(inference: Running):
    body = {"model": "hibari", "input": "One sentence here. " * 150, "voice": "default", "response_format": "pcm"}
    async with (
        httpx.AsyncClient(trust_env=False, verify=TLS, headers=inference.headers, timeout=60) as client,
        client.stream("POST", f"{inference.url}/v1/audio/speech", json=body) as answer,
    ):
        assert answer.headers["content-type"] == "audio/pcm"
        times, size = [], 0
        async for chunk in answer.aiter_raw():
            times.append(answer.elapsed if answer.is_closed else asyncio.get_running_loop().time())
            size += len(chunk)
    assert size > 24000 * 2 * 100
    assert len(times) > 20


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"input": ""}, 400),
        ({"input": "🙂"}, 400),
        ({"input": "x" * 5000}, 400),
        ({"input": 5}, 400),
        ({"model": "tts-9"}, 404),
        ({"voice": "ash"}, 400),
        ({"response_format": "mp3"}, 400),
        ({"speed": 9}, 400),
        ({"speed": "fast"}, 400),
    ],
)
async def test_wrong_requests_say_what_is_wrong(inference: Running, change: dict, status: int):
    body = {"model": "hibari", "input": SAYING, "voice": "default", "response_format": "pcm", **change}
    async with httpx.AsyncClient(trust_env=False, verify=TLS, headers=inference.headers) as client:
        answer = await client.post(f"{inference.url}/v1/audio/speech", json=body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


async def test_bodies_that_are_no_json_or_too_large_are_refused(inference: Running):
    async with httpx.AsyncClient(trust_env=False, verify=TLS, headers=inference.headers) as client:
        for path in ("audio/speech", "chat/completions"):
            for content in (b"", b"{", b"\xff\xfe", b"[]", b"[" * 100_000):
                answer = await client.post(f"{inference.url}/v1/{path}", content=content)
                assert answer.status_code == 400
                assert answer.json()["error"]["code"] == "invalid"
            answer = await client.post(f"{inference.url}/v1/{path}", content=b" " * 10_000_000)
            assert answer.status_code == 413


async def test_a_key_is_needed(inference: Running):
    async with httpx.AsyncClient(trust_env=False) as client:
        for method, path in (("POST", "audio/speech"), ("POST", "chat/completions"), ("GET", "models")):
            assert (await client.request(method, f"{inference.url}/v1/{path}", json={})).status_code == 401
        assert (await client.get(f"{inference.url}/healthz")).status_code == 200

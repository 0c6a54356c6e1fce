"""`/v1/listen` on real Whisper, driven by the real Deepgram plugin and by a bare socket."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import numpy as np
import pytest
from livekit import rtc
from livekit.agents import stt as agents_stt
from livekit.plugins import deepgram

from tests.api.inference.conftest import KEY, Running, missing, silence, spoken, until, words

ANSWER = (
    "In my last role I led the migration of our billing system from a monolith to services, "
    "and I kept the old one running until the new one had proved itself for a month."
)
QUERY = (
    "?model=nova-3&encoding=linear16&sample_rate=16000&channels=1&interim_results=true&vad_events=true&punctuate=true"
)

Events = list[tuple[float, agents_stt.SpeechEvent]]


async def listened(
    service: Running, audio: np.ndarray, rate: int = 16000
) -> list[tuple[float, agents_stt.SpeechEvent]]:
    """Send `audio` through the plugin at the speed of speech; events with the seconds since the first sample."""
    events: Events = []
    async with aiohttp.ClientSession() as http:
        plugin = deepgram.STT(
            api_key=KEY, base_url=f"{service.url}/v1/listen", http_session=http, sample_rate=rate, endpointing_ms=25
        )
        stream = plugin.stream()
        began = time.monotonic()

        async def collect() -> None:
            async for event in stream:
                events.append((time.monotonic() - began, event))

        collecting = asyncio.create_task(collect())
        step = rate // 50
        for at in range(0, len(audio), step):
            chunk = audio[at : at + step]
            stream.push_frame(rtc.AudioFrame(chunk.tobytes(), rate, 1, len(chunk)))
            await asyncio.sleep(max(0.0, began + (at + step) / rate - time.monotonic()))
        stream.end_input()
        async with asyncio.timeout(20):
            await collecting
        await plugin.aclose()
    return events


def of_type(events: Events, kind: agents_stt.SpeechEventType):
    return [(at, event) for at, event in events if event.type is kind]


def transcript(events: Events) -> str:
    finals = of_type(events, agents_stt.SpeechEventType.FINAL_TRANSCRIPT)
    return " ".join(event.alternatives[0].text for _, event in finals)


async def test_the_plugin_hears_an_answer_while_it_is_spoken_and_its_final_soon_after(inference: Running):
    speech = spoken(ANSWER)
    events = await listened(inference, np.concatenate([silence(0.5), speech, silence(2.0)]))
    end_s = 0.5 + len(speech) / 16000
    assert missing(ANSWER, transcript(events)) < 0.1
    interims = [at for at, _ in of_type(events, agents_stt.SpeechEventType.INTERIM_TRANSCRIPT)]
    assert sum(at < end_s for at in interims) >= 4, "interims come while speech goes on"
    assert interims[0] < 3.5
    last_at, last = of_type(events, agents_stt.SpeechEventType.FINAL_TRANSCRIPT)[-1]
    assert last_at - end_s < 2.0, "generous: the tests share two cores"
    assert last.alternatives[0].confidence > 0.5
    starts = of_type(events, agents_stt.SpeechEventType.START_OF_SPEECH)
    ends = of_type(events, agents_stt.SpeechEventType.END_OF_SPEECH)
    assert len(starts) == len(ends) >= 1


async def test_words_carry_times_of_the_stream(inference: Running):
    speech = spoken("We moved it in March.")
    events = await listened(inference, np.concatenate([silence(3.0), speech, silence(1.0)]))
    _, final = of_type(events, agents_stt.SpeechEventType.FINAL_TRANSCRIPT)[0]
    timed = final.alternatives[0].words
    assert timed is not None
    times: list[Any] = [(word.start_time, word.end_time) for word in timed]
    assert words(" ".join(timed)) == words("We moved it in March.")
    assert abs(times[0][0] - 3.0) < 0.3
    assert abs(times[-1][1] - 3.0 - len(speech) / 16000) < 0.4
    assert all(start <= end for start, end in times)
    assert [start for start, _ in times] == sorted(start for start, _ in times)


async def test_other_sample_rates_are_heard(inference: Running):
    speech = spoken("My team had five engineers and one designer.", rate=24000)
    audio = np.concatenate([silence(0.3, 24000), speech, silence(1.2, 24000)])
    assert (
        missing("My team had five engineers and one designer", transcript(await listened(inference, audio, 24000)))
        < 0.2
    )


@asynccontextmanager
async def socket(service: Running, query: str = QUERY) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{service.url}/v1/listen{query}", headers={"Authorization": f"Token {KEY}"}) as ws,
    ):
        yield ws


async def to_the_end(ws: aiohttp.ClientWebSocketResponse, audio: bytes | None = None) -> list[dict[str, Any]]:
    """Send audio as fast as it goes, close the stream, return all messages."""
    if audio:
        for at in range(0, len(audio), 64_000):
            await ws.send_bytes(audio[at : at + 64_000])
    await ws.send_str(json.dumps({"type": "CloseStream"}))
    messages = []
    async with asyncio.timeout(60):
        async for message in ws:
            messages.append(json.loads(message.data))
    return messages


def finals(messages: list[dict[str, Any]]) -> str:
    told = [m["channel"]["alternatives"][0]["transcript"] for m in messages if m["type"] == "Results" and m["is_final"]]
    return " ".join(text for text in told if text)


async def test_silence_and_noise_say_nothing(inference: Running):
    rng = np.random.default_rng(7)
    noise = rng.normal(0, 500, 16000 * 8).astype(np.int16)
    hum = (np.sin(2 * np.pi * 100 * np.arange(16000 * 4) / 16000) * 4000).astype(np.int16)
    async with socket(inference) as ws:
        messages = await to_the_end(ws, np.concatenate([silence(5), noise, hum, silence(2)]).tobytes())
    assert finals(messages) == ""
    assert messages[-1]["type"] == "Metadata"
    assert messages[-1]["duration"] == pytest.approx(19, abs=0.1)


async def test_speech_that_never_pauses_is_cut_without_loss_or_repetition(inference: Running):
    text = (
        "when the queue grew I looked at the workers first and saw that two of them claimed the same order which "
        "meant that the lease was not checked before the write so I added a version to each order and made the "
        "write conditional on it then I ran the load test again with twenty workers and watched the dashboard for "
        "an hour and after that we rolled the change out to one region and waited a day before the others followed "
        "because the previous release had taught us that the first hours tell you very little about what happens "
        "when the nightly jobs begin and the reports are built from the same tables that the orders live in"
    )
    speech = spoken(text)
    assert len(speech) / 16000 > 28
    before = (await inference.health())["counts"].get("stt_forced_cuts", 0)
    # Without its pauses: the frames whose energy is that of silence are taken out.
    frames = speech[: len(speech) // 320 * 320].reshape(-1, 320)
    steady = frames[np.abs(frames).max(axis=1) > 500].reshape(-1)
    async with socket(inference) as ws:
        messages = await to_the_end(ws, np.concatenate([silence(0.5), steady, silence(1)]).tobytes())
    heard = finals(messages)
    assert (await inference.health())["counts"].get("stt_forced_cuts", 0) > before
    assert missing(text, heard) < 0.15
    assert missing(heard, text) < 0.15, "nothing was said twice"


async def test_an_utterance_end_is_told_even_when_the_client_only_finalizes(inference: Running):
    speech = spoken("We planned each week on Monday.")
    async with socket(inference) as ws:
        await ws.send_str(json.dumps({"type": "KeepAlive"}))
        await ws.send_bytes(np.concatenate([silence(0.3), speech]).tobytes())
        await ws.send_str(json.dumps({"type": "Finalize"}))
        async with asyncio.timeout(20):
            while not (message := await ws.receive_json()).get("from_finalize"):
                pass
        assert missing("We planned each week on Monday", message["channel"]["alternatives"][0]["transcript"]) < 0.2
        await ws.send_str(json.dumps({"type": "Finalize"}))
        async with asyncio.timeout(20):
            empty = await ws.receive_json()
        assert empty["from_finalize"]
        assert empty["channel"]["alternatives"][0]["transcript"] == ""


async def test_with_endpointing_off_no_final_ends_speech(inference: Running):
    audio = np.concatenate([silence(0.3), spoken("That is a good point."), silence(1.5)])
    async with socket(inference, QUERY + "&endpointing=false") as ws:
        messages = await to_the_end(ws, audio.tobytes())
    results = [m for m in messages if m["type"] == "Results" and m["is_final"]]
    assert results
    assert not any(m["speech_final"] for m in results if not m["from_finalize"])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (QUERY.replace("linear16", "opus"), 400),
        (QUERY.replace("channels=1", "channels=2"), 400),
        (QUERY + "&language=xx", 400),
        (QUERY.replace("16000", "1"), 400),
        ("", 400),
    ],
)
async def test_what_cannot_be_served_is_refused_over_http(inference: Running, query: str, status: int):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with socket(inference, query):
            pass
    assert refused.value.status == status


@pytest.mark.parametrize("header", ["Token wrong", "Bearer ", "Basic abc", ""])
async def test_a_wrong_key_is_refused(inference: Running, header: str):
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(
                f"{inference.url}/v1/listen{QUERY}", headers={"Authorization": header} if header else {}
            )
    assert refused.value.status == 401


async def test_nonsense_messages_and_split_samples_do_no_harm(inference: Running):
    audio = np.concatenate([silence(0.3), spoken("I found the bug in two days."), silence(0.8)]).tobytes()
    async with socket(inference) as ws:
        for text in ("", "null", "[1]", "{", '{"type": 5}', '{"type": "Unknown"}', "\0", "[" * 50_000):
            await ws.send_str(text)
        await ws.send_bytes(b"")
        for at in range(0, len(audio), 999):
            await ws.send_bytes(audio[at : at + 999])
        messages = await to_the_end(ws)
    assert missing("I found the bug in two days", finals(messages)) < 0.2


async def test_clients_that_vanish_leave_nothing_behind(inference: Running):
    audio = np.concatenate([silence(0.3), spoken(ANSWER)]).tobytes()
    for _ in range(4):
        async with aiohttp.ClientSession() as http:
            ws = await http.ws_connect(f"{inference.url}/v1/listen{QUERY}", headers={"Authorization": f"Token {KEY}"})
            await ws.send_bytes(audio)
            ws._response.connection.transport.abort()  # type: ignore[union-attr] # a cable that is pulled

    async def nobody() -> bool:
        health = await inference.health()
        return health["streams"] == health["speaking"] == 0

    await until(nobody, 20)
    assert "Traceback" not in inference.said()


async def test_streams_share_the_model_and_keep_apart(inference: Running):
    said = [
        "We planned each week on Monday.",
        "My team had five engineers and one designer.",
        "It took about forty minutes.",
    ]

    async def one(text: str) -> str:
        async with socket(inference) as ws:
            audio = np.concatenate([silence(0.3), spoken(text), silence(0.8)])
            return finals(await to_the_end(ws, audio.tobytes()))

    for text, heard in zip(said, await asyncio.gather(*(one(text) for text in said)), strict=True):
        assert missing(text, heard.replace("40", "forty")) < 0.3

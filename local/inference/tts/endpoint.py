"""`POST /v1/audio/speech` in OpenAI's shape: PCM streamed sentence by sentence, or a whole WAV file."""

import asyncio
import struct
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from local.inference import tts
from local.inference.service import Service
from local.inference.web import read_json

router = APIRouter()

MAX_CACHED_BYTES = 64_000_000
CHUNK_BYTES = 16_384


class SpeechRequest(BaseModel):
    """OpenAI's request; `stream_format` and `instructions` are accepted and unread."""

    model_config = ConfigDict(extra="allow")

    model: str
    input: str
    voice: str = "default"
    response_format: Literal["pcm", "wav"] = "wav"
    speed: float = Field(default=1.0, ge=tts.MIN_SPEED, le=tts.MAX_SPEED, allow_inf_nan=False)


class RenderedCache:
    """Speech that a benchmark asks for again, at most 64 MB, the least recently used leaving first."""

    def __init__(self) -> None:
        self._pieces: OrderedDict[tuple[str, str, str, float], list[bytes]] = OrderedDict()
        self._size = 0

    def get(self, key: tuple[str, str, str, float]) -> list[bytes] | None:
        """The rendered pieces, or None."""
        if key in self._pieces:
            self._pieces.move_to_end(key)
        return self._pieces.get(key)

    def put(self, key: tuple[str, str, str, float], pieces: list[bytes]) -> None:
        """Keep `pieces`, making room."""
        if key in self._pieces:
            return
        self._pieces[key] = pieces
        self._size += sum(map(len, pieces))
        while self._size > MAX_CACHED_BYTES:
            self._size -= sum(map(len, self._pieces.popitem(last=False)[1]))


@router.post("/v1/audio/speech")
async def speech(request: Request) -> Response:
    """Speak `input`; the audio of the first sentence is sent while the rest is made."""
    service: Service = request.app.state.service
    service.authorise(request.headers.get("authorization"))
    asked = await read_json(request, SpeechRequest)
    await service.breaking.passes("tts")
    engine, voice = service.speech_voice(asked.model, asked.voice)
    pieces = _spoken(service, request.app.state.rendered, (asked.input, engine, voice, asked.speed))
    # The first piece is awaited here, so that a refusal still has a status of its own.
    first = await anext(pieces)
    headers = {"X-Viva-Engine": engine}
    if asked.response_format == "wav":
        audio = first + b"".join([piece async for piece in pieces])
        return Response(wav_header(len(audio)) + audio, media_type="audio/wav", headers=headers)
    return StreamingResponse(_chunks(first, pieces), media_type="audio/pcm", headers=headers)


def wav_header(data_bytes: int) -> bytes:
    """The 44 bytes before `data_bytes` of 16-bit mono PCM at 24 kHz."""
    rate = tts.SAMPLE_RATE
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + data_bytes, b"WAVE") + form + struct.pack("<4sI", b"data", data_bytes)


async def _spoken(service: Service, cache: RenderedCache, key: tuple[str, str, str, float]) -> AsyncGenerator[bytes]:
    began = time.monotonic()
    rendered = cache.get(key) if service.delays is not None else None
    source: Iterator[bytes] = iter(rendered) if rendered is not None else tts.stream(*key)
    loop, made = asyncio.get_running_loop(), []
    while (piece := await loop.run_in_executor(service.speakers, next, source, None)) is not None:
        if not made:
            await _keep_promise(service, began)
            service.stats.latency("tts_first_audio", (time.monotonic() - began) * 1000)
        made.append(piece)
        yield piece
    if service.delays is not None:
        cache.put(key, made)


async def _keep_promise(service: Service, began: float) -> None:
    """With a delay profile, wait until the first audio is due; count it when that is already past."""
    if service.delays is None:
        return
    left = service.delays.tts_first_audio_s - (time.monotonic() - began)
    if left < 0:
        service.stats.count("late_first_audio")
    else:
        await asyncio.sleep(left)


async def _chunks(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    try:
        for at in range(0, len(first), CHUNK_BYTES):
            yield first[at : at + CHUNK_BYTES]
        async for piece in rest:
            for at in range(0, len(piece), CHUNK_BYTES):
                yield piece[at : at + CHUNK_BYTES]
    finally:
        await rest.aclose()

"""Speech synthesis over a chain of providers: where one is away or slow, the next speaks the line, or its rest."""

import asyncio
import logging
import re
import time
from collections import Counter
from collections.abc import Callable

from livekit import rtc
from livekit.agents import (
    DEFAULT_API_CONNECT_OPTIONS,
    APIConnectionError,
    APIConnectOptions,
    APIError,
    APIStatusError,
    tts,
    utils,
)

from providers.chain import Chain, Fault, Use, fault_of, pause_s
from providers.directory import Key, Provider
from providers.meter import Meter

log = logging.getLogger(__name__)

Build = Callable[[Provider, Key, int], tts.TTS]
"""Makes the engine of a provider; the number is its place in the chain."""

SAMPLE_RATE = 24_000
CHARACTERS_PER_S = 15.0
"""How quickly English is spoken, about: to find where in a text a voice broke off."""
_TRIES = 2
"""Of one provider for a line, where it fails quickly; one that is slow is left at once."""
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")


class Voices(tts.TTS):
    """A voice that goes on for as long as any provider of the chain speaks."""

    def __init__(self, chain: Chain, meter: Meter, build: Build) -> None:
        super().__init__(capabilities=tts.TTSCapabilities(streaming=False), sample_rate=SAMPLE_RATE, num_channels=1)
        self.chain = chain
        self.meter = meter
        self._build = build
        self._engines: dict[tuple[Provider, Key], tts.TTS] = {}

    @property
    def model(self) -> str:
        """The model that is asked first."""
        return self.chain.providers()[0].model

    @property
    def provider(self) -> str:
        """The provider that is asked first."""
        return self.chain.providers()[0].name

    def engine(self, use: Use) -> tts.TTS:
        """Return the engine of a provider and key."""
        place = use.provider, use.key
        if place not in self._engines:
            self._engines[place] = self._build(use.provider, use.key, use.rank)
        return self._engines[place]

    def synthesize(self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> "Spoken":
        """Speak a text; each provider's own deadline holds instead of `conn_options`.

        Raises `APIConnectionError`, from its iteration, when no provider could.
        """
        return Spoken(self, text)

    async def aclose(self) -> None:
        """Close the engines."""
        await asyncio.gather(*(engine.aclose() for engine in self._engines.values()))


class Spoken(tts.ChunkedStream):
    """One text on its way to audio. `patched` tells whether it is not one voice's, in one piece."""

    def __init__(self, voices: Voices, text: str) -> None:
        self._voices = voices
        self.patched = False
        super().__init__(tts=voices, input_text=text, conn_options=APIConnectOptions(max_retry=0))

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(
            request_id=utils.shortuuid(), sample_rate=SAMPLE_RATE, num_channels=1, mime_type="audio/pcm"
        )
        chain, rest = self._voices.chain, self.input_text
        tries: Counter[str] = Counter()
        for _ in range(_TRIES * sum(len(provider.keys) for provider in chain.providers())):
            use = await chain.take(without=[name for name, n in tries.items() if n >= _TRIES])
            if use is None:
                break
            async with use:
                made_s = await self._speak(use, rest, output_emitter)
                if made_s is None:
                    output_emitter.flush()
                    return
            tries[use.provider.name] += 0 if use.refused else 1
            rest = rest_of(rest, made_s)
            await asyncio.sleep(pause_s(1))
        raise APIConnectionError("no provider could speak the line", retryable=False)

    async def _speak(self, use: Use, text: str, output: tts.AudioEmitter) -> float | None:
        """Let one provider speak; return None when it did, else how many seconds of audio it made before it failed."""
        began, made_s, failure = time.monotonic(), 0.0, None
        engine = self._voices.engine(use)
        resampler = rtc.AudioResampler(engine.sample_rate, SAMPLE_RATE) if engine.sample_rate != SAMPLE_RATE else None
        loop, deadline_s = asyncio.get_running_loop(), use.provider.deadline_s
        try:
            async with (
                asyncio.timeout(deadline_s) as limit,
                engine.synthesize(text, conn_options=APIConnectOptions(max_retry=0, timeout=deadline_s)) as stream,
            ):
                async for piece in stream:
                    made_s += piece.frame.duration
                    limit.reschedule(loop.time() + deadline_s)
                    for frame in resampler.push(piece.frame) if resampler else (piece.frame,):
                        output.push(frame.data.tobytes())
            if resampler:
                for frame in resampler.flush():
                    output.push(frame.data.tobytes())
        except TimeoutError:
            failure = Fault.SLOW
        except APIError as error:
            late = time.monotonic() - began >= deadline_s and not made_s
            status = error.status_code if isinstance(error, APIStatusError) else None
            failure = Fault.SLOW if late else fault_of(status)
        if failure is None and not made_s:
            failure = Fault.AWAY
        if made_s:
            self.patched |= use.rank > 0 or failure is not None
            self._voices.meter.spoken(use.provider, len(text), made_s)
        self._voices.meter.call(use.provider, time.monotonic() - began, ok=failure is None)
        if failure is not None:
            use.failed(failure)
            return made_s
        use.served()
        return None


def rest_of(text: str, spoken_s: float) -> str:
    """Return what of a text is still to be said after so much of its audio: whole sentences, the cut one again."""
    if spoken_s <= 0:
        return text
    said = spoken_s * CHARACTERS_PER_S
    sentences = _SENTENCE.split(text)
    while len(sentences) > 1 and len(sentences[0]) <= said:
        said -= len(sentences.pop(0)) + 1
    return " ".join(sentences)

"""Everything that the running service holds: engines, queues, counters. Endpoints ask it, `app.py` builds it."""

import asyncio
import hmac
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from interview.errors import ConfigurationError, NotAuthenticated, NotFound, ProviderUnavailable, VivaError
from local import models
from local.inference import tts
from local.inference.breaking import Breaking, Kind, Mode
from local.inference.delays import HOSTED, Cue, CueBoard, CueReader
from local.inference.floor import Floor
from local.inference.llm import scripted
from local.inference.llm.engine import ChatEngine, Scripted
from local.inference.llm.qwen import Qwen
from local.inference.llm.scheduler import Scheduler
from local.inference.settings import InferenceSettings
from local.inference.stats import Stats
from local.inference.stt.engine import Heard, Whisper
from local.inference.stt.protocol import ListenOptions
from local.inference.stt.queue import DecodeQueue
from local.inference.stt.segmenter import Rules, frames

logger = logging.getLogger(__name__)

LEAST_END_SILENCE_MS = 300
EAGER_PAUSE_MS = 96
OTHER_MODEL_S = 4.0
"""How long a stream waits for a model to be loaded: less than the plugin waits for its connection."""


class _CuesOnly:
    """Stands in for recognition when a benchmark needs none: hears nothing that is not on a cue sheet."""

    name = "cues"
    languages = frozenset({"en", "de"})

    def decode(self, audio: np.ndarray, language: str = "en") -> Heard:
        """Hear nothing."""
        return Heard(())


class Service:
    """One running `local.inference`; lives in one event loop."""

    def __init__(self, settings: InferenceSettings) -> None:
        self.settings = settings
        self.stats = Stats()
        self.floor = Floor()
        self.delays = HOSTED if settings.delay_profile == "hosted" else None
        self.scheduler = Scheduler(self.floor, self.stats, settings.llm_background_wait_s)
        self.speakers = ThreadPoolExecutor(2, thread_name_prefix="tts")
        self.loading = True
        self._queue: DecodeQueue | None = None
        self._other: asyncio.Task[DecodeQueue] | None = None
        """Of the recogniser for what the first one does not hear; loaded when somebody asks for it."""
        self._qwen: Qwen | None = None
        self._tts = settings.tts
        self._tts_ready = False
        self._streams = 0
        self._sheets: dict[float | None, tuple[Cue, ...]] = {}
        """What will be said, by the tone under its speaker's voice; None is anybody."""
        self._board = CueBoard()
        self.breaking = Breaking()

    async def load(self) -> None:
        """Load every engine that the settings name; what fails becomes a notice and shows in `health`."""
        try:
            await asyncio.gather(self._load_stt(), self._load_llm(), self._load_tts())
        finally:
            self.loading = False

    async def close(self) -> None:
        """Stop the engines."""
        if self._qwen is not None:
            await self._qwen.close()
        queues = [self._queue] if self._queue is not None else []
        if self._other is not None:
            self._other.cancel()
            loaded = await asyncio.gather(self._other, return_exceptions=True)
            queues += [queue for queue in loaded if isinstance(queue, DecodeQueue)]
        for queue in queues:
            await asyncio.to_thread(queue.close)
        self.speakers.shutdown(wait=False, cancel_futures=True)

    async def _load_stt(self) -> None:
        try:
            if self.settings.stt == "whisper":
                whisper = await asyncio.to_thread(self._open_whisper, self.settings.stt_model, "whisper")
                self._queue = DecodeQueue(whisper, self.stats)
            elif self.delays is not None:
                self._queue = DecodeQueue(_CuesOnly(), self.stats)
        except VivaError as error:
            self.stats.notice(f"speech recognition is missing: {error.message}")

    def _open_whisper(self, folder: Path | None, asset: str) -> Whisper:
        folder = folder or models.ensure([asset], progress=False)[asset]
        whisper = Whisper(Path(folder), self.settings.stt_threads, self.stats)
        whisper.decode(np.zeros(16000, np.float32))  # the first decode allocates; nobody should wait for it
        return whisper

    async def _load_other(self) -> DecodeQueue:
        whisper = await asyncio.to_thread(self._open_whisper, self.settings.stt_multilingual_model, "whisper_base")
        return DecodeQueue(whisper, self.stats)

    async def _load_llm(self) -> None:
        if self.settings.llm != "qwen":
            return
        try:
            path = self.settings.llm_model
            if path is None:
                path = (await asyncio.to_thread(models.ensure, ["qwen"], False))["qwen"]
            qwen = Qwen(Path(path), self.settings.llm_context_tokens, self.stats)
            await qwen.start()
            self._qwen = qwen
        except VivaError as error:
            self.stats.notice(f"the language model qwen is missing: {error.message}")

    async def _load_tts(self) -> None:
        try:
            await asyncio.to_thread(tts.engine, self._tts)
        except ConfigurationError as error:
            self.stats.count("tts_fallbacks")
            self.stats.notice(f"{error.message}; espeak speaks instead")
            self._tts = "espeak"
            try:
                await asyncio.to_thread(tts.engine, "espeak")
            except ConfigurationError as second:
                self.stats.notice(f"nothing can speak: {second.message}")
                return
        self._tts_ready = True

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether all engines asked for are there (or replaced, with a notice), and the body of `/healthz`."""
        llm = self.settings.llm if self.settings.llm != "qwen" or self._qwen else None
        stt = self._queue.recogniser.name if self._queue else None
        stt_wanted = self.settings.stt != "none" or self.delays is not None
        well = not (self.loading or (stt_wanted and stt is None) or llm is None or not self._tts_ready)
        return well, {
            "status": "starting" if self.loading else "ok" if well else "failed",
            "engines": {
                "stt": stt or ("none" if not stt_wanted else None),
                "llm": llm,
                "tts": self._tts if self._tts_ready else None,
            },
            "delay_profile": self.settings.delay_profile,
            "speaking": self.floor.speaking,
            "streams": self._streams,
            "notices": self.stats.notices(),
            "counts": self.stats.counts(),
            "latencies": self.stats.latencies(),
        }

    def authorise(self, header: str | None) -> None:
        """Check an Authorization header; raises `NotAuthenticated` when a key is set and the header lacks it."""
        if self.settings.inference_key is None:
            return
        kind, _, given = (header or "").partition(" ")
        expected = self.settings.inference_key.get_secret_value()
        if kind.lower() not in {"bearer", "token"} or not hmac.compare_digest(
            given.strip().encode(), expected.encode()
        ):
            raise NotAuthenticated("the key is missing or wrong: send Authorization: Bearer VIVA_INFERENCE_KEY")

    # speech to text

    def decode_queue(self) -> DecodeQueue:
        """The loaded recogniser's queue; raises `ProviderUnavailable` while there is none."""
        if self._queue is None:
            raise ProviderUnavailable("speech recognition is not loaded" + (" yet" if self.loading else ""))
        return self._queue

    async def decode_queue_for(self, language: str) -> DecodeQueue:
        """Return the queue of a recogniser that hears this language, as a query names it; else the first one's.

        The second recogniser is loaded when somebody first asks for what the first does not hear; whoever comes
        meanwhile is refused with `ProviderUnavailable` after `OTHER_MODEL_S`, and asks again.
        """
        first = self.decode_queue()
        code = language.split("-")[0].lower()
        if code in first.recogniser.languages or not code.isalpha() or self.settings.stt != "whisper":
            return first
        if self._other is None or (self._other.done() and (self._other.cancelled() or self._other.exception())):
            self._other = asyncio.create_task(self._load_other(), name="load-multilingual")
        done, _ = await asyncio.wait({self._other}, timeout=OTHER_MODEL_S)
        if not done:
            raise ProviderUnavailable(f"the recogniser of {code!r} is being loaded; ask again in some seconds")
        error = self._other.exception()
        if isinstance(error, VivaError):
            self.stats.notice(f"no language but English is heard: {error.message}")
            return first
        return self._other.result()

    @contextmanager
    def claim_stream(self) -> Iterator[None]:
        """Hold one of the stream places; raises `ProviderUnavailable` on entering when all are taken."""
        if self._streams >= self.settings.stt_max_streams:
            raise ProviderUnavailable(f"{self._streams} streams are open; VIVA_STT_MAX_STREAMS is the limit")
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1

    def rules_for(self, options: ListenOptions) -> Rules:
        """When an utterance of this stream ends: what the client asked for, but not before Whisper can keep up."""
        if self.delays is not None:
            end = frames(self.delays.stt_final_s * 1000 - 16)
            return replace(Rules(), end_frames=end, pause_frames=frames(EAGER_PAUSE_MS))
        return replace(Rules(), end_frames=frames(max(LEAST_END_SILENCE_MS, options.endpointing_ms or 0)))

    def cues(self) -> dict[float | None, CueReader]:
        """Fresh readers of the registered cue sheets, by tone (None is anybody); none but with the delay profile."""
        if self.delays is None:
            return {}
        return {tone_hz: CueReader(sheet) for tone_hz, sheet in ({None: ()} | self._sheets).items()}

    def announced(self) -> Cue | None:
        """Take the cue of the speech that begins now, if one was announced."""
        return self._board.take(time.monotonic())

    def register_cues(self, cues: tuple[Cue, ...], *, tone_hz: float | None = None, now: bool = False) -> None:
        """Replace a cue sheet for streams that begin from now on, or (`now`) say what is said next in any stream.

        Raises `NotFound` when the profile is off.
        """
        if self.delays is None:
            raise NotFound("cues exist only with VIVA_DELAY_PROFILE=hosted")
        if now:
            self._board.announce(cues, time.monotonic())
        else:
            self._sheets[tone_hz] = cues

    def break_engine(self, kind: Kind, mode: Mode) -> None:
        """Break one kind of engine, or mend it; raises `NotFound` when the profile is off."""
        if self.delays is None:
            raise NotFound("engines break on purpose only with VIVA_DELAY_PROFILE=hosted")
        self.breaking.set(kind, mode)

    # language model

    def model_names(self) -> list[str]:
        """The models that chat and speech requests may name now."""
        chat = [*(["qwen"] if self._qwen else []), *scripted.MODELS]
        return [*(chat if self.settings.llm != "none" else []), *tts.ENGINES]

    def chat_engine(self, name: str) -> ChatEngine:
        """The engine of that name.

        Raises `NotFound` for a name that is not offered, `ProviderUnavailable` for one that is not loaded.
        """
        if self.settings.llm == "none" or name not in {"qwen", *scripted.MODELS}:
            raise NotFound(f"no chat model {name[:60]!r}; GET /v1/models lists them", code="model_not_found")
        if name in scripted.MODELS:
            return Scripted(self.delays.llm_first_token_s if self.delays is not None else 0.0)
        if self.settings.llm == "scripted":
            raise NotFound("this service runs with VIVA_LLM=scripted; name that model", code="model_not_found")
        if self._qwen is None:
            raise ProviderUnavailable("the language model qwen is not loaded" + (" yet" if self.loading else ""))
        return self._qwen

    # text to speech

    def speech_engine(self, name: str) -> str:
        """The engine to use for a request that names `name`: espeak stands in when hibari could not be loaded."""
        if name not in tts.ENGINES:
            raise NotFound(f"no speech model {name[:60]!r}; there are {', '.join(tts.ENGINES)}", code="model_not_found")
        if not self._tts_ready:
            raise ProviderUnavailable("no voice is loaded" + (" yet" if self.loading else ""))
        if name != "espeak" and self.settings.tts == "hibari" and self._tts == "espeak":
            self.stats.count("tts_fallbacks")
            return "espeak"
        return name

    def speech_voice(self, model: str, voice: str) -> tuple[str, str]:
        """The engine and the voice to use for a request that names `model` and `voice`; raises as `speech_engine`."""
        standing_in = self.speech_engine(model)
        if standing_in != model and not voice.startswith("default-"):
            voice = "default"
        engine, voice = tts.of_language(standing_in, voice)
        if engine != standing_in:
            self.stats.count("tts_other_languages")
            self.stats.notice("hibari speaks English alone; espeak, which sounds robotic, speaks the other languages")
        return engine, voice

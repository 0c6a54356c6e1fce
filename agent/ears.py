"""Speech recognition over a chain of providers: a stream that never ends because of one of them.

livekit-agents has an adapter of this kind; why it does not do here is in docs/decisions/0009-providers.md. What comes
in is handed to one provider at a time and kept until its words are final. When a provider breaks, or has no words for
speech by its deadline, the next hears the same audio again; when a better one is back, it takes over in a pause of the
talk.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from livekit import rtc
from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, AgentSession, APIConnectOptions, APIStatusError, stt
from livekit.agents.types import NOT_GIVEN, NotGivenOr
from livekit.agents.utils import AudioBuffer
from livekit.agents.voice.events import UserStateChangedEvent

from agent.backlog import Backlog
from providers.chain import Chain, Fault, Use, fault_of, pause_s
from providers.directory import Key, Provider
from providers.meter import Meter

log = logging.getLogger(__name__)

Build = Callable[[Provider, Key], stt.STT]

VOICE_S = 0.8
"""Voice shorter than this may be a cough: no words need to follow."""
_LOOK_S = 1.0
_SETTLED_S = 1.0
"""A provider that was away counts as back when its connection has held so long."""
_QUIET_S = 20.0
"""So long a pause is waited for before a better provider takes over in the midst of speech."""
_CLOSE_S = 3.0
_TRUST_S = 15.0
"""How long no provider is doubted after a doubt that was unfounded; doubled with each."""
_LONGEST_TRUST_S = 600.0
_TEXT = frozenset({stt.SpeechEventType.INTERIM_TRANSCRIPT, stt.SpeechEventType.FINAL_TRANSCRIPT})


class Ears(stt.STT):
    """A recogniser whose streams go on for as long as there is audio. `build` makes the engine of a provider."""

    def __init__(self, chain: Chain, meter: Meter, build: Build) -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(streaming=True, interim_results=True, aligned_transcript="word")
        )
        self.chain = chain
        self.meter = meter
        self._build = build
        self._engines: dict[tuple[Provider, Key], stt.STT] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self.voice_since: float | None = None
        """Since when the candidate speaks, by the clock of `time.monotonic`; None while they do not."""
        self.voice_s = 0.0
        """How long they have spoken since the last words came."""

    @property
    def model(self) -> str:
        """The model that is asked first."""
        return self.chain.providers()[0].model

    @property
    def provider(self) -> str:
        """The provider that is asked first."""
        return self.chain.providers()[0].name

    def engine(self, use: Use) -> stt.STT:
        """Return the engine of a provider and key."""
        place = use.provider, use.key
        if place not in self._engines:
            self._engines[place] = self._build(use.provider, use.key)
        return self._engines[place]

    def stream(
        self, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> "EarsStream":
        """Begin to listen; each provider's own deadline holds instead of `conn_options`."""
        return EarsStream(self)

    async def _recognize_impl(
        self, buffer: AudioBuffer, *, language: NotGivenOr[str] = NOT_GIVEN, conn_options: APIConnectOptions
    ) -> stt.SpeechEvent:
        raise NotImplementedError("these ears only listen to streams")

    def follow(self, session: AgentSession[Any]) -> None:
        """Follow the candidate's voice activity, by which it is seen that words are due."""
        session.on("user_state_changed", self._on_user_state)

    def _on_user_state(self, event: UserStateChangedEvent) -> None:
        if event.new_state == "speaking":
            self.voice_began()
        elif event.old_state == "speaking":
            self.voice_ended()

    def voice_began(self) -> None:
        """The candidate's voice was noticed: words are due."""
        self.voice_since = time.monotonic()

    def voice_ended(self) -> None:
        """The candidate's voice has ended."""
        if self.voice_since is not None:
            self.voice_s += time.monotonic() - self.voice_since
            self.voice_since = None

    def words_came(self) -> None:
        """Whatever was said until now is being heard."""
        self.voice_s = 0.0
        if self.voice_since is not None:
            self.voice_since = time.monotonic()

    def unheard_s(self) -> float:
        """Return for how many seconds the candidate has spoken since the last words came."""
        going_on = 0.0 if self.voice_since is None else time.monotonic() - self.voice_since
        return self.voice_s + going_on

    def close_later(self, stream: stt.RecognizeStream) -> None:
        """Close a stream without waiting for it: who hangs takes long to say goodbye."""
        task = asyncio.create_task(stream.aclose(), name="stt-close")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def aclose(self) -> None:
        """Close what is still closing, and the engines."""
        if self._closing:
            await asyncio.wait(set(self._closing), timeout=_CLOSE_S)
        for task in self._closing:
            task.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        await asyncio.gather(*(engine.aclose() for engine in self._engines.values()))


class EarsStream(stt.RecognizeStream):
    """One stream of audio, heard by one provider after the other. Its times count the audio that was pushed."""

    def __init__(self, ears: Ears) -> None:
        self._ears = ears
        self._chain = ears.chain
        self._backlog: Backlog[rtc.AudioFrame] = Backlog()
        self._inner: stt.RecognizeStream | None = None
        self._ended = False
        self._in_words = False
        """Whether words are coming that are not final."""
        self._doubted: Use | None = None
        """Who had no words for speech; whether that was its fault shows when another has some."""
        self._trust_s = _TRUST_S
        self._trusted_until = 0.0
        super().__init__(stt=ears, conn_options=APIConnectOptions(max_retry=0))

    def push_frame(self, frame: rtc.AudioFrame) -> None:
        """Keep a frame and hand it on. No task wakes for it: this is called a hundred times a second."""
        self._backlog.add(frame)
        inner = self._inner
        if inner is not None:
            try:
                inner.push_frame(frame)
            except RuntimeError:  # it has just closed; the next one gets the frame from the backlog
                self._inner = None

    def flush(self) -> None:
        """Ask for final words of what was pushed."""
        if self._inner is not None:
            self._inner.flush()

    def end_input(self) -> None:
        """Say that no more will be pushed."""
        self._ended = True
        if self._inner is not None:
            self._inner.end_input()

    async def _metrics_monitor_task(self, event_aiter: Any) -> None:
        async for _ in event_aiter:
            pass  # our own meter counts

    async def _run(self) -> None:
        """Listen until the input has ended. What a provider raises is its failure, never ours."""
        tries = 0
        while True:
            without = {self._doubted.provider.name} if self._doubted else ()
            use = await self._chain.take(without=without, alone=True, anyway=True)
            if use is not None:
                async with use:
                    over = await self._hear(use)
                if over:
                    return
            elif self._ended:
                return
            elif self._doubted is not None:
                self._nothing_was_said(time.monotonic())  # nobody else can be asked: the doubted one may listen again
            tries = 0 if use is not None and use.good else tries + 1
            await asyncio.sleep(pause_s(tries))

    async def _hear(self, use: Use) -> bool:
        """Let one provider listen until it fails, a better one is back, or (True) everything was heard."""
        inner = self._open(use)
        heard = _Heard(self._ears.meter, use)
        reading = asyncio.create_task(self._read(inner, use, heard), name="stt-read")
        watching = [asyncio.create_task(self._doubt(use), name="stt-doubt")]
        if use.rank:
            watching.append(asyncio.create_task(self._better(use.rank), name="stt-better"))
        try:
            await asyncio.wait({reading, *watching}, return_when=asyncio.FIRST_COMPLETED)
            for task in watching:
                if task.done():
                    task.result()
            return reading.done() and self._conclude(reading, use)
        finally:
            self._inner = None
            for task in (reading, *watching):
                task.cancel()
            await asyncio.gather(reading, *watching, return_exceptions=True)
            heard.close()
            self._ears.close_later(inner)

    def _open(self, use: Use) -> stt.RecognizeStream:
        inner = self._ears.engine(use).stream(
            conn_options=APIConnectOptions(max_retry=0, timeout=use.provider.deadline_s)
        )
        inner.start_time_offset = self._backlog.begins_s
        for frame in self._backlog.frames():
            inner.push_frame(frame)
        if self._ended:
            inner.end_input()
        self._inner = inner
        self._in_words = False
        return inner

    async def _read(self, inner: stt.RecognizeStream, use: Use, heard: "_Heard") -> None:
        async for event in inner:
            if event.type is stt.SpeechEventType.RECOGNITION_USAGE:
                if event.recognition_usage is not None:
                    heard.note(event.recognition_usage.audio_duration)
                continue
            if event.type in _TEXT and event.alternatives:
                self._words_came(use)
                self._in_words = event.type is stt.SpeechEventType.INTERIM_TRANSCRIPT
                if not self._in_words:
                    self._backlog.done_until(event.alternatives[0].end_time)
            self._event_ch.send_nowait(event)

    def _words_came(self, use: Use) -> None:
        self._ears.words_came()
        if self._doubted is not None and self._doubted.provider != use.provider:
            self._doubted.failed(Fault.SLOW)
            self._doubted = None
        use.served()

    def _conclude(self, reading: asyncio.Task[None], use: Use) -> bool:
        """Say what the end of a provider's stream means: True when all was heard."""
        error = reading.exception()
        if error is None and self._ended:
            return True
        status = error.status_code if isinstance(error, APIStatusError) else None
        log.warning("the recogniser %s ended its stream: %s", use.provider.name, type(error).__name__)
        use.failed(fault_of(status))
        if self._doubted is not None and self._doubted.provider != use.provider:
            # the one that was asked instead cannot tell: better one that may be deaf than nobody
            self._nothing_was_said(time.monotonic())
        return False

    async def _doubt(self, use: Use) -> None:
        """Return when there was speech, and no words for longer than the provider may take, and another can be asked.

        What is taken for a voice may be none, so the provider is not blamed until the other has words for the same
        audio; has it none either, nothing was said. One that does not fail for so long is taken to serve.
        """
        deadline_s = use.provider.deadline_s
        began = heard_all_at = time.monotonic()
        while True:
            await asyncio.sleep(min(_LOOK_S, deadline_s / 4))
            now = time.monotonic()
            if self._ears.unheard_s() < VOICE_S:
                heard_all_at = now
                if now - began > deadline_s and self._doubted is None:
                    use.served()
            elif now - heard_all_at > deadline_s:
                if self._doubted is not None:
                    self._nothing_was_said(now)
                    return
                if now > self._trusted_until:
                    log.warning("%s has no words for speech within %.1f s", use.provider.name, deadline_s)
                    if self._chain.others(use.rank):
                        self._doubted = use
                    else:
                        self._nothing_was_said(now)  # by itself it is asked again, over a new stream
                    return

    def _nothing_was_said(self, now: float) -> None:
        self._doubted = None
        self._ears.words_came()
        self._trusted_until = now + self._trust_s
        self._trust_s = min(2 * self._trust_s, _LONGEST_TRUST_S)

    async def _better(self, rank: int) -> None:
        """Return when a better provider is back and the talk pauses."""
        while True:
            await asyncio.sleep(_LOOK_S)
            if self._doubted is None and await self._is_back(rank):
                break
        until = time.monotonic() + _QUIET_S
        while time.monotonic() < until:
            if not self._in_words and self._ears.voice_since is None:
                break
            await asyncio.sleep(_LOOK_S / 10)

    async def _is_back(self, rank: int) -> bool:
        """Try a better provider beside the one that listens, without audio."""
        use = await self._chain.take(better_than=rank, alone=True)
        if use is None:
            return False
        async with use:
            engine = self._ears.engine(use)
            connected = asyncio.Event()

            def on_metrics(metrics: Any) -> None:
                if getattr(metrics, "acquire_time", 0.0):
                    connected.set()

            engine.on("metrics_collected", on_metrics)
            inner = engine.stream(conn_options=APIConnectOptions(max_retry=0, timeout=use.provider.deadline_s))
            reading = asyncio.create_task(_drain(inner), name="stt-probe")
            held = asyncio.create_task(_settled(connected), name="stt-settled")
            try:
                done, _ = await asyncio.wait(
                    {reading, held}, timeout=use.provider.deadline_s + _SETTLED_S, return_when=asyncio.FIRST_COMPLETED
                )
                if held in done and reading not in done:
                    use.answers()
                    return True
                use.failed(Fault.AWAY if reading in done else Fault.SLOW)
                return False
            finally:
                engine.off("metrics_collected", on_metrics)
                for task in (reading, held):
                    task.cancel()
                await asyncio.gather(reading, held, return_exceptions=True)
                self._ears.close_later(inner)


class _Heard:
    """Counts what one stream is billed for: the life of the connection, as far as it is more than the audio."""

    def __init__(self, meter: Meter, use: Use) -> None:
        self._meter = meter
        self._use = use
        self._opened_at = time.monotonic()
        self._noted_s = 0.0

    def note(self, seconds: float) -> None:
        self._noted_s += seconds
        self._meter.heard(self._use.provider, seconds)

    def close(self) -> None:
        ok = self._noted_s > 0
        self._meter.call(self._use.provider, None, ok=ok)
        rest_s = time.monotonic() - self._opened_at - self._noted_s
        if ok and rest_s > 0:
            self._meter.heard(self._use.provider, rest_s)


async def _drain(stream: stt.RecognizeStream) -> None:
    async for _ in stream:
        pass


async def _settled(connected: asyncio.Event) -> None:
    await connected.wait()
    await asyncio.sleep(_SETTLED_S)

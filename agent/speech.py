"""Speech made ahead: the audio of a line is asked for while the candidate talks, and is there when it is due."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator

from livekit import rtc
from livekit.agents import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions, APIError, tts

from agent.speech_store import SpeechStore

log = logging.getLogger(__name__)

_KEPT = 16
"""Utterances kept: the few lines that may come next, and those that may be repeated."""

_WORDS_PER_S = 3.0
_SILENT_RATE = 24_000


class Utterance:
    """The audio of one text while it is made and afterwards; any number of readers may follow it."""

    def __init__(self) -> None:
        self._frames: list[rtc.AudioFrame] = []
        self._grew = asyncio.Event()
        self._finished = False
        self.failed = False

    @property
    def finished(self) -> bool:
        """Whether all of the audio is there."""
        return self._finished

    @property
    def duration_s(self) -> float:
        """How long the audio lasts that is there."""
        return sum(frame.duration for frame in self._frames)

    def add(self, frame: rtc.AudioFrame) -> None:
        """Append audio and wake the readers."""
        self._frames.append(frame)
        self._wake()

    def finish(self, *, failed: bool = False) -> None:
        """Say that no more will come."""
        self.failed = failed
        self._finished = True
        self._wake()

    def whole(self) -> rtc.AudioFrame | None:
        """Return all of the audio that is there as one frame; None where there is none."""
        return rtc.combine_audio_frames(self._frames) if self._frames else None

    def _wake(self) -> None:
        self._grew.set()
        self._grew = asyncio.Event()

    async def frames(self) -> AsyncIterator[rtc.AudioFrame]:
        """Yield the audio from its start, as it comes."""
        position = 0
        while True:
            while position < len(self._frames):
                yield self._frames[position]
                position += 1
            if self._finished:
                return
            await self._grew.wait()


class Speech:
    """Makes and keeps utterances. `failures` counts lines that had to go out as text alone."""

    def __init__(
        self,
        engine: tts.TTS,
        options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS,
        store: SpeechStore | None = None,
    ) -> None:
        self._engine = engine
        self._options = options
        self._store = store
        self._made: OrderedDict[str, Utterance] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self.failures = 0

    def prepare(self, text: str, *, shared: bool = False) -> Utterance:
        """Return the utterance of `text`, and begin to make it if that has not begun.

        What is `shared` with other interviews is taken from the store, or kept there.
        """
        known = self._made.get(text)
        if known and not known.failed:
            self._made.move_to_end(text)
            return known
        utterance = Utterance()
        self._made[text] = utterance
        while len(self._made) > _KEPT:
            self._made.popitem(last=False)
        task = asyncio.create_task(self._make(text, utterance, self._store if shared else None), name="synthesise")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return utterance

    def ready(self, text: str) -> bool:
        """Tell whether all of the audio of `text` is there."""
        known = self._made.get(text)
        return bool(known and known.finished and not known.failed)

    def duration_s(self, text: str) -> float | None:
        """Return how long the audio of `text` lasts; None while it is not all there."""
        known = self._made.get(text)
        return known.duration_s if known and known.finished and not known.failed else None

    async def frames(self, text: str, *, shared: bool = False) -> AsyncIterator[rtc.AudioFrame]:
        """Yield the audio of `text`. Where none can be made, silence of a reader's length, so that captions run."""
        utterance = self.prepare(text, shared=shared)
        heard = False
        async for frame in utterance.frames():
            heard = True
            yield frame
        if utterance.failed and not heard:
            yield _silence(len(text.split()) / _WORDS_PER_S)

    async def settled(self) -> None:
        """Wait until all that was asked for is made, and kept."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def aclose(self) -> None:
        """Stop making speech."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _make(self, text: str, utterance: Utterance, store: SpeechStore | None) -> None:
        try:
            kept = await asyncio.to_thread(store.get, text) if store else None
            if kept is not None:
                utterance.add(kept)
                utterance.finish()
                return
            async with self._engine.synthesize(text, conn_options=self._options) as stream:
                async for piece in stream:
                    utterance.add(piece.frame)
                if getattr(stream, "patched", False):
                    store = None  # another voice than the one under which it would be kept
        except (APIError, TimeoutError) as error:
            self.failures += 1
            log.error("no speech for a line, it goes out as text: %s", type(error).__name__)
            utterance.finish(failed=True)
        except BaseException:
            utterance.finish(failed=True)  # whatever it was, nobody may wait for this audio for ever
            raise
        else:
            utterance.finish()
            if store:
                await asyncio.to_thread(store.put, text, utterance.whole())


def _silence(duration_s: float) -> rtc.AudioFrame:
    samples = max(1, round(duration_s * _SILENT_RATE))
    return rtc.AudioFrame(
        data=bytes(2 * samples), sample_rate=_SILENT_RATE, num_channels=1, samples_per_channel=samples
    )

"""One `/v1/listen` stream: audio in, Deepgram messages out.

The frame loop (`push`) turns audio into events of the segmenter and queues decodes; the emitter task sends their
results in the order in which they were asked for. The speaker's pause starts the last decode before it is certain
that they have finished, so a final usually waits only for the silence itself.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from interview.errors import ProviderUnavailable
from local.inference.delays import Cue, CueReader, tones_in
from local.inference.floor import Floor
from local.inference.stats import Stats
from local.inference.stt import protocol, segmenter
from local.inference.stt.audio import AudioTail, Resampler, VoiceActivity
from local.inference.stt.engine import Heard
from local.inference.stt.protocol import ListenOptions, Word
from local.inference.stt.queue import DecodeQueue, Urgency
from local.inference.stt.segmenter import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE

logger = logging.getLogger(__name__)

INTERIM_EVERY_S = 0.8
KNOWN_AFTER_S = 0.6
"""So much of a speaker's audio tells the tone under their voice from what is just loud there."""
CUED_INTERIM_EVERY_S = 0.3
MAX_UNSENT = 16
"""Results that may wait to be sent; audio that comes faster than it can be transcribed waits with them."""
FRAME_S = FRAME_MS / 1000
CUT_MARGIN_S = 1.5
"""A forced cut stays this far from the newest audio, whose last word may be half spoken."""

Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class _Pending:
    """A result that will be sent when `heard` is there; times are frames."""

    heard: "asyncio.Future[Heard]"
    start: int
    end: int
    voice_start: int
    voice_end: int
    is_final: bool
    speech_final: bool = False
    from_finalize: bool = False
    spoken_at: float | None = None
    """Monotonic time of the last voice, on finals whose lateness counts."""


def _known(words: tuple[Word, ...]) -> "asyncio.Future[Heard]":
    future: asyncio.Future[Heard] = asyncio.get_running_loop().create_future()
    future.set_result(Heard(words))
    return future


def choose_cut(words: tuple[Word, ...], seconds: float) -> tuple[int, float]:
    """Where to cut `seconds` of unbroken speech: how many words to commit, and at what second to go on.

    The widest gap between two words in the later half wins, the end of a sentence counting as 0.3 s more. With no
    such place everything but the last moment is committed as it stands.
    """
    until = seconds - CUT_MARGIN_S
    best, best_score, best_at = 0, -1.0, until
    for i in range(1, len(words)):
        before, after = words[i - 1], words[i]
        at = (before.end_s + after.start_s) / 2
        if not seconds / 2 <= at <= until:
            continue
        score = after.start_s - before.end_s + (0.3 if before.text[-1:] in ".?!" else 0.0)
        if score >= best_score:
            best, best_score, best_at = i, score, at
    if best == 0:
        best = sum(1 for word in words if word.end_s <= until)
    return best, best_at


def quietest(audio: np.ndarray, around_s: float, within_s: float = 0.12) -> float:
    """The second nearest `around_s` at which 32 ms of `audio` (16 kHz) hold the least energy."""
    first = max(0, int((around_s - within_s) * SAMPLE_RATE))
    starts = range(first, max(first + 1, int((around_s + within_s) * SAMPLE_RATE) - FRAME_SAMPLES), FRAME_SAMPLES // 4)
    energies = [float(np.square(audio[at : at + FRAME_SAMPLES]).sum()) for at in starts]
    return (starts[int(np.argmin(energies))] + FRAME_SAMPLES / 2) / SAMPLE_RATE


class ListenStream:
    """State and tasks of one stream. Call `push` and `finalize` from one task; `close` or `abort` exactly once."""

    def __init__(
        self,
        options: ListenOptions,
        rules: segmenter.Rules,
        queue: DecodeQueue,
        send: Send,
        *,
        request_id: str,
        floor: Floor,
        stats: Stats,
        cues: Mapping[float | None, CueReader] | None = None,
        announced: Callable[[], Cue | None] = lambda: None,
        timed: bool = False,
    ) -> None:
        self._options, self._rules, self._queue, self._send = options, rules, queue, send
        self._request_id, self._floor, self._stats = request_id, floor, stats
        self._cues = (cues or {}).get(None)
        self._cues_by_tone = {tone_hz: reader for tone_hz, reader in (cues or {}).items() if tone_hz is not None}
        """The sheets of speakers who are known by a tone, until it is known who speaks here."""
        self._announced = announced
        self._timed = timed
        """Finals are promised at the end of `rules.end_frames`; count those that are late."""
        self._resampler = Resampler(options.sample_rate)
        self._tail = AudioTail()
        self._vad = VoiceActivity()
        self._state = segmenter.State()
        self._speculation: asyncio.Future[Heard] | None = None
        self._interim: asyncio.Future[Heard] | None = None
        self._interim_asked_at = 0
        self._voice_at = 0.0
        self._created = datetime.now(UTC).isoformat()
        self._unsent: asyncio.Queue[_Pending | dict[str, Any] | None] = asyncio.Queue(MAX_UNSENT)
        self.emitter = asyncio.create_task(self._emit(), name=f"stt-emit-{request_id}")
        """Ends when the stream does; an error here is an error of the stream."""

    async def push(self, pcm: bytes) -> None:
        """Take in 16-bit mono PCM of the stream's sample rate."""
        for frame in self._tail.push(self._resampler.push(pcm)):
            probability = self._vad.probability(frame)
            was_voiced = self._state.voice_end
            self._state, events = segmenter.step(self._state, probability, self._rules)
            if self._state.voice_end > was_voiced:
                self._voice_at = time.monotonic()
            for event in events:
                await self._handle(event)
            await self._maybe_interim()
        keep = self._state.start if self._state.speaking else self._state.position - 2 * self._rules.lead_frames
        self._tail.drop_before(keep)

    async def finalize(self) -> None:
        """The client wants what was said so far as a final now; answers also when nothing was said."""
        self._state, events = segmenter.finish(self._state, self._rules)
        if events:
            for event in events:
                await self._handle(event, from_finalize=True)
            return
        at = self._state.position
        await self._put(_Pending(_known(()), at, at, at, at, True, speech_final=True, from_finalize=True))

    async def close(self) -> None:
        """Send everything that is still owed, then the stream's metadata."""
        self._state, events = segmenter.finish(self._state, self._rules)
        for event in events:
            await self._handle(event, from_finalize=True)
        await self._put(None)
        await self.emitter
        await self._send(
            protocol.metadata(
                request_id=self._request_id,
                model=self._queue.recogniser.name,
                duration_s=self._state.position * FRAME_S,
                created=self._created,
            )
        )

    async def abort(self) -> None:
        """Drop everything; safe after `close` too."""
        for future in (self._speculation, self._interim):
            if future is not None:
                future.cancel()
        if self._state.speaking:
            self._floor.leave()
            self._state = segmenter.State(position=self._state.position)
        self.emitter.cancel()
        await asyncio.gather(self.emitter, return_exceptions=True)
        while not self._unsent.empty():
            pending = self._unsent.get_nowait()
            if isinstance(pending, _Pending):
                pending.heard.cancel()
        self._vad.close()

    async def _handle(self, event: segmenter.Event, *, from_finalize: bool = False) -> None:
        match event:
            case segmenter.Started():
                self._floor.enter()
                self._interim_asked_at = event.start
                self._look_at_board()
                if self._options.vad_events:
                    # Behind earlier results: a client takes this as the beginning of the next utterance.
                    await self._put(protocol.speech_started(event.start * FRAME_S))
            case segmenter.Paused():
                self._find_cues(event.start, event.end)
                if not self._using_cues:
                    self._speculation = self._submit(event.start, event.end, Urgency.SPECULATIVE)
            case segmenter.Resumed():
                await self._resumed()
            case segmenter.Committed():
                if event.ends_speech:
                    self._floor.leave()
                await self._commit(event, from_finalize)
            case segmenter.Overlong():
                await self._cut(event)

    def _look_at_board(self) -> None:
        """Speech begins: if it was announced, its words are known; what was left of another cue was not said."""
        if self._cues is not None and (cue := self._announced()) is not None:
            self._cues = CueReader((cue,))

    @property
    def _using_cues(self) -> bool:
        return self._cues is not None and not self._cues.exhausted

    def _find_cues(self, start: int, end: int) -> None:
        """Take the sheet of whoever spoke from one frame to the other, if there is enough to know them by."""
        if not self._cues_by_tone or (end - start) * FRAME_S < KNOWN_AFTER_S:
            return
        found = tones_in(self._tail.slice(start, end), SAMPLE_RATE, self._cues_by_tone)
        if found:
            # with more than one tone, somebody else's audio has come in: their words are to show it
            self._cues = self._cues_by_tone[max(found)]
            self._cues_by_tone = {}

    def _submit(self, start: int, end: int, urgency: Urgency) -> "asyncio.Future[Heard] | None":
        return self._queue.submit(self._tail.slice(start, end), self._options.language, urgency)

    async def _resumed(self) -> None:
        speculation, self._speculation = self._speculation, None
        if speculation is None:
            return
        if self._options.interim_results and speculation.done():
            state = self._state
            await self._put(
                _Pending(speculation, state.start, state.position, state.voice_start, state.voice_end, False)
            )
            self._interim_asked_at = state.position
        else:
            speculation.cancel()

    async def _maybe_interim(self) -> None:
        state = self._state
        every_s = CUED_INTERIM_EVERY_S if self._using_cues else INTERIM_EVERY_S
        due = (state.position - self._interim_asked_at) * FRAME_S >= every_s
        talking = state.speaking and state.run == 0 and state.voiced >= self._rules.min_voiced_frames
        if not (self._options.interim_results and due and talking):
            return
        if self._interim is not None and not self._interim.done():
            return
        self._find_cues(state.start, state.position)
        if self._using_cues and self._cues is not None:
            words = self._cues.so_far(state.voice_start * FRAME_S, state.voice_end * FRAME_S)
            future = _known(tuple(word.shifted(-state.start * FRAME_S) for word in words))
        else:
            future = self._submit(state.start, state.position, Urgency.INTERIM)
        if future is None:
            return
        self._interim, self._interim_asked_at = future, state.position
        await self._put(_Pending(future, state.start, state.position, state.voice_start, state.voice_end, False))

    async def _commit(self, event: segmenter.Committed, from_finalize: bool) -> None:
        self._find_cues(event.start, event.end)
        if self._interim is not None:
            self._interim.cancel()
        speculation, self._speculation = self._speculation, None
        if not event.voiced:
            heard = _known(())
            if speculation is not None:
                speculation.cancel()
        elif self._using_cues and self._cues is not None:
            self._cues, words, _ = self._cues.heard(event.voice_start * FRAME_S, event.voice_end * FRAME_S)
            heard = _known(tuple(word.shifted(-event.start * FRAME_S) for word in words))
        else:
            heard = speculation or self._submit(event.start, event.end, Urgency.FINAL)
        if heard is None:
            raise ProviderUnavailable("a final decode was refused")
        if self._timed and event.voiced and not heard.done():
            self._stats.count("late_finals")
        await self._put(
            _Pending(
                heard,
                event.start,
                event.end,
                event.voice_start,
                event.voice_end,
                is_final=True,
                speech_final=event.ends_speech and (self._options.endpointing_ms is not None or from_finalize),
                from_finalize=from_finalize,
                spoken_at=self._voice_at if event.voiced and event.ends_speech else None,
            )
        )

    async def _cut(self, event: segmenter.Overlong) -> None:
        """Commit the greater part of an utterance that never pauses. Newer audio waits meanwhile; none is lost."""
        audio = self._tail.slice(event.start, event.end)
        future = self._queue.submit(audio, self._options.language, Urgency.FINAL)
        if future is None:
            raise ProviderUnavailable("a final decode was refused")
        heard = await future
        count, at_s = choose_cut(heard.words, len(audio) / SAMPLE_RATE)
        cut_s = quietest(audio, at_s)
        at = event.start + max(1, round(cut_s / FRAME_S))
        voice_start = self._state.voice_start
        self._state = segmenter.cut(self._state, at)
        self._stats.count("stt_forced_cuts")
        await self._put(_Pending(_known(heard.words[:count]), event.start, at, voice_start, at, is_final=True))

    async def _put(self, pending: _Pending | dict[str, Any] | None) -> None:
        """Queue a result; raises the emitter's error instead of waiting for ever when it has failed."""
        if self.emitter.done():
            self.emitter.result()
            return
        putting = asyncio.ensure_future(self._unsent.put(pending))
        await asyncio.wait({putting, self.emitter}, return_when=asyncio.FIRST_COMPLETED)
        if not putting.done():
            putting.cancel()
            self.emitter.result()

    async def _emit(self) -> None:
        while (pending := await self._unsent.get()) is not None:
            if isinstance(pending, dict):
                await self._send(pending)
                continue
            await asyncio.wait({pending.heard})
            if pending.heard.cancelled():
                continue
            words = pending.heard.result().words
            if not words and not pending.is_final:
                continue
            await self._send(self._message(pending, words))
            self._stats.count("stt_finals" if pending.is_final else "stt_interims")
            if pending.spoken_at is not None:
                self._stats.latency("stt_final_after_speech", (time.monotonic() - pending.spoken_at) * 1000)

    def _message(self, pending: _Pending, words: tuple[Word, ...]) -> dict[str, Any]:
        start_s, end_s = pending.start * FRAME_S, pending.end * FRAME_S
        in_stream = tuple(word.shifted(start_s) for word in words)
        return protocol.results(
            protocol.fit(in_stream, pending.voice_start * FRAME_S, pending.voice_end * FRAME_S + 0.1),
            start_s=start_s,
            end_s=end_s,
            is_final=pending.is_final,
            speech_final=pending.speech_final,
            from_finalize=pending.from_finalize,
            request_id=self._request_id,
            model=self._queue.recogniser.name,
            punctuate=self._options.punctuate,
        )

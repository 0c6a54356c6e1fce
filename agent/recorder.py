"""Records the room as the interviewer's process hears it: 5 s segments, encoded and handed on as they close.

The framework's own recorder writes one plain file into a temporary folder and loses it with the process; here each
segment leaves the process within seconds of being spoken.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import numpy as np
from livekit import rtc
from livekit.agents.voice import io
from numpy.typing import NDArray

from agent.stamped import began_at_of
from agent.timeline import CANDIDATE, INTERVIEWER, CutSegment, Timeline
from interview.audio import encode_segment
from interview.clock import from_epoch
from interview.recording import RecordingSegment

log = logging.getLogger(__name__)

SAMPLE_RATE = 24_000
_SETTLE_S = 0.6
"""How long after a segment's end its last audio may still arrive."""

_MAX_HELD_SEGMENTS = 4
"""A segment waits at most this many lengths for the end of a line whose playing time is not yet certain."""

StoreSegment = Callable[[RecordingSegment, bytes], None]


class Recorder:
    """Two taps, one timeline, one task. `store` is called with each encoded segment, in order."""

    def __init__(self, session_id: str, attempt: int, segment_s: float, store: StoreSegment) -> None:
        self._session_id = session_id
        self._attempt = attempt
        self._segment_s = segment_s
        self._store = store
        self._seq = 0
        self._timeline = Timeline(SAMPLE_RATE, segment_s, time.time())
        self._output: RecordedOutput | None = None
        self._closing = asyncio.Event()
        self._forgone = False
        self.task: asyncio.Task[None] | None = None
        """Cuts segments until closed; whoever runs the recorder watches that it does not end before."""

    def record_input(self, source: io.AudioInput) -> io.AudioInput:
        """Wrap the candidate's audio; what passes through is recorded."""
        return _RecordedInput(source, self._heard)

    def record_output(self, output: io.AudioOutput) -> io.AudioOutput:
        """Wrap the interviewer's audio; what is played is recorded at the time it is played."""
        self._output = RecordedOutput(output, self._played)
        return self._output

    def start(self) -> None:
        """Begin to cut segments."""
        self.task = asyncio.create_task(self._run(), name="recorder")

    def forgo(self) -> None:
        """Keep nothing from now on: the candidate has withdrawn their consent. What is stored stays."""
        self._forgone = True

    async def aclose(self) -> None:
        """Cut and hand on what is left."""
        self._closing.set()
        if self.task:
            await self.task  # not cancelled: the segment that it is encoding would be lost
        self._place_open_line()
        while time.time() >= self._timeline.segment_due_at:
            await self._hand_on(self._timeline.cut())
        rest = self._timeline.cut_rest(time.time())
        if rest is not None:
            await self._hand_on(rest)
        if self._timeline.dropped:
            log.warning("session %s: %d samples came too late for their segment", self._session_id, self.dropped)

    @property
    def dropped(self) -> int:
        """Samples that came too late for the segment they belonged to."""
        return self._timeline.dropped

    async def _run(self) -> None:
        while True:
            due = self._timeline.segment_due_at
            if await self._closes_within(max(0.1, due + _SETTLE_S - time.time())):
                return
            if self._output and self._output.uncertain_before(due):
                if time.time() < due + _MAX_HELD_SEGMENTS * self._segment_s:
                    continue
                log.warning("session %s: a segment closed before a line's playing time was known", self._session_id)
            self._place_open_line()
            await self._hand_on(self._timeline.cut())

    async def _closes_within(self, wait_s: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), wait_s)
        return self._closing.is_set()

    def _place_open_line(self) -> None:
        playing = self._output.playing() if self._output else None
        if playing:
            self._timeline.place(INTERVIEWER, *playing)

    async def _hand_on(self, cut: CutSegment) -> None:
        if self._forgone:
            return
        ogg = await asyncio.to_thread(encode_segment, cut.samples, SAMPLE_RATE)
        segment_id = f"{self._session_id}:{self._attempt}:{self._seq}"
        segment = RecordingSegment(
            session_id=self._session_id,
            attempt=self._attempt,
            seq=self._seq,
            started_at=from_epoch(cut.started_at),
            duration_s=len(cut.samples) / SAMPLE_RATE,
            sample_rate=SAMPLE_RATE,
            file_id=f"recording:{segment_id}",
        )
        self._seq += 1
        self._store(segment, ogg)

    def _heard(self, at: float, samples: NDArray[np.int16]) -> None:
        self._timeline.place(CANDIDATE, at, samples)

    def _played(self, at: float, samples: NDArray[np.int16]) -> None:
        self._timeline.place(INTERVIEWER, at, samples)


class _Mono:
    """Frames of any rate as mono samples at the recording's rate."""

    def __init__(self) -> None:
        self._resampler: rtc.AudioResampler | None = None
        self._rate: int | None = None

    def convert(self, frame: rtc.AudioFrame) -> NDArray[np.int16]:
        if frame.sample_rate == SAMPLE_RATE:
            return _samples(frame)
        if self._resampler is None or self._rate != frame.sample_rate:
            self._rate = frame.sample_rate
            self._resampler = rtc.AudioResampler(frame.sample_rate, SAMPLE_RATE, num_channels=frame.num_channels)
        pieces = [_samples(piece) for piece in self._resampler.push(frame)]
        return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)


def _samples(frame: rtc.AudioFrame) -> NDArray[np.int16]:
    samples = np.frombuffer(frame.data, np.int16)
    if frame.num_channels == 1:
        return samples  # nobody writes into a frame that has come
    return samples.reshape(-1, frame.num_channels).mean(axis=1).astype(np.int16)


class _RecordedInput(io.AudioInput):
    def __init__(self, source: io.AudioInput, on_heard: Callable[[float, NDArray[np.int16]], None]) -> None:
        super().__init__(label="Recorder", source=source)
        self._from = source
        self._on_heard = on_heard
        self._mono = _Mono()

    def __aiter__(self) -> AsyncIterator[rtc.AudioFrame]:
        return self

    async def __anext__(self) -> rtc.AudioFrame:
        frame = await self._from.__anext__()
        began_at = began_at_of(frame)
        if began_at is not None:
            self._on_heard(began_at, self._mono.convert(frame))
        return frame


class RecordedOutput(io.AudioOutput):
    """A tap in the chain of audio outputs.

    The sink reports, once it is certain, which stretch of a line played when. While a line plays, that it plays on
    from its start, or from where the stretch before ended, is a fair guess, and good enough should the process die.
    """

    def __init__(self, output: io.AudioOutput, on_played: Callable[[float, NDArray[np.int16]], None]) -> None:
        super().__init__(
            label="Recorder",
            next_in_chain=output,
            sample_rate=output.sample_rate,
            capabilities=io.AudioOutputCapabilities(pause=True),
        )
        self._on_played = on_played
        self._mono = _Mono()
        self._pieces: list[NDArray[np.int16]] = []
        self._began_at: float | None = None
        self._run_at: float | None = None
        """When the stretch began that plays now; None while nothing plays."""
        self._run_offset_s = 0.0
        """Where in the line it begins."""
        self._paused = False
        self._was_paused = False
        self._stopped = False

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """Take a frame of the current line and pass it on."""
        await super().capture_frame(frame)
        self._pieces.append(self._mono.convert(frame))
        if self.next_in_chain:
            await self.next_in_chain.capture_frame(frame)

    def flush(self) -> None:
        """Mark the line's end."""
        super().flush()
        if self.next_in_chain:
            self.next_in_chain.flush()

    def clear_buffer(self) -> None:
        """Stop the line."""
        if self.next_in_chain:
            self.next_in_chain.clear_buffer()
        self._stopped = self._began_at is not None

    def pause(self) -> None:
        """Let the line wait."""
        super().pause()
        self._paused = True

    def resume(self) -> None:
        """Let the line go on."""
        super().resume()
        self._paused = False
        if self._began_at is not None and self._run_at is None:
            self._run_at = time.time()

    def on_playback_started(self, *, created_at: float) -> None:
        """Note when the line began."""
        super().on_playback_started(created_at=created_at)
        self._began_at = self._run_at = created_at

    def on_playback_progressed(self, *, started_at: float, offset: float, duration: float) -> None:
        """Place a stretch whose playing time is certain."""
        super().on_playback_progressed(started_at=started_at, offset=offset, duration=duration)
        line = self._line()
        self._on_played(started_at, line[round(offset * SAMPLE_RATE) : round((offset + duration) * SAMPLE_RATE)])
        self._run_offset_s = offset + duration
        # of a line that was paused, some may have been dropped; one that ran dry on a busy machine goes on at once
        self._was_paused |= self._paused
        self._run_at = None if self._paused else time.time()

    def on_playback_finished(
        self, *, playback_position: float, interrupted: bool, synchronized_transcript: str | None = None
    ) -> None:
        """Forget the line; all of it that played has been placed."""
        super().on_playback_finished(
            playback_position=playback_position,
            interrupted=interrupted,
            synchronized_transcript=synchronized_transcript,
        )
        self._pieces = []
        self._began_at = self._run_at = None
        self._run_offset_s = 0.0
        self._was_paused = self._stopped = False

    def uncertain_before(self, moment: float) -> bool:
        """Tell whether a line that began before `moment` was paused, so that nobody knows yet what played when."""
        return self._was_paused and self._began_at is not None and self._began_at < moment

    def playing(self) -> tuple[float, NDArray[np.int16]] | None:
        """Return the start and the audio so far of the stretch that plays, as far as that can be guessed, or None."""
        if self._run_at is None or self._stopped:
            return None
        first = round(self._run_offset_s * SAMPLE_RATE)
        played = round((time.time() - self._run_at) * SAMPLE_RATE)
        return self._run_at, self._line()[first : first + played]

    def _line(self) -> NDArray[np.int16]:
        if len(self._pieces) > 1:
            self._pieces = [np.concatenate(self._pieces)]
        return self._pieces[0] if self._pieces else np.zeros(0, np.int16)

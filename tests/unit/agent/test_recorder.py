"""What was recorded leaves the process whole."""

import asyncio
import threading
import time

import numpy as np
import pytest
from livekit import rtc
from livekit.agents.voice import io
from numpy.typing import NDArray

from agent import recorder as recorder_module
from agent.recorder import SAMPLE_RATE, RecordedOutput, Recorder
from interview.recording import RecordingSegment


async def test_a_segment_that_is_being_encoded_when_the_interview_ends_is_kept(monkeypatch: pytest.MonkeyPatch):
    encode, encoding, go_on = recorder_module.encode_segment, threading.Event(), threading.Event()

    def slowly(samples: NDArray[np.int16], sample_rate: int) -> bytes:
        encoding.set()
        go_on.wait(5)
        return encode(samples, sample_rate)

    monkeypatch.setattr(recorder_module, "encode_segment", slowly)
    stored: list[RecordingSegment] = []
    began = time.time()
    recorder = Recorder("s", 1, 0.2, lambda segment, _: stored.append(segment))
    recorder.start()
    assert await asyncio.to_thread(encoding.wait, 5)
    closing = asyncio.create_task(recorder.aclose())
    await asyncio.sleep(0)
    go_on.set()
    await closing
    ends = [(segment.started_at.timestamp() + segment.duration_s) for segment in stored]
    starts = [segment.started_at.timestamp() for segment in stored]
    assert [segment.seq for segment in stored] == list(range(len(stored)))
    assert starts[1:] == pytest.approx(ends[:-1], abs=0.01)
    assert starts[0] == pytest.approx(began, abs=0.05)


async def test_nothing_is_kept_after_the_consent_to_it_was_withdrawn():
    stored: list[RecordingSegment] = []
    kept = asyncio.Event()

    def store(segment: RecordingSegment, _: bytes) -> None:
        stored.append(segment)
        kept.set()

    recorder = Recorder("s", 1, 0.1, store)
    recorder.start()
    await asyncio.wait_for(kept.wait(), 5)
    recorder.forgo()
    so_far = len(stored)
    await recorder.aclose()
    assert len(stored) == so_far


class Sink(io.AudioOutput):
    """Plays nothing, and reports what it is told to have played."""

    def __init__(self) -> None:
        super().__init__(label="Sink", sample_rate=SAMPLE_RATE, capabilities=io.AudioOutputCapabilities(pause=True))

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)

    def flush(self) -> None:
        super().flush()

    def clear_buffer(self) -> None:
        pass


async def a_line_of_3_s() -> tuple[Sink, RecordedOutput]:
    sink = Sink()
    output = RecordedOutput(sink, lambda at, samples: None)
    line = np.arange(3 * SAMPLE_RATE, dtype=np.int32).astype(np.int16)
    await output.capture_frame(rtc.AudioFrame(line.tobytes(), SAMPLE_RATE, 1, len(line)))
    return sink, output


async def test_a_line_that_ran_dry_on_a_busy_machine_plays_on_and_is_recorded_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
):
    sink, output = await a_line_of_3_s()
    now = time.time()
    sink.on_playback_started(created_at=now - 2)
    monkeypatch.setattr(time, "time", lambda: now)
    sink.on_playback_progressed(started_at=now - 2, offset=0, duration=0.5)
    assert not output.uncertain_before(now)
    monkeypatch.setattr(time, "time", lambda: now + 1)
    at, played = output.playing() or (0, np.zeros(0))
    assert at == now
    assert len(played) == SAMPLE_RATE
    assert played[0] == SAMPLE_RATE // 2, "it goes on where the stretch before ended"


async def a_line_that_was_paused_after_1_s(monkeypatch: pytest.MonkeyPatch) -> tuple[Sink, RecordedOutput, float]:
    sink, output = await a_line_of_3_s()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    sink.on_playback_started(created_at=now - 1)
    output.pause()
    sink.on_playback_progressed(started_at=now - 1, offset=0, duration=1)
    return sink, output, now


async def test_a_line_that_was_paused_is_waited_for_and_what_plays_then_is_not_lost(monkeypatch: pytest.MonkeyPatch):
    sink, output, now = await a_line_that_was_paused_after_1_s(monkeypatch)
    assert output.playing() is None
    assert output.uncertain_before(now)
    monkeypatch.setattr(time, "time", lambda: now + 5)
    output.resume()
    monkeypatch.setattr(time, "time", lambda: now + 6)
    at, played = output.playing() or (0, np.zeros(0))
    assert (at, len(played), played[0]) == (now + 5, SAMPLE_RATE, SAMPLE_RATE)
    assert output.uncertain_before(now + 6)
    output.flush()
    sink.on_playback_finished(playback_position=3, interrupted=False)
    assert output.playing() is None
    assert not output.uncertain_before(now + 9)


async def test_what_is_left_of_a_line_that_was_stopped_is_not_taken_to_play(monkeypatch: pytest.MonkeyPatch):
    sink, output, now = await a_line_that_was_paused_after_1_s(monkeypatch)
    output.clear_buffer()
    output.resume()
    monkeypatch.setattr(time, "time", lambda: now + 1)
    assert output.playing() is None
    output.flush()
    sink.on_playback_finished(playback_position=1, interrupted=True)
    sink.on_playback_started(created_at=now + 1)
    assert output.playing() is not None, "the next line plays"

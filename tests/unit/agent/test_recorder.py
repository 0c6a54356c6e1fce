"""What was recorded leaves the process whole."""

import asyncio
import threading
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from agent import recorder as recorder_module
from agent.recorder import Recorder
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

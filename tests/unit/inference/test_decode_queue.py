"""One model, several streams: finals first, interims only when there is room."""

import asyncio
import threading

import numpy as np
import pytest

from interview.errors import ProviderUnavailable
from local.inference.stats import Stats
from local.inference.stt.engine import Heard
from local.inference.stt.protocol import Word
from local.inference.stt.queue import MAX_WAITING, DecodeQueue, Urgency


class Gate:
    """A recogniser that finishes when it is told to; it hears the length of what it was given."""

    name = "gate"
    languages = frozenset({"en"})

    def __init__(self) -> None:
        self.open = threading.Semaphore(0)
        self.order: list[int] = []
        self.running = threading.Semaphore(0)

    def decode(self, audio: np.ndarray, language: str = "en") -> Heard:
        self.running.release()
        assert self.open.acquire(timeout=10)
        self.order.append(len(audio))
        if len(audio) == 666:
            raise RuntimeError("broken")
        return Heard((Word(str(len(audio)), 0, 1, 1),))


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def queue(gate: Gate):
    queue = DecodeQueue(gate, Stats())
    yield queue
    for _ in range(200):
        gate.open.release()
    queue.close()


def clip(samples: int) -> np.ndarray:
    return np.zeros(samples, np.float32)


async def test_finals_overtake_and_interims_are_refused_while_they_wait(queue: DecodeQueue, gate: Gate):
    first = queue.submit(clip(1), "en", Urgency.INTERIM)
    assert await asyncio.to_thread(gate.running.acquire, timeout=5)
    waiting = queue.submit(clip(2), "en", Urgency.INTERIM)
    early = queue.submit(clip(3), "en", Urgency.SPECULATIVE)
    final = queue.submit(clip(4), "en", Urgency.FINAL)
    assert queue.submit(clip(5), "en", Urgency.INTERIM) is None
    for _ in range(4):
        gate.open.release()
    assert first is not None
    assert waiting is not None
    assert early is not None
    assert final is not None
    async with asyncio.timeout(5):
        await asyncio.gather(first, waiting, early, final)
    assert gate.order == [1, 4, 3, 2]


async def test_a_cancelled_decode_is_not_run(queue: DecodeQueue, gate: Gate):
    first = queue.submit(clip(1), "en", Urgency.FINAL)
    assert await asyncio.to_thread(gate.running.acquire, timeout=5)
    second, third = queue.submit(clip(2), "en", Urgency.FINAL), queue.submit(clip(3), "en", Urgency.FINAL)
    assert second is not None
    second.cancel()
    await asyncio.wait({second})  # the event loop hands the cancellation on to the queue's own future
    await asyncio.sleep(0)
    for _ in range(3):
        gate.open.release()
    assert first is not None
    assert third is not None
    async with asyncio.timeout(5):
        await first
        await third
    assert gate.order == [1, 3]


async def test_a_failing_decode_fails_alone(queue: DecodeQueue, gate: Gate):
    gate.open.release()
    gate.open.release()
    broken, well = queue.submit(clip(666), "en", Urgency.FINAL), queue.submit(clip(2), "en", Urgency.FINAL)
    assert broken is not None
    assert well is not None
    async with asyncio.timeout(5):
        with pytest.raises(RuntimeError):
            await broken
        assert (await well).words[0].text == "2"


async def test_the_queue_is_bounded(queue: DecodeQueue, gate: Gate):
    queue.submit(clip(1), "en", Urgency.FINAL)
    assert await asyncio.to_thread(gate.running.acquire, timeout=5)
    for _ in range(MAX_WAITING):
        queue.submit(clip(1), "en", Urgency.FINAL)
    with pytest.raises(ProviderUnavailable):
        queue.submit(clip(1), "en", Urgency.FINAL)

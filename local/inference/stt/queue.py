"""One model, several streams: a bounded queue in which what is final goes before what is provisional."""

import asyncio
import heapq
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

import numpy as np

from interview.errors import ProviderUnavailable
from local.inference.stats import Stats
from local.inference.stt.engine import Heard

MAX_WAITING = 64
MAX_WAITING_INTERIMS = 2


class Recogniser(Protocol):
    """Anything that turns audio into words."""

    name: str
    languages: frozenset[str]

    def decode(self, audio: np.ndarray, language: str = "en") -> Heard:
        """Transcribe float32 mono audio at 16 kHz; blocks."""
        ...


class Urgency(IntEnum):
    """What goes first."""

    FINAL = 0
    SPECULATIVE = 1
    INTERIM = 2


@dataclass(order=True)
class _Job:
    urgency: int
    number: int
    run: Callable[[], Heard] = field(compare=False)
    done: "Future[Heard]" = field(compare=False)


class DecodeQueue:
    """Runs decodes on one thread of its own, most urgent first, then in order of arrival.

    An interim is refused while anything more urgent waits or runs, or when two already wait: the stream asks again
    with newer audio, so streams take turns and a busy machine shows fewer interims instead of later finals.
    """

    def __init__(self, recogniser: Recogniser, stats: Stats) -> None:
        self.recogniser = recogniser
        self._stats = stats
        self._jobs: list[_Job] = []
        self._numbers = itertools.count()
        self._running: int | None = None
        self._closed = False
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="stt-decode", daemon=True)
        self._thread.start()

    def submit(self, audio: np.ndarray, language: str, urgency: Urgency) -> "asyncio.Future[Heard] | None":
        """Queue one decode; None when it is an interim and there is no room for one now.

        Cancelling the future takes a waiting decode out of the queue. Raises `ProviderUnavailable` when even finals
        have piled up beyond the queue's bound.
        """
        with self._wake:
            if self._closed:
                raise ProviderUnavailable("speech recognition is shutting down")
            if urgency is Urgency.INTERIM and not self._room_for_interim():
                self._stats.count("stt_interims_skipped")
                return None
            if len(self._jobs) >= MAX_WAITING:
                raise ProviderUnavailable(f"{MAX_WAITING} utterances are waiting to be transcribed")
            done: Future[Heard] = Future()
            job = _Job(urgency, next(self._numbers), lambda: self.recogniser.decode(audio, language), done)
            heapq.heappush(self._jobs, job)
            self._wake.notify()
        return asyncio.wrap_future(done)

    def _room_for_interim(self) -> bool:
        if self._running is not None and self._running < Urgency.INTERIM:
            return False
        waiting = [job for job in self._jobs if not job.done.cancelled()]
        return len(waiting) < MAX_WAITING_INTERIMS and all(job.urgency == Urgency.INTERIM for job in waiting)

    def _work(self) -> None:
        while True:
            with self._wake:
                self._running = None
                while not self._jobs and not self._closed:
                    self._wake.wait()
                if self._closed:
                    for job in self._jobs:
                        job.done.cancel()
                    return
                job = heapq.heappop(self._jobs)
                if not job.done.set_running_or_notify_cancel():
                    continue
                self._running = job.urgency
            began = time.monotonic()
            try:
                heard = job.run()
            except Exception as error:  # noqa: BLE001 - handed to whoever awaits the future, which must not hang
                self._stats.count("stt_decode_errors")
                job.done.set_exception(error)
            else:
                self._stats.latency(
                    f"stt_decode_{Urgency(job.urgency).name.lower()}", (time.monotonic() - began) * 1000
                )
                job.done.set_result(heard)

    def close(self) -> None:
        """Finish the running decode, cancel the waiting ones, end the thread."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join(timeout=10)

"""Where frames and sound are looked at: one thread and one set of models for all rooms of the process."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from interview.incident import Observation
from interview.incident_kind import IncidentKind
from proctoring.detectors.eyes import Eyes
from proctoring.detectors.frame import Frame, Pixels, bounded
from proctoring.detectors.shared import Models
from proctoring.detectors.voice import VoiceWatch
from proctoring.evidence import Snapshot, snapshot

T = TypeVar("T")

Grab = Callable[[], Pixels]
"""Converts a received frame to RGB when the detectors' thread gets to it."""
Sound = NDArray[np.float32]
"""Samples at 16 kHz, mono, amplitude 1."""

_BUSY = 0.5
"""The share of its time that the thread may work before detectors are run less often."""
_SLOWEST = 4.0
_SMOOTH = 0.05


@dataclass(frozen=True)
class Look:
    """What one frame showed: the frame as it may be kept, its observations, and a still if one was wanted."""

    frame: Frame
    observations: tuple[Observation, ...]
    still: Snapshot | None


class Pace:
    """How much of its time the thread works, and so how often detectors may run."""

    def __init__(self) -> None:
        self._share = 0.0
        self._idle_since = time.monotonic()

    @property
    def factor(self) -> float:
        """1 while there is time enough, up to 4 on a busy machine: so many times as seldom."""
        return min(_SLOWEST, max(1.0, self._share / _BUSY))

    def worked(self, started: float, ended: float) -> None:
        """Count a piece of work between two moments of the monotonic clock."""
        whole = max(1e-6, ended - self._idle_since)
        weight = min(1.0, _SMOOTH + whole / 10)
        self._share += weight * (min(1.0, (ended - started) / whole) - self._share)
        self._idle_since = ended


class Analysis:
    """The process's detectors behind a single thread, so that models need no locks and take at most one core."""

    def __init__(self, models: Models, pace: Callable[[], float] | None = None) -> None:
        """`pace` replaces the measured one, where time does not run as in a room."""
        # OpenCV's own pool would spread each small operation over all cores, which the interviewer needs
        cv2.setNumThreads(1)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="detectors")
        self._models = models
        self._measured = Pace()
        self.pace = pace or (lambda: self._measured.factor)
        """How many times as seldom as they could detectors run now."""
        self.cpu_s = 0.0
        """Seconds of a core that were worked here."""

    @property
    def off(self) -> dict[IncidentKind, str]:
        """Kinds that cannot be found because of a model, and why."""
        return dict(self._models.off)

    async def look(self, at: datetime, pixels: Pixels | Grab, eyes: Eyes, *, with_still: bool) -> Look:
        """Look at a frame that was received `at`; `pixels` is an RGB image, or how to get it (on this thread).

        `eyes` are those of the room that it comes from; `with_still` adds a JPEG.
        """
        return await self._run(lambda: self._look(at, pixels, eyes, with_still))

    async def hear(self, at: datetime, sound: Sound, voices: VoiceWatch) -> tuple[Observation, ...]:
        """Listen to sound that ended `at`; `voices` are those of the room that it comes from."""
        model = self._models.voices
        if model is None:
            return ()
        return await self._run(lambda: tuple(voices.hear(at, sound, model)))

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._timed, work)

    def _timed(self, work: Callable[[], T]) -> T:
        started, worked = time.monotonic(), time.thread_time()
        try:
            return work()
        finally:
            self._measured.worked(started, time.monotonic())
            self.cpu_s += time.thread_time() - worked

    def _look(self, at: datetime, pixels: Pixels | Grab, eyes: Eyes, with_still: bool) -> Look:
        frame = Frame(at, bounded(pixels() if callable(pixels) else pixels))
        observations = eyes.look(frame, self._models, self.pace())
        shown = eyes.shown(frame)
        return Look(shown, tuple(observations), snapshot(shown) if with_still else None)

    def close(self) -> None:
        """Stop the thread and free the models."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._models.close()

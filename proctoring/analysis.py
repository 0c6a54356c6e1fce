"""Where frames are looked at: one thread and one set of models for all rooms of the process."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import cv2

from interview.incident import Observation
from proctoring.detectors.brightness import Brightness
from proctoring.detectors.faces import FaceCounter
from proctoring.detectors.frame import Frame, Pixels, bounded
from proctoring.detectors.mesh import HeadPose
from proctoring.evidence import Snapshot, snapshot

Grab = Callable[[], Pixels]
"""Converts a received frame to RGB when the detectors' thread gets to it."""


@dataclass(frozen=True)
class Look:
    """What one frame showed: the frame, its observations, and a still if one was wanted."""

    frame: Frame
    observations: tuple[Observation, ...]
    still: Snapshot | None


class Analysis:
    """The process's detectors behind a single thread, so that models need no locks and take at most one core.

    Loads the models at once; raises `ConfigurationError` if one is missing.
    """

    def __init__(self, face_model: Path) -> None:
        # OpenCV's own pool would spread each small operation over all cores, which the interviewer needs
        cv2.setNumThreads(1)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="detectors")
        self._brightness = Brightness()
        self._faces = FaceCounter(face_model)
        self._pose = HeadPose()

    async def look(
        self, at: datetime, pixels: Pixels | Grab, *, dark_luma: float, with_pose: bool, with_still: bool
    ) -> Look:
        """Look at a frame that was received `at`; `pixels` is an RGB image, or how to get it (on this thread).

        Under `dark_luma` nothing but the brightness is observed, because faces are not found in the dark.
        `with_pose` adds the head's direction, `with_still` a JPEG.
        """
        loop = asyncio.get_running_loop()
        look = partial(self._look, at, pixels, dark_luma, with_pose, with_still)
        return await loop.run_in_executor(self._thread, look)

    def _look(self, at: datetime, pixels: Pixels | Grab, dark_luma: float, with_pose: bool, with_still: bool) -> Look:
        frame = Frame(at, bounded(pixels() if callable(pixels) else pixels))
        observations = [self._brightness.look(frame)]
        if observations[0].values["luma"] >= dark_luma:
            observations.append(self._faces.look(frame))
            pose = self._pose.look(frame) if with_pose else None
            if pose is not None:
                observations.append(pose)
        return Look(frame, tuple(observations), snapshot(frame) if with_still else None)

    def close(self) -> None:
        """Stop the thread and free the models."""
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._pose.close()

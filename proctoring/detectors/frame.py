"""One video frame as detectors see it."""

from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

MAX_WIDTH_PX = 640
"""Wider frames are scaled down once, before any detector looks."""
MAX_HEIGHT_PX = 960
MIN_SIDE_PX = 48
"""Smaller pictures show nothing that a detector could measure."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Frame:
    """`rgb` is (height, width, 3), 8 bits, bounded; `at` is when it was received, aware UTC."""

    at: datetime
    rgb: Pixels

    @property
    def usable(self) -> bool:
        """Tell whether there is enough of it to measure anything."""
        return min(self.rgb.shape[:2]) >= MIN_SIDE_PX


@dataclass(frozen=True)
class Box:
    """A rectangle in a frame, in its pixels; it may reach over the frame's rim."""

    x: float
    y: float
    width: float
    height: float

    def overlap(self, other: "Box") -> float:
        """Return the shared part of both, 0 to 1 (intersection over union)."""
        shared = self._shared(other)
        return shared / max(1e-6, self.width * self.height + other.width * other.height - shared)

    def within(self, other: "Box") -> float:
        """Return the share of this one that lies in the other, 0 to 1."""
        return self._shared(other) / max(1e-6, self.width * self.height)

    def _shared(self, other: "Box") -> float:
        across = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        down = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        return max(0.0, across) * max(0.0, down)

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return self.x + self.width / 2, self.y + self.height / 2


def bounded(rgb: Pixels) -> Pixels:
    """Scale an image down to `MAX_WIDTH_PX` and `MAX_HEIGHT_PX`, keeping its proportions; a smaller one stays."""
    height, width = rgb.shape[:2]
    scale = min(1.0, MAX_WIDTH_PX / max(1, width), MAX_HEIGHT_PX / max(1, height))
    if scale == 1.0:
        return rgb
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)

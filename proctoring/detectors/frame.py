"""One video frame as detectors see it."""

from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

MAX_WIDTH_PX = 640
"""Wider frames are scaled down once, before any detector looks."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Frame:
    """`rgb` is (height, width, 3), 8 bits, at most `MAX_WIDTH_PX` wide; `at` is when it was received, aware UTC."""

    at: datetime
    rgb: Pixels


def bounded(rgb: Pixels) -> Pixels:
    """Scale an image down to `MAX_WIDTH_PX`, keeping its proportions; a smaller one is returned as it is."""
    height, width = rgb.shape[:2]
    if width <= MAX_WIDTH_PX:
        return rgb
    size = (MAX_WIDTH_PX, max(1, round(height * MAX_WIDTH_PX / width)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)

"""How bright a frame is, and whether something lies over the lens.

A dark room is called dark and not empty, unless something bright is in it. A covered lens is called covered and not an
empty room: what the candidate's camera usually sees at the picture's rim, where no person sits, is gone, and nothing
sharp has come instead.
"""

from collections import deque
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from interview.incident import Observation
from proctoring.detectors.frame import Frame

DARK_LUMA = 20.0
"""Where the brightest twentieth of a picture is under this (8 % of white) no detector is asked.

Of a darkened room it is at most 14. The mean says less: a face that its screen lights in a dark room is found at 6.
What is lit there may be smaller than that: then the picture is called dark all the same.
"""
_BRIGHTEST = 95
_SMALL = (64, 48)
_DETAIL = (320, 240)
_COARSE = (160, 120)
_RIM = 6
_REMEMBER_EVERY_S = 1.0
_REMEMBERED = 15
_PLAIN_DETAIL = 1.1
"""Fine structure, in grey levels, under which a picture is of nothing: an unfocused finger has about 0.3 beside its
noise, a plain wall behind an empty chair 0.5 to 2, a person 3 to 8."""
_SAME_RIM = 14.0
"""Grey levels by which the rim may differ from what it usually is; lamps and exposure stay below."""


class Light:
    """One candidate's light in each frame. Remembers what the camera usually saw."""

    name = "light"
    version = "3"

    def __init__(self) -> None:
        self._usual: deque[NDArray[np.float32]] = deque(maxlen=_REMEMBERED)
        self._remembered_at: datetime | None = None

    def look(self, frame: Frame) -> Observation:
        """Return `luma` of the brightest twentieth, `mean_luma` of all, and `camera_covered` where it is not dark.

        Brightness goes from 0 (black) to 255 (white), `camera_covered` from 0 to 1.
        """
        small = _small(frame)
        grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        brightest = float(np.percentile(grey, _BRIGHTEST))
        values = {"luma": round(brightest, 1), "mean_luma": round(float(grey.mean()), 1)}
        if brightest >= DARK_LUMA:
            # of a black picture nobody can say what makes it so
            values["camera_covered"] = round(self._covered(frame, small), 3)
        return Observation(at=frame.at, detector=self.name, version=self.version, values=values)

    def face_seen(self, frame: Frame) -> None:
        """Remember this frame's rim, once a second: a face in the picture says that the lens is free."""
        if self._remembered_at and (frame.at - self._remembered_at).total_seconds() < _REMEMBER_EVERY_S:
            return
        self._remembered_at = frame.at
        self._usual.append(_rim(_small(frame)))

    def _covered(self, frame: Frame, small: NDArray[np.uint8]) -> float:
        plain = 1 - min(1.0, _detail(frame.rgb) / (2 * _PLAIN_DETAIL))
        if plain <= 0.5 or not self._usual:
            # before anybody was seen, a plain picture may be a plain wall
            return 0.5 * plain
        away = float(np.abs(_rim(small) - np.median(self._usual, axis=0)).mean())
        return plain if away >= _SAME_RIM else 0.5 * plain * away / _SAME_RIM


def _small(frame: Frame) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(frame.rgb, _SMALL, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _rim(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The top and both sides of a small picture: the person sits in the middle and below."""
    top, left, right = small[:_RIM], small[_RIM:, :_RIM], small[_RIM:, -_RIM:]
    return np.concatenate([part.reshape(-1, 3) for part in (top, left, right)]).astype(np.float32)


def _detail(rgb: NDArray[np.uint8]) -> float:
    """Fine structure in grey levels: what a blur takes away, without what sensor noise adds."""
    small = cv2.resize(rgb, _DETAIL, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.5)
    # a blur by 6: from half the width it is the same within a hundredth, in a third of the time
    coarse = cv2.GaussianBlur(cv2.resize(smooth, _COARSE, interpolation=cv2.INTER_AREA), (0, 0), 2.9)
    apart = np.abs(smooth - cv2.resize(coarse, _DETAIL))
    return float(np.percentile(apart[::2, ::2], 90))

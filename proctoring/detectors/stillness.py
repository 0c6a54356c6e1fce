"""Whether the picture lives: frozen (the same frame again) or a still picture (nothing in the face moves by itself).

A living person moves in every few seconds, however quietly they sit: they breathe, blink and sway. What stands still
is told by that alone, and never by what a face looks like. Measured on recordings of four people who talk or listen:
within 4 s the face changes by at least 3.6 grey levels, and a still with the noise of a sensor by at most 1.4.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from interview.incident import Observation
from interview.signals import WINDOW
from proctoring.detectors.frame import Box, Frame

_SMALL = (160, 120)
_LAGS_S = (0.4, 1.0, 2.0, 4.0)
_FROZEN_S = 1.0
_STILL_S = 4.0
_EVERY_S = 0.35
"""A stretch of four seconds is compared with itself at most so often."""
_KEPT_S = 4.6
_SAME = 0.12
"""Grey levels of mean difference under which two frames are one: an encoder leaves less, a sensor's noise 0.19."""
_ALIVE, _ALIVE_DIM, _CONTRAST = 2.4, 1.6, 35.0
"""Grey levels that the face of a person changes by, at its liveliest places, within four seconds, if it has this
contrast (standard deviation); in proportion less where it has less, as in dim light, but never less than noise."""
_MOVED_PX = 6.0
_LIVELIEST = 95
_MIN_FRAMES = 4


@dataclass(frozen=True)
class _Kept:
    at: datetime
    grey: NDArray[np.float32]
    changed: float


class Stillness:
    """One candidate's picture over the last seconds."""

    name = "stillness"
    version = "1"

    def __init__(self) -> None:
        self._kept: deque[_Kept] = deque(maxlen=64)
        self._still_at: datetime | None = None
        self._window = cv2.createHanningWindow(_SMALL, cv2.CV_32F)

    def look(self, frame: Frame, face: Box | None) -> list[Observation]:
        """Return `camera_frozen` over the last second and now and then, of a face, `still_picture` over the last four.

        Says nothing until it has seen that much, at a few frames a second.
        """
        small = cv2.resize(frame.rgb, _SMALL, interpolation=cv2.INTER_AREA)
        sharp = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
        grey = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 1.0), dtype=np.float32)
        changed = float(np.abs(grey - self._kept[-1].grey).mean()) if self._kept else 255.0
        self._kept.append(_Kept(frame.at, grey, changed))
        while (frame.at - self._kept[0].at).total_seconds() > _KEPT_S:
            self._kept.popleft()
        found = [self._observation(frame, "camera_frozen", _FROZEN_S, self._frozen(frame.at))]
        if face is not None and self._is_time(frame.at):
            found.append(self._observation(frame, "still_picture", _STILL_S, self._still(frame, face)))
        return [one for one in found if one is not None]

    def forget(self) -> None:
        """Begin anew: the camera was away."""
        self._kept.clear()

    def _is_time(self, at: datetime) -> bool:
        if self._still_at is not None and (at - self._still_at).total_seconds() < _EVERY_S:
            return False
        self._still_at = at
        return True

    def _frozen(self, at: datetime) -> float | None:
        recent = self._since(at, _FROZEN_S)
        if len(recent) < _MIN_FRAMES:
            return None
        worst = max(one.changed for one in recent[1:])
        return max(0.0, 1 - worst / (2 * _SAME))

    def _still(self, frame: Frame, face: Box) -> float | None:
        recent = self._since(frame.at, _STILL_S)
        if len(recent) < 2 * _MIN_FRAMES:
            return None
        here = _scaled(face, frame)
        liveliest = max(self._apart(recent[-1], self._nearest(frame.at, lag_s), here) for lag_s in _LAGS_S)
        alive = min(_ALIVE, max(_ALIVE_DIM, _ALIVE * float(recent[-1].grey[here].std()) / _CONTRAST))
        return max(0.0, 1 - liveliest / (2 * alive))

    def _apart(self, now: _Kept, then: _Kept, here: tuple[slice, slice]) -> float:
        """How much the face changed, in grey levels, after taking out a movement of the whole picture."""
        (dx, dy), _ = cv2.phaseCorrelate(now.grey.copy(), then.grey.copy(), self._window)
        if abs(dx) > _MOVED_PX or abs(dy) > _MOVED_PX:
            dx = dy = 0.0
        shift = np.array([[1, 0, -dx], [0, 1, -dy]], dtype=np.float32)
        moved = cv2.warpAffine(then.grey, shift, _SMALL, borderMode=cv2.BORDER_REPLICATE)
        apart = (now.grey - moved)[here]
        # a lamp or the camera's exposure changes everything alike
        return float(np.percentile(np.abs(apart - np.median(apart)), _LIVELIEST))

    def _since(self, at: datetime, seconds: float) -> list[_Kept]:
        """The frames of the last seconds, or none where they do not reach back so far."""
        if (at - self._kept[0].at).total_seconds() < seconds * 0.95:
            return []
        return [one for one in self._kept if (at - one.at).total_seconds() <= seconds + 0.3]

    def _nearest(self, at: datetime, lag_s: float) -> _Kept:
        return min(self._kept, key=lambda one: abs((at - one.at).total_seconds() - lag_s))

    def _observation(self, frame: Frame, figure: str, window_s: float, value: float | None) -> Observation | None:
        if value is None:
            return None
        values = {figure: round(value, 3), WINDOW: window_s}
        return Observation(at=frame.at, detector=self.name, version=self.version, values=values)


def _scaled(face: Box, frame: Frame) -> tuple[slice, slice]:
    height, width = frame.rgb.shape[:2]
    to_x, to_y = _SMALL[0] / width, _SMALL[1] / height
    left, top = max(0, int(face.x * to_x)), max(0, int(face.y * to_y))
    right = min(_SMALL[0], max(left + 4, round((face.x + face.width) * to_x)))
    bottom = min(_SMALL[1], max(top + 4, round((face.y + face.height) * to_y)))
    return slice(min(top, _SMALL[1] - 4), bottom), slice(min(left, _SMALL[0] - 4), right)

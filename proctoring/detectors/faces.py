"""Which faces a frame shows: YuNet.

mediapipe's FaceMesh cannot answer this: it tracks one face at a time, finds few in a group, and goes on tracking
what is no face.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from proctoring.detectors.frame import Box, Frame
from proctoring.detectors.models import checked
from proctoring.onnx_models import yunet

SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"

NARROW_PX = 320
WIDE_PX = 640
_SCORE_FLOOR = 0.3
_OVERLAP = 0.3
_LEAST_HEIGHT_PX = 32


@dataclass(frozen=True)
class Face:
    """One face: its score 0 to 1, and in the frame's pixels its box and the five marks that YuNet gives.

    The marks are right eye, left eye, nose, right and left corner of the mouth; right is the person's own.
    """

    score: float
    box: Box
    marks: NDArray[np.float32]


class FaceFinder:
    """`face_detection_yunet_2023mar.onnx` of OpenCV's zoo.

    Not safe to use from two threads at once. Raises `ConfigurationError` if the model is missing or altered.
    """

    name = "yunet"
    version = "2023mar"

    def __init__(self, model: Path) -> None:
        checked(model, SHA256, "FACE_DETECTOR_MODEL", "face_detection_yunet_2023mar.onnx")
        self._session = yunet.load(model)

    def find(self, frame: Frame, width_px: int) -> list[Face]:
        """Return the faces of a frame looked at in this width, the surest first.

        At 320 px (3 ms) faces from about 50 px of 640 are found, at 640 px (10 ms) from about 20.
        """
        height, width = frame.rgb.shape[:2]
        scale = width_px / width
        size = (width_px, max(_LEAST_HEIGHT_PX, round(height * scale)))
        small = cv2.cvtColor(cv2.resize(frame.rgb, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
        rows = yunet.find(self._session, np.asarray(small, dtype=np.uint8), score_floor=_SCORE_FLOOR, overlap=_OVERLAP)
        return [_face(row, width / size[0], height / size[1]) for row in rows]


def _face(row: NDArray[np.float32], to_x: float, to_y: float) -> Face:
    x, y, width, height = (float(value) for value in row[:4])
    marks = np.asarray(row[4:14], dtype=np.float32).reshape(5, 2) * np.array([to_x, to_y], dtype=np.float32)
    box = Box(x * to_x, y * to_y, width * to_x, height * to_y)
    return Face(float(row[yunet.SCORE]), box, marks)

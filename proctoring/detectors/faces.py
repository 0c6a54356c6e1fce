"""How many faces a frame shows: YuNet.

mediapipe's FaceMesh cannot answer this: it tracks one face at a time, finds few in a group, and goes on tracking
what is no face.
"""

from pathlib import Path

import cv2
import numpy as np

from interview.errors import ConfigurationError
from interview.incident import Observation
from proctoring.detectors.frame import Frame

_WIDTH_PX = 320
_SCORE_FLOOR = 0.3
_SUPPRESS_OVERLAP = 0.3
_AT_MOST = 20
_SCORE_COLUMN = 14
_WIDTH_COLUMN = 2


class FaceCounter:
    """OpenCV's FaceDetectorYN over `face_detection_yunet_2023mar.onnx`, at 320 px.

    Not safe to use from two threads at once. Raises `ConfigurationError` if the model cannot be loaded.
    """

    name = "yunet"
    version = "2023mar"

    def __init__(self, model: Path) -> None:
        try:
            self._detector = cv2.FaceDetectorYN.create(
                str(model), "", (_WIDTH_PX, _WIDTH_PX), _SCORE_FLOOR, _SUPPRESS_OVERLAP, _AT_MOST
            )
        except cv2.error as error:
            raise ConfigurationError(
                f"the face detector's model cannot be loaded from {model}; FACE_DETECTOR_MODEL must name "
                "face_detection_yunet_2023mar.onnx"
            ) from error

    def look(self, frame: Frame) -> Observation:
        """Return the scores (0 to 1) of the surest face and of the second, and how wide they are.

        `best` and `second` are 0 where there is no such face. `best_width` and `second_width` are shares of the
        frame's width. Which score counts as a face is for the rules to say.
        """
        height, width = frame.rgb.shape[:2]
        size = (_WIDTH_PX, max(1, round(height * _WIDTH_PX / width)))
        small = cv2.cvtColor(cv2.resize(frame.rgb, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
        self._detector.setInputSize(size)
        _, found = self._detector.detect(small)
        faces = [] if found is None else sorted(found, key=lambda face: -face[_SCORE_COLUMN])
        values = {}
        for place, key in enumerate(("best", "second")):
            face = faces[place] if place < len(faces) else np.zeros(_SCORE_COLUMN + 1)
            values[key] = round(float(min(face[_SCORE_COLUMN], 1.0)), 3)
            values[f"{key}_width"] = round(float(face[_WIDTH_COLUMN]) / _WIDTH_PX, 3)
        return Observation(at=frame.at, detector=self.name, version=self.version, values=values)

"""How bright a frame is, so that a dark room is called dark and not empty."""

import cv2

from interview.incident import Observation
from proctoring.detectors.frame import Frame

_SAMPLE = (64, 48)


class Brightness:
    """Mean luma (Rec. 601) of a frame."""

    name = "brightness"
    version = "1"

    def look(self, frame: Frame) -> Observation:
        """Return `luma`, 0 (black) to 255 (white), measured on a small copy of the frame."""
        small = cv2.resize(frame.rgb, _SAMPLE, interpolation=cv2.INTER_AREA)
        luma = float(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).mean())
        values = {"luma": round(luma, 1)}
        return Observation(at=frame.at, detector=self.name, version=self.version, values=values)

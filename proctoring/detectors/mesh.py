"""Where a face points: mediapipe FaceMesh with irises."""

import math

import numpy as np
from mediapipe.python.solutions.face_mesh import FaceMesh
from numpy.typing import NDArray

from interview.incident import Observation
from proctoring.detectors.frame import Frame

# Landmark numbers of mediapipe's face mesh topology; "right" is the person's own right.
_RIGHT_EYE = (33, 133)
_LEFT_EYE = (362, 263)
_RIGHT_IRIS = 468
_LEFT_IRIS = 473
_FOREHEAD = 10
_CHIN = 152


class HeadPose:
    """Head direction and iris position from one frame at a time.

    The mesh is run without tracking: one instance then serves every room, and does not go on "tracking" what is
    no face. Not safe to use from two threads at once.
    """

    name = "face_mesh"
    version = "mediapipe-0.10.21"

    def __init__(self) -> None:
        self._mesh = FaceMesh(static_image_mode=True, max_num_faces=1, refine_landmarks=True)

    def look(self, frame: Frame) -> Observation | None:
        """Return `yaw`, `pitch`, `roll` in degrees and `gaze_x`, or None where the mesh finds no face.

        The angles are the camera's view of the head, not a judgement: a camera may stand aside, so they mean
        something only beside the same person's baseline. Positive yaw turns towards the image's right, positive
        pitch looks down, positive roll tilts clockwise in the image. `gaze_x` is the irises' place between the
        eye corners, −1 to 1, positive towards the image's right.
        """
        found = self._mesh.process(frame.rgb).multi_face_landmarks  # type: ignore[attr-defined]
        if not found:
            return None
        height, width = frame.rgb.shape[:2]
        # mediapipe scales z like x, so all three axes are in pixels
        points = np.array([(mark.x * width, mark.y * height, mark.z * width) for mark in found[0].landmark])
        yaw, pitch, roll = _angles(points)
        values = {
            "yaw": round(yaw, 1),
            "pitch": round(pitch, 1),
            "roll": round(roll, 1),
            "gaze_x": round(_gaze_x(points), 3),
        }
        return Observation(at=frame.at, detector=self.name, version=self.version, values=values)

    def close(self) -> None:
        """Free the graph's memory."""
        self._mesh.close()


def _angles(points: NDArray[np.float64]) -> tuple[float, float, float]:
    """Read yaw, pitch and roll in degrees from the axes that the eye corners and forehead to chin span."""
    across = points[_LEFT_EYE[1]] - points[_RIGHT_EYE[0]]
    down = points[_CHIN] - points[_FOREHEAD]
    across = across / np.linalg.norm(across)
    forward = np.cross(across, down)
    forward = forward / np.linalg.norm(forward)
    # z grows away from the camera: a face that looks into it has forward = (0, 0, 1)
    yaw = math.degrees(math.atan2(-forward[0], forward[2]))
    pitch = math.degrees(math.asin(float(np.clip(-forward[1], -1, 1))))
    roll = math.degrees(math.atan2(across[1], across[0]))
    return yaw, pitch, roll


def _gaze_x(points: NDArray[np.float64]) -> float:
    """Place both irises between their eye's corners, −1 to 1, and average."""
    places = []
    for corners, iris in ((_RIGHT_EYE, _RIGHT_IRIS), (_LEFT_EYE, _LEFT_IRIS)):
        first, last = points[corners[0], :2], points[corners[1], :2]
        along = last - first
        share = float(np.dot(points[iris, :2] - first, along) / np.dot(along, along))
        places.append(2 * share - 1)
    return float(np.clip(np.mean(places), -1, 1))

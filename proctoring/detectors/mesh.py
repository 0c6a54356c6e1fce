"""Where a face points and looks: mediapipe FaceMesh with irises."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from proctoring.detectors.face_mesh import FaceMesh
from proctoring.detectors.faces import Face
from proctoring.detectors.frame import Box, Frame, Pixels

# Landmark numbers of mediapipe's face mesh topology; "right" is the person's own right.
# (outer or inner corner, the other one, iris, upper lid, lower lid), corners from the image's left to its right
_EYES = ((33, 133, 468, 159, 145), (362, 263, 473, 386, 374))
_RIGHT_CORNER, _LEFT_CORNER = 33, 263
_FOREHEAD = 10
_CHIN = 152
_CROP = 1.9
"""Of the face's larger side: the mesh wants the whole head."""
_CROP_PX = 256


class Pose(NamedTuple):
    """Angles in degrees as the camera sees them; the irises' place between the eye corners, −1 to 1.

    Positive yaw turns towards the image's right, positive pitch looks down, positive roll tilts clockwise in the
    image; positive `gaze_x` is towards the image's right, positive `gaze_y` down. `open` is the eyes' height by width.
    """

    yaw: float
    pitch: float
    roll: float
    gaze_x: float
    gaze_y: float
    open: float


class HeadPose:
    """Head direction and iris position from one frame at a time.

    The mesh is run without tracking: one instance then serves every room, and does not go on "tracking" what is
    no face. Not safe to use from two threads at once.
    """

    name = "face_mesh"
    version = "mediapipe-0.10.21"

    def __init__(self) -> None:
        self._mesh = FaceMesh(static_image_mode=True, max_num_faces=1, refine_landmarks=True)

    def look(self, frame: Frame, face: Face, others: Sequence[Box] = ()) -> Pose | None:
        """Return the pose of this face, or None where the mesh finds none in it. `others` are further faces.

        The angles are the camera's view of the head, not a judgement: a camera may stand aside, so they mean
        something only beside the same person's baseline.
        """
        crop = _crop(frame.rgb, face, [one for one in others if one is not face.box])
        found = self._mesh.process(crop).multi_face_landmarks  # type: ignore[attr-defined]
        if not found:
            return None
        height, width = crop.shape[:2]
        # mediapipe scales z like x, so all three axes are in pixels
        points = np.array([(mark.x * width, mark.y * height, mark.z * width) for mark in found[0].landmark])
        if not _lies_in(points, face):
            return None  # somebody else's
        eyes = np.mean([_eye(points[:, :2], *eye) for eye in _EYES], axis=0)
        return Pose(*_angles(points), *(float(value) for value in eyes))

    def close(self) -> None:
        """Free the graph's memory."""
        self._mesh.close()


def coarse_yaw(face: Face) -> float:
    """Return a head's yaw in degrees from YuNet's five marks alone, for heads too far turned for the mesh.

    How far the nose stands out from the middle of the eyes; a nose is about 0.6 of the eyes' distance deep.
    """
    right, left, nose = face.marks[0], face.marks[1], face.marks[2]
    across = left - right
    length = max(float(np.linalg.norm(across)), 0.05 * face.box.width)
    aside = float(np.dot(nose - (right + left) / 2, across)) / length**2
    return math.degrees(math.atan(aside / 0.6))


def _crop(rgb: Pixels, face: Face, others: Sequence[Box]) -> Pixels:
    """Cut out a square around a face and scale it; what lies outside the frame is black, and so are other faces.

    The mesh is made for one face, and of two it takes the one that it likes better.
    """
    if others:
        rgb = _without(rgb, others, face.box)
    side = _CROP * max(face.box.width, face.box.height)
    x, y = face.box.centre
    scale = _CROP_PX / side
    matrix = np.array([[scale, 0, _CROP_PX / 2 - scale * x], [0, scale, _CROP_PX / 2 - scale * y]])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.warpAffine(rgb, matrix, (_CROP_PX, _CROP_PX), flags=how), dtype=np.uint8)


def _without(rgb: Pixels, others: Sequence[Box], face: Box) -> Pixels:
    alone = rgb.copy()
    for box in others:
        alone[_inside(box)] = 0
    alone[_inside(face)] = rgb[_inside(face)]
    return alone


def _inside(box: Box) -> tuple[slice, slice]:
    left, top = max(0, round(box.x)), max(0, round(box.y))
    right, bottom = max(left, round(box.x + box.width)), max(top, round(box.y + box.height))
    return slice(top, bottom), slice(left, right)


def _lies_in(points: NDArray[np.float64], face: Face) -> bool:
    """Tell whether the middle of a mesh, in pixels of the crop, lies in the box that the crop was made around."""
    scale = _CROP_PX / (_CROP * max(face.box.width, face.box.height))
    aside = np.abs(points[:, :2].mean(axis=0) - _CROP_PX / 2)
    return bool(aside[0] <= face.box.width * scale / 2 and aside[1] <= face.box.height * scale / 2)


def _angles(points: NDArray[np.float64]) -> tuple[float, float, float]:
    """Read yaw, pitch and roll in degrees from the axes that the eye corners and forehead to chin span."""
    across = points[_LEFT_CORNER] - points[_RIGHT_CORNER]
    down = points[_CHIN] - points[_FOREHEAD]
    across = across / np.linalg.norm(across)
    forward = np.cross(across, down)
    forward = forward / np.linalg.norm(forward)
    # z grows away from the camera: a face that looks into it has forward = (0, 0, 1)
    yaw = math.degrees(math.atan2(-forward[0], forward[2]))
    pitch = math.degrees(math.asin(float(np.clip(-forward[1], -1, 1))))
    roll = math.degrees(math.atan2(across[1], across[0]))
    return yaw, pitch, roll


def _eye(points: NDArray[np.float64], first: int, last: int, iris: int, upper: int, lower: int) -> tuple[float, ...]:
    """Place an iris between its eye's corners, −1 to 1, and beside the line between them; and how open the eye is."""
    along = points[last] - points[first]
    length = float(np.linalg.norm(along))
    unit = along / length
    off = points[iris] - (points[first] + points[last]) / 2
    sideways = float(off @ unit) / (length / 2)
    down = float(off @ np.array([-unit[1], unit[0]])) / (length / 2)
    height = float(np.linalg.norm(points[upper] - points[lower])) / length
    return float(np.clip(sideways, -1, 1)), float(np.clip(down, -1, 1)), height

"""A person in one picture made to move: head, eyes, lids and mouth follow parameters, by warping along a face mesh.

The mesh's depth turns the head as a camera would see it; what lies around the face (hair, neck) follows less and less.
Good to about 40 degrees: beyond, one cheek would have to come from behind the nose.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from local.camera import Image
from proctoring.detectors.face_mesh import FaceMesh, connections

_CELL = 3
"""Pixels of a cell of the field of displacements."""
_EYES = ((33, 133, 468, 159, 145), (362, 263, 473, 386, 374))
"""Corners from the image's left to its right, iris, upper and lower lid."""
_LOWER_LIP = (17, 14, 84, 87, 314, 317, 15, 16, 85, 86, 315, 316, 178, 402, 88, 318)
_JAW = (152, 148, 377, 176, 400, 149, 378, 150, 379, 200, 199, 175, 18)
_REACH = 1.7
"""How far from the face's middle, in its radii, things still move with it."""


@dataclass(frozen=True)
class Attitude:
    """Angles in degrees; `gaze_x` and `gaze_y` in halves of the eye's width; `blink` and `mouth` from 0 to 1."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    blink: float = 0.0
    mouth: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0


class NoFaceMesh(ValueError):
    """A picture in which nobody can be moved: the face is turned too far, too dark, or none."""


class Puppet:
    """One picture of a person, and its mesh. Raises `NoFaceMesh` where none is found."""

    def __init__(self, picture: Image) -> None:
        self._picture = picture
        height, width = picture.shape[:2]
        with FaceMesh(static_image_mode=True, max_num_faces=1, refine_landmarks=True) as mesh:
            found = mesh.process(picture).multi_face_landmarks  # type: ignore[attr-defined]
        if not found:
            raise NoFaceMesh("no face mesh is found in the picture of a puppet")
        self._points = np.array([(mark.x * width, mark.y * height, mark.z * width) for mark in found[0].landmark])
        right, left = self._points[[234, 454]]
        self.yaw = math.degrees(math.atan2(left[2] - right[2], left[0] - right[0]))
        """Degrees by which they are turned aside in the picture, from one cheek's depth to the other's."""
        outline = self._points[:468]
        self.centre = outline[:, :2].mean(axis=0)
        self.radius = float(np.ptp(outline[:, 0])) / 2
        self._grid = (math.ceil(width / _CELL), math.ceil(height / _CELL))
        self._nodes_around()

    def draw(self, attitude: Attitude) -> Image:
        """Draw the person in this attitude."""
        moved = self._moved(attitude)
        weight = self._around_weight[:, None]
        rigid = (
            self._rigid(attitude, np.c_[self._around, np.full(len(self._around), self._depth)])[:, :2] - self._around
        )
        around = self._around + weight * rigid
        beside = _outside(around, moved[:, :2])
        sources = np.concatenate([moved[_OVAL, :2], around[beside]])
        apart = np.concatenate([(moved - self._points)[_OVAL, :2], (weight * rigid)[beside]])
        height, width = self._picture.shape[:2]
        field = cv2.resize(self._field(sources, apart), (width, height), interpolation=cv2.INTER_LINEAR)
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        triangle = _in_front(moved, self._points, (height, width))
        face = triangle >= 0
        field[face] = _apart(moved, self._points, triangle[face], x[face], y[face])
        drawn = cv2.remap(
            self._with_eyes(attitude),
            x - field[..., 0],
            y - field[..., 1],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(drawn, dtype=np.uint8)

    def _with_eyes(self, attitude: Attitude) -> Image:
        """The picture with irises and lids moved, before the head is turned."""
        if not attitude.gaze_x and not attitude.gaze_y and not attitude.blink:
            return self._picture
        picture = self._picture.copy()
        for first, last, iris, upper, lower in _EYES:
            self._move_eye(picture, self._points[[first, last, iris, upper, lower], :2], attitude)
        return picture

    def _move_eye(self, picture: Image, marks: NDArray[np.float64], attitude: Attitude) -> None:
        first, last, iris, upper, lower = marks
        half = float(np.linalg.norm(last - first)) / 2
        tall = max(2.0, float(np.linalg.norm(lower - upper)) / 2)
        middle = (first + last) / 2
        left, top = np.floor(middle - (half, 4.5 * tall)).astype(int)
        right, bottom = np.ceil(middle + (half, 2.5 * tall)).astype(int)
        height, width = picture.shape[:2]
        left, top, right, bottom = max(0, left), max(0, top), min(width, right), min(height, bottom)
        x, y = np.meshgrid(np.arange(left, right, dtype=np.float32), np.arange(top, bottom, dtype=np.float32))
        across, down = (x - middle[0]) / half, (y - (upper[1] + lower[1]) / 2) / tall
        # the iris moves as one, the white beside it is stretched on one side and pressed on the other
        at, size = (iris[0] - middle[0]) / half, 0.42
        target = at + attitude.gaze_x
        knots = [-1.0, max(-0.98, target - size), min(0.98, target + size), 1.0]
        sources = [-1.0, at - size, at + size, 1.0]
        within = np.clip(1.35 - np.abs(down) ** 2 * 0.9 - np.abs(across) ** 4, 0, 1)
        move_x = within * (np.interp(across, knots, sources) - across) * half
        move_y = -within * attitude.gaze_y * half
        # the lid comes down: what lies above the eye is drawn over it
        lid = np.clip(1.1 - across**4, 0, 1) * np.clip((down + 4.4) / 2.5, 0, 1) * np.clip(1.6 - down, 0, 1)
        move_y = move_y - attitude.blink * lid * 1.5 * tall
        drawn = cv2.remap(
            self._picture, (x + move_x).astype(np.float32), (y + move_y).astype(np.float32), cv2.INTER_LINEAR
        )
        picture[top:bottom, left:right] = drawn

    def _nodes_around(self) -> None:
        """Rings of nodes outside the face, which move less the farther out they are."""
        angles = np.linspace(0, 2 * math.pi, 40, endpoint=False)
        rings, weights = [], []
        for share in (1.25, 1.5, _REACH, 2.1, 2.6, 3.2, 4.5):
            ring = self.centre + self.radius * share * np.c_[np.cos(angles), 1.25 * np.sin(angles)]
            rings.append(ring)
            weights.append(np.full(len(ring), max(0.0, 1 - (share - 1) / (_REACH - 1)) * 0.9))
        self._around = np.concatenate(rings)
        self._around_weight = np.concatenate(weights)
        self._depth = float(np.median(self._points[(10, 152, 234, 454), 2]))

    def _moved(self, attitude: Attitude) -> NDArray[np.float64]:
        points = self._points.copy()
        open_px = 0.16 * self.radius * attitude.mouth
        points[list(_LOWER_LIP), 1] += open_px
        points[list(_JAW), 1] += 0.8 * open_px
        return self._rigid(attitude, points)

    def _rigid(self, attitude: Attitude, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn points about a place behind the face, where the neck holds the head."""
        pivot = np.array([*self.centre, self._depth + 0.4 * self.radius])
        yaw, pitch, roll = (math.radians(angle) for angle in (attitude.yaw, attitude.pitch, attitude.roll))
        about_y = np.array([[math.cos(yaw), 0, -math.sin(yaw)], [0, 1, 0], [math.sin(yaw), 0, math.cos(yaw)]])
        about_x = np.array([[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]])
        about_z = np.array([[math.cos(roll), -math.sin(roll), 0], [math.sin(roll), math.cos(roll), 0], [0, 0, 1]])
        turned = (points - pivot) @ (about_z @ about_x @ about_y).T + pivot
        return turned + np.array([attitude.shift_x, attitude.shift_y, 0])

    def _field(self, places: NDArray[np.float64], apart: NDArray[np.float64]) -> NDArray[np.float32]:
        """Spread displacements over a grid: finely where nodes are dense, else from coarser levels."""
        columns, rows = self._grid
        sums = np.zeros((rows, columns, 3), dtype=np.float32)
        at = np.round(places / _CELL).astype(int)
        inside = (at[:, 0] >= 0) & (at[:, 0] < columns) & (at[:, 1] >= 0) & (at[:, 1] < rows)
        np.add.at(sums, (at[inside, 1], at[inside, 0]), np.c_[apart, np.ones(len(apart))][inside].astype(np.float32))
        field = np.zeros((rows, columns, 2), dtype=np.float32)
        filled = np.zeros((rows, columns, 1), dtype=np.float32)
        for sigma in (0.8, 1.8, 4.0, 10.0):
            spread = cv2.GaussianBlur(sums, (0, 0), sigma)
            weight = spread[..., 2:]
            value = spread[..., :2] / np.maximum(weight, 1e-6)
            # as much of this level as its nodes are near, and as is not yet filled by a finer one
            here = np.clip(weight * (sigma * 6), 0, 1) * (1 - filled)
            field += here * value
            filled += here
        smooth = cv2.GaussianBlur(field / np.maximum(filled, 1e-3) * np.clip(filled * 4, 0, 1), (0, 0), 0.8)
        return np.asarray(smooth, dtype=np.float32)


def _places(edges: Iterable[tuple[int, int]]) -> set[int]:
    return {place for edge in edges for place in edge}


def _triangles() -> NDArray[np.intp]:
    """The mesh as triangles (n, 3): mediapipe gives its edges."""
    beside: dict[int, set[int]] = defaultdict(set)
    for one, other in connections.FACEMESH_TESSELATION:
        beside[one].add(other)
        beside[other].add(one)
    found = {
        tuple(sorted((one, other, third)))
        for one, other in connections.FACEMESH_TESSELATION
        for third in beside[one] & beside[other]
    }
    edges = Counter(edge for triangle in found for edge in combinations(triangle, 2))
    rims = {edge for edge, count in edges.items() if count == 1 and not set(edge) <= set(_OVAL)}
    # eyes and mouth are holes in it: each is closed from one place on its rim
    for middle, around in _HOLES:
        found |= {tuple(sorted((middle, *edge))) for edge in rims if set(edge) <= around and middle not in edge}
    return np.array(sorted(found), dtype=np.intp)


_OVAL = sorted(_places(connections.FACEMESH_FACE_OVAL))
_HOLES = (
    (33, _places(connections.FACEMESH_RIGHT_EYE)),
    (263, _places(connections.FACEMESH_LEFT_EYE)),
    (13, _places(connections.FACEMESH_LIPS)),
)
_MESH = _triangles()


def _areas(points: NDArray[np.float64]) -> NDArray[np.float64]:
    first, second, third = (points[_MESH[:, corner], :2] for corner in range(3))
    one, other = second - first, third - first
    return one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]


def _in_front(moved: NDArray[np.float64], still: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.int32]:
    """Draw which triangle of the mesh is seen at each pixel, the nearest over the others; -1 where none is.

    One that was turned over is the inside of the face, and is not seen.
    """
    outside = _areas(moved) * _areas(still) > 0
    nearer = np.argsort(-moved[_MESH, 2].mean(axis=1))  # the camera is where depth is least
    corners = np.round(moved[:, :2] * 8).astype(np.int32)
    seen = np.full(size, -1, dtype=np.int32)
    for number in nearer[outside[nearer]]:
        cv2.fillConvexPoly(seen, corners[_MESH[number]], int(number), shift=3)
    return seen


def _apart(
    moved: NDArray[np.float64],
    still: NDArray[np.float64],
    triangle: NDArray[np.int32],
    x: NDArray[np.float32],
    y: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Return how far each of these pixels has come with the triangle that is seen there."""
    corners = np.concatenate([moved[_MESH, :2], np.ones((len(_MESH), 3, 1))], axis=2)
    corners += np.eye(3) * 1e-6  # a triangle that is seen from its side has no inverse
    by_place = np.linalg.solve(corners, (moved - still)[_MESH, :2])
    of_pixel = by_place[triangle]
    return np.asarray(of_pixel[:, 0] * x[:, None] + of_pixel[:, 1] * y[:, None] + of_pixel[:, 2], dtype=np.float32)


def _outside(places: NDArray[np.float64], face: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell of places around a face whether it has not been turned over them."""
    hull = cv2.convexHull(face.astype(np.float32))
    return np.array([cv2.pointPolygonTest(hull, (float(x), float(y)), False) < 0 for x, y in places])

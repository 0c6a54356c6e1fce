"""The people of the clips: footage that runs back and forth, and pictures that are made to move."""

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import av
import cv2
import numpy as np

from bench.clips.puppet import Attitude, NoFaceMesh, Puppet
from local.camera import HEIGHT, WIDTH, Image
from proctoring.detectors.faces import Face, FaceFinder
from proctoring.detectors.frame import Frame

FRAMES_PER_S = 15
_SMALLEST_FACE_PX = 60
_LARGEST_FOOTAGE = 600


class Person(Protocol):
    """Somebody in front of a camera; `name` says who, so that clips of one identity count as such.

    `material` names the recording or picture, and `material_s` says how much of it there is before it repeats itself;
    None where it begins anew with each clip.
    """

    name: str
    material: str
    material_s: float | None

    def draw(self, at_s: float) -> Image:
        """Show them at a time, 640x480, living and looking at their screen."""
        ...

    def puppet(self, at_s: float) -> Puppet:
        """Return them as they are at a time, to be turned."""
        ...


class Footage:
    """A recorded person; the recording runs forwards and backwards, so that it has no cut."""

    def __init__(self, name: str, path: Path, start_s: float = 0, length_s: float = 40) -> None:
        self.name = name
        self._frames = _decoded(path, start_s, min(length_s, _LARGEST_FOOTAGE / FRAMES_PER_S))
        self.material = f"{path.name} from {start_s:g} s"
        self.material_s: float | None = len(self._frames) / FRAMES_PER_S

    def draw(self, at_s: float) -> Image:
        """Show the frame of this moment."""
        last = len(self._frames) - 1
        place = round(at_s * FRAMES_PER_S) % (2 * last)
        return filling(self._frames[place if place <= last else 2 * last - place])

    def puppet(self, at_s: float) -> Puppet:
        """Freeze the moment into a puppet, or a near one that has a face. Raises `NoFaceMesh` where none has."""
        for apart_s in (0.0, 0.5, -0.5, 1.0, 2.0, 3.0, 5.0):
            with suppress(NoFaceMesh):
                return Puppet(self.draw(max(0.0, at_s + apart_s)))
        raise NoFaceMesh(f"{self.material} shows no face about {at_s:g} s")


class Animated:
    """A person in a photo, who sways, blinks, talks and lets their eyes wander a little."""

    def __init__(self, name: str, picture: Image, seed: int) -> None:
        self.name = self.material = name
        self.material_s: float | None = None
        self._puppet = Puppet(picture)
        self._seed = seed
        self.turned_by = abs(self._puppet.yaw)
        """Degrees by which they look beside the camera in the photo."""

    def draw(self, at_s: float) -> Image:
        """Show them at a time."""
        return self._puppet.draw(living(at_s, self._seed))

    def puppet(self, at_s: float) -> Puppet:
        """Return their puppet, which is the same at all times."""
        return self._puppet


def living(at_s: float, seed: int, attitude: Attitude | None = None) -> Attitude:
    """Add to an attitude what people do all the time: small turns, blinks every few seconds, speech in phrases."""
    t, base = at_s + 17.3 * seed, attitude or Attitude()
    blink = max(0.0, 1 - abs(((t * 0.27 + 0.1 * math.sin(t)) % 1) - 0.5) * 40)
    talks = math.sin(0.35 * t + seed) > -0.2
    mouth = abs(math.sin(9.1 * t) * math.sin(2.3 * t)) if talks else 0.0
    return replace(
        base,
        yaw=base.yaw + 4 * math.sin(0.61 * t) + 2 * math.sin(1.7 * t),
        pitch=base.pitch + 2.5 * math.sin(0.47 * t + 1) + 1.2 * math.sin(2.1 * t),
        roll=base.roll + 2 * math.sin(0.39 * t + 2),
        gaze_x=base.gaze_x - 0.03 * math.sin(0.61 * t) + 0.05 * math.sin(0.9 * t + 3),
        gaze_y=base.gaze_y + 0.03 * math.sin(0.7 * t),
        blink=max(base.blink, min(1.0, blink)),
        mouth=max(base.mouth, mouth),
        shift_x=base.shift_x + 5 * math.sin(0.33 * t) + 2 * math.sin(1.1 * t),
        shift_y=base.shift_y + 2 * math.sin(0.51 * t),
    )


@dataclass(frozen=True)
class Cut:
    """A face cut out of a photo with what is around it, at the size of a person in front of a camera."""

    name: str
    picture: Image


def cut_out(name: str, photo: Image, finder: FaceFinder, at_most: int, share: float = 0.27) -> list[Cut]:
    """Cut the largest faces out of a photo, each `share` of 640 px wide and alone in the middle."""
    scale = min(1.0, 1280 / max(photo.shape[:2]))
    small = np.asarray(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    faces = [face for face in finder.find(_frame(small), 640) if face.score > 0.8]
    faces.sort(key=lambda face: -face.box.width)
    cuts: list[Cut] = []
    for number, face in enumerate(faces[:at_most]):
        if face.box.width / scale < _SMALLEST_FACE_PX or not _frontal(face):
            continue
        zoom = share * WIDTH / (face.box.width / scale)
        x, y = (value / scale for value in face.box.centre)
        matrix = np.array([[zoom, 0, WIDTH / 2 - zoom * x], [0, zoom, HEIGHT * 0.42 - zoom * y]])
        how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
        picture = cv2.warpAffine(photo, matrix, (WIDTH, HEIGHT), flags=how, borderMode=cv2.BORDER_REPLICATE)
        cuts.append(Cut(f"{name}-{number}", _alone(np.asarray(picture, dtype=np.uint8), finder)))
    return cuts


def _alone(picture: Image, finder: FaceFinder) -> Image:
    """Take other faces out of a picture by drawing what is beside them over them."""
    faces = finder.find(_frame(picture), 640)
    middle = min(faces, key=lambda face: abs(face.box.centre[0] - WIDTH / 2), default=None)
    for face in faces:
        if face is not middle and face.score > 0.35:
            box = face.box
            mask = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
            size = (round(box.width * 0.8), round(box.height * 0.8))
            cv2.ellipse(mask, (round(box.centre[0]), round(box.centre[1])), size, 0, 0, 360, 255, -1)
            picture = np.asarray(cv2.inpaint(picture, mask, 9, cv2.INPAINT_TELEA), dtype=np.uint8)
    return picture


def filling(image: Image) -> Image:
    """Scale an image to 640x480 and cut off what is over."""
    height, width = image.shape[:2]
    zoom = max(WIDTH / width, HEIGHT / height)
    size = (max(WIDTH, round(width * zoom)), max(HEIGHT, round(height * zoom)))
    large = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
    top, left = (size[1] - HEIGHT) // 2, (size[0] - WIDTH) // 2
    return np.ascontiguousarray(large[top : top + HEIGHT, left : left + WIDTH], dtype=np.uint8)


def read_photo(path: Path) -> Image:
    """Read a photo as RGB. Raises `ValueError` when it is none."""
    read = cv2.imread(str(path))
    if read is None:
        raise ValueError(f"{path} is no picture")
    return np.asarray(cv2.cvtColor(read, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _frontal(face: Face) -> bool:
    right, left, nose = face.marks[0], face.marks[1], face.marks[2]
    apart = float(np.linalg.norm(left - right))
    return (
        apart > 0.3 * face.box.width and abs(float(np.dot(nose - (left + right) / 2, left - right))) / apart**2 < 0.25
    )


def _frame(rgb: Image) -> Frame:
    from datetime import UTC, datetime

    return Frame(datetime(2026, 1, 1, tzinfo=UTC), rgb)


def _decoded(path: Path, start_s: float, length_s: float) -> Sequence[Image]:
    frames: list[Image] = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        due = start_s
        for frame in container.decode(stream):
            at_s = float((frame.pts or 0) * (stream.time_base or 0))
            if at_s + 1e-6 < due:
                continue
            due += 1 / FRAMES_PER_S
            frames.append(np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8))
            if at_s > start_s + length_s:
                break
    return frames

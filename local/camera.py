"""What the simulated candidate's camera shows: a person who moves a little, or the empty room behind them.

Pure but for reading the photo: a scene is a function of time.
"""

import math
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from interview.errors import ConfigurationError

Image = npt.NDArray[np.uint8]
"""RGB, shape (height, width, 3)."""

WIDTH, HEIGHT = 640, 480
_PERSON_SHARE = 0.62
"""The part of the photo's width that the camera sees at rest: the face is then about 170 px wide."""
_FACE = (0.44, 0.24)
"""Where the face's middle is in the astronaut photo, as shares of its width and height."""
_NOISE_FRAMES = 8


class Scene:
    """Renders frames of 640x480. Sensor noise and small movements keep the picture from being a still."""

    def __init__(self, photo: Path) -> None:
        """Read the photo of the person; raises `ConfigurationError` when it is no picture."""
        read = cv2.imread(str(photo))
        if read is None:
            raise ConfigurationError(f"the candidate's photo {photo} cannot be read as a picture")
        self._photo = cv2.cvtColor(read, cv2.COLOR_BGR2RGB)
        random = np.random.default_rng(11)
        shape = (HEIGHT, WIDTH, 3)
        self._noise = [random.integers(0, 7, shape, dtype=np.uint8) for _ in range(_NOISE_FRAMES)]
        self._wall = _wall(random)

    def person(self, at_s: float) -> Image:
        """Show the person, who sways and leans a little."""
        height, width = self._photo.shape[:2]
        zoom = WIDTH / (_PERSON_SHARE * width) * (1 + 0.03 * math.sin(0.5 * at_s))
        middle_x = _FACE[0] * width + 8 * math.sin(0.7 * at_s)
        middle_y = (_FACE[1] + 0.08) * height + 4 * math.sin(1.1 * at_s)
        turn = math.radians(1.5 * math.sin(0.4 * at_s))
        cos, sin = zoom * math.cos(turn), zoom * math.sin(turn)
        matrix = np.array(
            [
                [cos, -sin, WIDTH / 2 - cos * middle_x + sin * middle_y],
                [sin, cos, HEIGHT / 2 - sin * middle_x - cos * middle_y],
            ]
        )
        seen = cv2.warpAffine(self._photo, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        return self._grainy(seen, at_s)

    def empty(self, at_s: float) -> Image:
        """Show the lit wall behind an empty chair's place."""
        return self._grainy(self._wall, at_s)

    def _grainy(self, image: MatLike, at_s: float) -> Image:
        noise = self._noise[int(at_s * 30) % _NOISE_FRAMES]
        return np.asarray(cv2.add(image, noise), dtype=np.uint8)


def i420(image: Image) -> bytes:
    """Convert an RGB image of even sides to planar YUV 4:2:0, as video tracks take it."""
    return cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420).tobytes()


def _wall(random: np.random.Generator) -> Image:
    """A plain wall, brighter towards a window on the left, with soft plaster texture."""
    light = np.linspace(205, 150, WIDTH)[None, :] + np.linspace(8, -12, HEIGHT)[:, None]
    plaster = cv2.GaussianBlur(random.normal(0, 40, (HEIGHT, WIDTH)).astype(np.float32), (0, 0), 6)
    tint = np.array([1.0, 0.97, 0.90])
    return np.clip((light + plaster)[..., None] * tint, 0, 255).astype(np.uint8)

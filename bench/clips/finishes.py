"""How a whole clip is seen: clean, and hard to see all the same."""

import cv2
import numpy as np

from local.camera import HEIGHT, WIDTH, Image


def dim(image: Image, _at_s: float) -> Image:
    """A third of the light."""
    return np.asarray(cv2.convertScaleAbs(image, alpha=0.33), dtype=np.uint8)


def backlit(image: Image, _at_s: float) -> Image:
    """A window behind: the rims bright, the middle in shadow."""
    x, y = np.meshgrid(np.linspace(-1, 1, WIDTH), np.linspace(-1, 1, HEIGHT))
    light = 0.55 + 0.9 * np.clip(np.hypot(x, y * 0.8) - 0.45, 0, 1)
    return np.clip(image * light[..., None] + 25, 0, 255).astype(np.uint8)


def blurred(image: Image, _at_s: float) -> Image:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 2.2), dtype=np.uint8)


def low_bitrate(image: Image, _at_s: float) -> Image:
    """Half the size and heavily compressed, as on a poor line."""
    small = cv2.resize(image, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA)
    _, jpeg = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 22])
    poor = cv2.imdecode(jpeg, cv2.IMREAD_COLOR)
    assert poor is not None, "OpenCV does not read its own JPEG"
    return np.asarray(cv2.resize(poor, (WIDTH, HEIGHT)), dtype=np.uint8)


def warm(image: Image, _at_s: float) -> Image:
    """A lamp's colour."""
    return np.clip(image * np.array([1.1, 0.95, 0.75]), 0, 255).astype(np.uint8)

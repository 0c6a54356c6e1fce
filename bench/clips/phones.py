"""Telephones to hold into a picture, drawn: front with a lit screen or back with its lenses, some with fingers."""

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""RGBA."""

_WIDTH, _HEIGHT = 300, 600
_MARGIN = 80
_SHADES = ((28, 28, 32), (60, 62, 66), (200, 200, 205), (40, 50, 90))


LONG_SIDE = _HEIGHT
"""Pixels of a drawn telephone's longer side."""


def phones(seed: int) -> Picture:
    """Draw one; the same seed draws the same."""
    random = np.random.default_rng(seed)
    canvas = np.zeros((_HEIGHT + 2 * _MARGIN, _WIDTH + 2 * _MARGIN, 4), dtype=np.uint8)
    shade = _SHADES[seed % len(_SHADES)]
    _rounded(canvas, (0, 0, _WIDTH, _HEIGHT), 42, (*shade, 255))
    if seed % 3:
        _screen(canvas, random)
    else:
        _back(canvas, shade)
    if seed % 2:
        _fingers(canvas, random)
    blurred = cv2.GaussianBlur(canvas, (0, 0), 1.2)
    return np.ascontiguousarray(blurred[:, _MARGIN - 60 : _MARGIN + _WIDTH + 60], dtype=np.uint8)


def _rounded(canvas: Picture, box: tuple[int, int, int, int], radius: int, colour: tuple[int, ...]) -> None:
    x, y, width, height = box
    x, y = x + _MARGIN, y + _MARGIN
    cv2.rectangle(canvas, (x + radius, y), (x + width - radius, y + height), colour, -1)
    cv2.rectangle(canvas, (x, y + radius), (x + width, y + height - radius), colour, -1)
    for corner_x in (x + radius, x + width - radius):
        for corner_y in (y + radius, y + height - radius):
            cv2.circle(canvas, (corner_x, corner_y), radius, colour, -1, cv2.LINE_AA)


def _screen(canvas: Picture, random: np.random.Generator) -> None:
    light = tuple(int(value) for value in random.integers(170, 250, 3))
    _rounded(canvas, (14, 14, _WIDTH - 28, _HEIGHT - 28), 30, (*light, 255))
    cv2.rectangle(canvas, (_MARGIN + 105, _MARGIN + 18), (_MARGIN + 195, _MARGIN + 36), (20, 20, 20, 255), -1)
    for line in range(9):
        y = _MARGIN + 80 + 52 * line
        left = _MARGIN + (36 if line % 2 else 90)
        colour = tuple(int(value) for value in random.integers(60, 200, 3))
        cv2.rectangle(canvas, (left, y), (left + int(random.integers(90, 170)), y + 34), (*colour, 255), -1)


def _back(canvas: Picture, shade: tuple[int, int, int]) -> None:
    lighter = tuple(min(255, value + 22) for value in shade)
    _rounded(canvas, (8, 8, _WIDTH - 16, _HEIGHT - 16), 36, (*lighter, 255))
    darker = tuple(max(0, value - 20) for value in shade)
    _rounded(canvas, (24, 26, 120, 130), 26, (*darker, 255))
    for x, y in ((58, 62), (58, 122), (112, 92)):
        cv2.circle(canvas, (_MARGIN + x, _MARGIN + y), 24, (12, 12, 16, 255), -1, cv2.LINE_AA)
        cv2.circle(canvas, (_MARGIN + x, _MARGIN + y), 9, (70, 80, 110, 255), -1, cv2.LINE_AA)


def _fingers(canvas: Picture, random: np.random.Generator) -> None:
    tone = int(random.integers(90, 210))
    skin = (tone, int(tone * 0.76), int(tone * 0.62), 255)
    line = (int(tone * 0.7), int(tone * 0.5), int(tone * 0.4), 255)
    for finger in range(4):
        place = (_MARGIN + _WIDTH + 4, _MARGIN + 330 + 54 * finger)
        cv2.ellipse(canvas, place, (24, 22), 0, 0, 360, skin, -1, cv2.LINE_AA)
        cv2.ellipse(canvas, place, (24, 22), 0, 0, 360, line, 1, cv2.LINE_AA)
    cv2.ellipse(canvas, (_MARGIN - 2, _MARGIN + 420), (18, 90), 6, 0, 360, skin, -1, cv2.LINE_AA)

"""What looks in high and in low resolution say of a second face."""

from datetime import UTC, datetime, timedelta

import numpy as np

from proctoring.detectors.faces import NARROW_PX, WIDE_PX, Face
from proctoring.detectors.frame import Box, Frame
from proctoring.detectors.people import People

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MARKS = np.zeros((5, 2), dtype=np.float32)
CANDIDATE = Face(0.95, Box(200, 150, 180, 180), MARKS)


class Camera:
    """One candidate's camera, five looks a second."""

    def __init__(self) -> None:
        self.people = People()
        self.looks = 0

    def look(self, width_px: int, score: float, box: Box) -> float | None:
        """Look at the candidate and another face; returns what is said of the other, None where nothing is."""
        at = START + timedelta(seconds=self.looks / 5)
        self.looks += 1
        frame = Frame(at, np.zeros((480, 640, 3), dtype=np.uint8))
        told = self.people.tell(
            frame, sorted([CANDIDATE, Face(score, box, MARKS)], key=lambda face: -face.score), width_px
        )
        return told.values.get("second")

    def walk(self, size: float) -> float | None:
        """Let somebody walk past in wide looks; returns the last one's."""
        return [self.look(WIDE_PX, 0.9, Box(400 + 8 * step, 50, size, size)) for step in range(6)][-1]


def test_a_look_in_low_resolution_confirms_a_face_of_middle_size_and_denies_none() -> None:
    camera = Camera()
    assert camera.walk(54) == 0.9
    assert camera.look(NARROW_PX, 0.5, Box(440, 50, 54, 54)) is None
    assert camera.look(NARROW_PX, 0.85, Box(440, 50, 54, 54)) == 0.85


def test_a_small_picture_does_not_come_to_life_by_where_a_look_in_low_resolution_places_it() -> None:
    camera = Camera()
    for _ in range(5):
        assert not camera.look(WIDE_PX, 0.9, Box(500, 50, 32, 32))
        for jump in (12, -12):
            assert camera.look(NARROW_PX, 0.9, Box(500 + jump, 50, 32, 32)) is None


def test_a_large_face_is_told_of_by_every_look() -> None:
    camera = Camera()
    camera.walk(90)
    assert camera.look(NARROW_PX, 0.5, Box(440, 50, 90, 90)) == 0.5

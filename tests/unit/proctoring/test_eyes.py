"""All detectors of a room together, and what the rules make of them: one event is one incident, odd video is none."""

import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from interview.incident_kind import IncidentKind
from local.camera import Image, Scene
from proctoring.detectors.shared import Models
from tests.unit.proctoring.seeing import Seen

Draw = Callable[[float], Image]


@pytest.fixture
def seen(loaded: Models) -> Seen:
    return Seen(loaded)


@pytest.fixture(scope="module")
def portrait(photos: Path) -> Image:
    """Somebody else: a face cut out of a photo."""
    read = cv2.imread(str(photos / "sample6.jpg"))
    assert read is not None
    part = cv2.cvtColor(read, cv2.COLOR_BGR2RGB)[250:850, 180:780]
    return np.asarray(cv2.resize(part, (96, 96), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def with_face(draw: Draw, face: Image, move_px: float) -> Draw:
    def drawn(at_s: float) -> Image:
        image = draw(at_s).copy()
        left = round(40 + move_px * (1 + math.sin(2.2 * at_s)))
        image[40 : 40 + face.shape[0], left : left + face.shape[1]] = face
        return image

    return drawn


def test_a_person_who_sits_there_is_no_incident(seen: Seen, scene: Scene) -> None:
    seen.show(scene.person, 16)
    assert seen.kinds == []
    assert min(seen.figures("similarity")) > 0.8
    assert max(seen.figures("head_away_deg")) < 16


def test_who_leaves_is_missed_and_who_comes_back_is_not(seen: Seen, scene: Scene) -> None:
    seen.show(scene.person, 8)
    seen.show(scene.empty, 5)
    seen.show(scene.person, 4)
    assert seen.kinds == [IncidentKind.NO_FACE]
    assert seen.found[-1].closed


def test_a_face_that_moves_is_somebody_and_one_that_hangs_there_is_a_picture(
    loaded: Models, scene: Scene, portrait: Image
) -> None:
    visited, hung = Seen(loaded), Seen(loaded)
    visited.show(scene.person, 4)
    visited.show(with_face(scene.person, portrait, 30), 4)
    hung.show(with_face(scene.person, portrait, 0), 8)
    assert visited.kinds == [IncidentKind.SECOND_FACE]
    assert hung.kinds == []


def test_a_picture_on_the_wall_does_not_stand_in_for_who_left(seen: Seen, scene: Scene, portrait: Image) -> None:
    seen.show(with_face(scene.person, portrait, 0), 6)
    seen.show(with_face(scene.empty, portrait, 0), 5)
    assert seen.kinds == [IncidentKind.NO_FACE]


def test_a_covered_lens_is_covered_and_not_an_empty_chair(seen: Seen, scene: Scene) -> None:
    finger = np.full((480, 640, 3), (110, 70, 60), np.uint8)
    seen.show(scene.person, 6)
    seen.show(
        lambda at_s: cv2.add(finger, np.random.default_rng(int(at_s * 5)).integers(0, 6, finger.shape, np.uint8)), 6
    )
    seen.show(scene.person, 3)
    assert seen.kinds == [IncidentKind.CAMERA_COVERED]


def test_darkness_is_darkness(seen: Seen, scene: Scene) -> None:
    seen.show(scene.person, 6)
    seen.show(lambda at_s: (scene.person(at_s) * 0.04).astype(np.uint8), 6)
    assert seen.kinds == [IncidentKind.CAMERA_DARK]


def test_a_frozen_picture_is_frozen(seen: Seen, scene: Scene) -> None:
    seen.show(scene.person, 6)
    seen.show(lambda _at_s: scene.person(6), 8)
    assert seen.kinds == [IncidentKind.CAMERA_FROZEN]


def test_a_photo_in_front_of_a_camera_is_a_still_picture(seen: Seen, scene: Scene) -> None:
    def held(at_s: float) -> Image:
        noise = np.random.default_rng(int(at_s * 5)).integers(0, 7, (480, 640, 3), dtype=np.uint8)
        return np.asarray(cv2.add(scene.person(6.0), noise), dtype=np.uint8)

    seen.show(scene.person, 6)
    seen.show(held, 9)
    assert seen.kinds == [IncidentKind.STILL_PICTURE]


def grey(height: int, width: int) -> Draw:
    return lambda _at_s: np.full((height, width, 3), 120, np.uint8)


def noise(at_s: float) -> Image:
    return np.random.default_rng(int(at_s * 10)).integers(0, 256, (480, 640, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "size", [(1, 1), (2, 600), (16, 16), (47, 640), (48, 48), (1080, 1920), (2160, 3840), (5000, 60)]
)
def test_pictures_of_any_size_break_nothing(loaded: Models, size: tuple[int, int]) -> None:
    seen = Seen(loaded)
    seen.show(grey(*size), 1)
    assert set(seen.kinds) <= {IncidentKind.NO_FACE}


def test_noise_breaks_nothing(seen: Seen) -> None:
    seen.show(noise, 3)
    assert set(seen.kinds) <= {IncidentKind.NO_FACE}


def test_a_phone_that_is_turned_round_films_on(seen: Seen, scene: Scene) -> None:
    def turned(at_s: float) -> Image:
        person = scene.person(at_s)
        upright = person[:, 140:500]
        return person if int(at_s / 3) % 2 else np.ascontiguousarray(upright)

    seen.show(turned, 12)
    assert seen.kinds == []


def test_one_frame_a_second_is_enough_to_file_nothing_false(seen: Seen, scene: Scene) -> None:
    seen.show(scene.person, 30, frames_per_s=1)
    assert seen.kinds == []


def test_broken_frames_among_good_ones_file_nothing(seen: Seen, scene: Scene) -> None:
    def broken(at_s: float) -> Image:
        image = scene.person(at_s).copy()
        if int(at_s * 5) % 7 == 0:
            image[240:] = noise(at_s)[240:]
        return image

    seen.show(broken, 12)
    assert seen.kinds == []


def test_a_busy_machine_looks_less_often_at_what_is_costly(loaded: Models, scene: Scene) -> None:
    quick, busy = Seen(loaded), Seen(loaded)
    quick.show(scene.person, 6)
    for _ in range(30):
        busy.show(scene.person, 0.2)
    assert len(busy.told) == len(quick.told)
    slow = Seen(loaded)
    slow.eyes.look = lambda frame, models, _pace, look=slow.eyes.look: look(frame, models, 3.0)  # type: ignore[method-assign]
    slow.show(scene.person, 6)
    assert len(slow.figures("yaw")) < len(quick.figures("yaw")) / 2
    assert len(slow.figures("luma")) == len(quick.figures("luma"))

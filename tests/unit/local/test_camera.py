"""What the simulated candidate's camera shows, as the proctor's face counter sees it."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from interview.errors import ConfigurationError
from local import models
from local.camera import HEIGHT, WIDTH, Image, Scene, i420
from proctoring.detectors.faces import FaceFinder
from proctoring.detectors.frame import Frame

SURE = 0.8
TIMES_S = (0.0, 1.7, 5.3, 12.9, 60.2)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(models.ensure(["astronaut"])["astronaut"])


@pytest.fixture(scope="module")
def counter() -> FaceFinder:
    return FaceFinder(models.ensure(["yunet"])["yunet"])


def scores(counter: FaceFinder, image: Image) -> tuple[float, float]:
    found = [face.score for face in counter.find(Frame(at=datetime(2026, 1, 5, tzinfo=UTC), rgb=image), 320)]
    best, second, *_ = *found, 0.0, 0.0
    return best, second


@pytest.mark.parametrize("at_s", TIMES_S)
def test_there_is_one_face_and_no_second_one_however_the_person_moves(scene: Scene, counter: FaceFinder, at_s: float):
    best, second = scores(counter, scene.person(at_s))
    assert best > SURE
    assert second < 0.5


@pytest.mark.parametrize("at_s", TIMES_S)
def test_the_empty_room_is_lit_and_shows_nobody(scene: Scene, counter: FaceFinder, at_s: float):
    empty = scene.empty(at_s)
    assert scores(counter, empty)[0] < 0.5
    assert 80 < empty.mean() < 220


def test_neither_picture_ever_stands_still(scene: Scene):
    assert not np.array_equal(scene.person(1.0), scene.person(1.1))
    assert not np.array_equal(scene.empty(1.0), scene.empty(1.1))


def test_pictures_have_the_size_of_the_track(scene: Scene):
    assert scene.person(0).shape == scene.empty(0).shape == (HEIGHT, WIDTH, 3)
    assert len(i420(scene.person(0))) == WIDTH * HEIGHT * 3 // 2


def test_a_photo_that_is_no_picture_is_named(tmp_path: Path):
    wrong = tmp_path / "photo.png"
    wrong.write_text("no picture")
    with pytest.raises(ConfigurationError, match="photo.png"):
        Scene(wrong)

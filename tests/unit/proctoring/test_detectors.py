"""The detectors on real faces, fetched when the tests run."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from interview.errors import ConfigurationError
from interview.plan import IncidentKind
from interview.rules import default_rules
from local import models
from local.camera import Scene
from proctoring.detectors.brightness import Brightness
from proctoring.detectors.faces import FaceCounter
from proctoring.detectors.frame import Frame, Pixels, bounded
from proctoring.detectors.mesh import HeadPose

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
KINDS = default_rules().kinds
FACE, SECOND, DARK = (
    KINDS[kind].threshold for kind in (IncidentKind.NO_FACE, IncidentKind.SECOND_FACE, IncidentKind.CAMERA_DARK)
)


def frame(rgb: Pixels) -> Frame:
    return Frame(NOW, bounded(rgb))


@pytest.fixture(scope="module")
def assets() -> dict[str, Path]:
    return models.ensure(["yunet", "astronaut", "faces"], progress=False)


@pytest.fixture(scope="module")
def scene(assets: dict[str, Path]) -> Scene:
    return Scene(assets["astronaut"])


@pytest.fixture(scope="module")
def counter(assets: dict[str, Path]) -> FaceCounter:
    return FaceCounter(assets["yunet"])


@pytest.fixture(scope="module")
def pose() -> Iterator[HeadPose]:
    head_pose = HeadPose()
    yield head_pose
    head_pose.close()


def photo(path: Path) -> Pixels:
    image = cv2.imread(str(path))
    assert image is not None
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def scores(counter: FaceCounter, rgb: Pixels) -> tuple[float, float]:
    values = counter.look(frame(rgb)).values
    return values["best"], values["second"]


@pytest.mark.parametrize("at_s", [0.0, 1.7, 3.1, 7.9])
def test_a_moving_candidate_is_one_face(counter: FaceCounter, scene: Scene, at_s: float) -> None:
    best, second = scores(counter, scene.person(at_s))
    assert best >= SECOND
    assert second < FACE


@pytest.mark.parametrize("at_s", [0.0, 1.7])
def test_an_empty_room_has_no_face(counter: FaceCounter, scene: Scene, at_s: float) -> None:
    assert scores(counter, scene.empty(at_s))[0] < FACE / 2


def test_two_people_side_by_side_are_two_faces(counter: FaceCounter, scene: Scene) -> None:
    person = scene.person(0)
    half = person[:, 160:480]
    assert scores(counter, np.hstack([half, half]))[1] >= SECOND


@pytest.mark.parametrize("width_px", [50, 70, 100])
def test_a_second_face_in_the_background_is_found(counter: FaceCounter, scene: Scene, width_px: int) -> None:
    person = scene.person(0)
    face_px = counter.look(frame(person)).values["best_width"] * 640
    small = cv2.resize(person[60:420, 160:480], None, fx=width_px / face_px, fy=width_px / face_px)
    height, width = small.shape[:2]
    person[20 : 20 + height, :width] = small
    assert scores(counter, person)[1] >= SECOND


@pytest.mark.parametrize("name", ["sample1.jpg", "sample3.jpg", "sample6.jpg"])
def test_photos_of_groups_have_a_second_face(counter: FaceCounter, assets: dict[str, Path], name: str) -> None:
    assert scores(counter, photo(assets["faces"] / name))[1] >= SECOND


def test_dim_light_is_still_light_and_a_dark_room_is_dark(counter: FaceCounter, scene: Scene) -> None:
    person = scene.person(0)
    dim = (person * 0.3).astype(np.uint8)
    dark = (person * 0.06).astype(np.uint8)
    assert Brightness().look(frame(dim)).values["luma"] > DARK
    assert scores(counter, dim)[0] >= FACE
    assert Brightness().look(frame(dark)).values["luma"] < DARK


def test_a_tilted_and_shifted_head_moves_roll_and_not_yaw(pose: HeadPose, scene: Scene) -> None:
    person = scene.person(0)
    turn = cv2.getRotationMatrix2D((320, 240), -20, 1)
    tilted = np.asarray(cv2.warpAffine(person, turn, (640, 480)), dtype=np.uint8)
    straight, turned = pose.look(frame(person)), pose.look(frame(tilted))
    assert straight is not None
    assert turned is not None
    assert turned.values["roll"] - straight.values["roll"] == pytest.approx(20, abs=6)
    assert turned.values["yaw"] == pytest.approx(straight.values["yaw"], abs=12)


def test_a_mirrored_head_turns_the_other_way(pose: HeadPose, assets: dict[str, Path]) -> None:
    rgb = photo(assets["faces"] / "sample3.jpg")
    seen, mirrored = pose.look(frame(rgb)), pose.look(frame(np.ascontiguousarray(rgb[:, ::-1])))
    assert seen is not None
    assert mirrored is not None
    assert abs(seen.values["yaw"]) > 10
    assert mirrored.values["yaw"] == pytest.approx(-seen.values["yaw"], abs=6)
    assert mirrored.values["pitch"] == pytest.approx(seen.values["pitch"], abs=6)


def test_an_empty_room_has_no_head(pose: HeadPose, scene: Scene) -> None:
    assert pose.look(frame(scene.empty(0))) is None


def test_wide_frames_are_scaled_down_and_small_ones_left_alone() -> None:
    assert bounded(np.zeros((720, 1280, 3), np.uint8)).shape == (360, 640, 3)
    assert bounded(np.zeros((240, 320, 3), np.uint8)).shape == (240, 320, 3)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="FACE_DETECTOR_MODEL"):
        FaceCounter(tmp_path / "absent.onnx")

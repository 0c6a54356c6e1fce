"""The detectors on real faces, fetched when the tests run."""

from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from interview.rules import default_rules
from interview.settings import Settings
from local.camera import Scene
from proctoring.detectors.faces import Face, FaceFinder
from proctoring.detectors.frame import Box, Frame, Pixels, bounded
from proctoring.detectors.light import Light
from proctoring.detectors.mesh import HeadPose, Pose, coarse_yaw
from proctoring.detectors.shared import Models

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_KINDS = default_rules().kinds
FACE_SCORE = next(rule.threshold for kind, rule in _KINDS.items() if kind == "no_face")
SECOND_SCORE = next(rule.threshold for kind, rule in _KINDS.items() if kind == "second_face")


def frame(rgb: Pixels) -> Frame:
    return Frame(NOW, bounded(rgb))


@pytest.fixture
def finder(loaded: Models) -> FaceFinder:
    assert loaded.faces is not None
    return loaded.faces


@pytest.fixture
def pose(loaded: Models) -> HeadPose:
    assert loaded.pose is not None
    return loaded.pose


def photo(path: Path) -> Pixels:
    image = cv2.imread(str(path))
    assert image is not None
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def scores(finder: FaceFinder, rgb: Pixels, width_px: int = 320) -> list[float]:
    return [face.score for face in finder.find(frame(rgb), width_px)] + [0.0, 0.0]


def main_face(finder: FaceFinder, rgb: Pixels) -> Face:
    return finder.find(frame(rgb), 640)[0]


def pose_of(finder: FaceFinder, pose: HeadPose, rgb: Pixels) -> Pose:
    seen = pose.look(frame(rgb), main_face(finder, rgb))
    assert seen is not None
    return seen


@pytest.mark.parametrize("at_s", [0.0, 1.7, 3.1, 7.9])
def test_a_moving_candidate_is_one_face(finder: FaceFinder, scene: Scene, at_s: float) -> None:
    best, second, *_ = scores(finder, scene.person(at_s))
    assert best >= SECOND_SCORE
    assert second < FACE_SCORE


@pytest.mark.parametrize("size", [(320, 240), (640, 480), (330, 170)])
def test_faces_are_those_that_opencv_finds_with_the_same_network(
    finder: FaceFinder, model_settings: Settings, scene: Scene, size: tuple[int, int]
) -> None:
    two = np.hstack([scene.person(1.7), scene.person(3.1)])
    picture = np.asarray(cv2.resize(two, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    reference = cv2.FaceDetectorYN.create(str(model_settings.face_detector_model), "", size, 0.3, 0.3)
    _, wanted = reference.detect(np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)))
    found = finder.find(Frame(NOW, picture), size[0])
    assert len(found) == len(wanted) >= 2
    for face, row in zip(found, sorted(wanted, key=lambda row: -row[14]), strict=True):
        box = (face.box.x, face.box.y, face.box.width, face.box.height)
        assert (*box, *face.marks.ravel(), face.score) == pytest.approx(row, abs=0.01)


@pytest.mark.parametrize("at_s", [0.0, 1.7])
def test_an_empty_room_has_no_face(finder: FaceFinder, scene: Scene, at_s: float) -> None:
    assert scores(finder, scene.empty(at_s))[0] < FACE_SCORE / 2


@pytest.mark.parametrize(("face_px", "look_px"), [(26, 640), (36, 640), (50, 320), (100, 320)])
def test_a_second_face_in_the_background_is_found(finder: FaceFinder, scene: Scene, face_px: int, look_px: int) -> None:
    person = scene.person(0)
    scale = face_px / main_face(finder, person).box.width
    small = cv2.resize(person[60:420, 160:480], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    person[20 : 20 + height, :width] = small
    assert scores(finder, person, look_px)[1] >= 0.7


@pytest.mark.parametrize("name", ["sample1.jpg", "sample3.jpg", "sample6.jpg"])
def test_photos_of_groups_have_a_second_face(finder: FaceFinder, photos: Path, name: str) -> None:
    assert scores(finder, photo(photos / name))[1] >= SECOND_SCORE


def test_dim_light_is_still_light_and_a_dark_room_is_dark(finder: FaceFinder, scene: Scene) -> None:
    person = scene.person(0)
    dim = (person * 0.3).astype(np.uint8)
    dark = (person * 0.06).astype(np.uint8)
    assert Light().look(frame(dim)).values["luma"] > 20
    assert scores(finder, dim)[0] >= FACE_SCORE
    seen_dark = Light().look(frame(dark)).values
    assert seen_dark["luma"] < 20
    assert "camera_covered" not in seen_dark


def test_who_is_lit_by_their_screen_in_a_dark_room_is_seen(finder: FaceFinder, scene: Scene) -> None:
    person = scene.person(0)
    x, y = main_face(finder, person).box.centre
    across, down = np.meshgrid(np.arange(640) - x, np.arange(480) - y)
    lamp = 0.25 * np.clip(1.3 - np.hypot(across, down) / 150, 0.02, 1)
    lit = (person * lamp[..., None]).astype(np.uint8)
    light = Light().look(frame(lit)).values
    assert light["mean_luma"] < 20 < light["luma"]
    assert scores(finder, lit)[0] >= FACE_SCORE


def test_a_tilted_and_shifted_head_moves_roll_and_not_yaw(finder: FaceFinder, pose: HeadPose, scene: Scene) -> None:
    person = scene.person(0)
    turn = cv2.getRotationMatrix2D((320, 240), -20, 1)
    tilted = np.asarray(cv2.warpAffine(person, turn, (640, 480)), dtype=np.uint8)
    straight, turned = pose_of(finder, pose, person), pose_of(finder, pose, tilted)
    assert turned.roll - straight.roll == pytest.approx(20, abs=6)
    assert turned.yaw == pytest.approx(straight.yaw, abs=12)


def test_a_mirrored_head_turns_the_other_way(finder: FaceFinder, pose: HeadPose, photos: Path) -> None:
    rgb = photo(photos / "sample3.jpg")
    faces = [face for face in finder.find(frame(rgb), 640) if face.score > 0.8]
    poses = [(face, seen) for face in faces if (seen := pose.look(frame(rgb), face)) is not None]
    face, seen = max(poses, key=lambda each: abs(each[1].yaw))
    mirrored_rgb = np.ascontiguousarray(bounded(rgb)[:, ::-1])
    mirrored_x = mirrored_rgb.shape[1] - face.box.centre[0]
    opposite = min(finder.find(frame(mirrored_rgb), 640), key=lambda one: abs(one.box.centre[0] - mirrored_x))
    mirrored = pose.look(frame(mirrored_rgb), opposite)
    assert mirrored is not None
    assert abs(seen.yaw) > 8
    assert mirrored.yaw == pytest.approx(-seen.yaw, abs=6)
    assert mirrored.gaze_x == pytest.approx(-seen.gaze_x, abs=0.15)


def test_the_nose_alone_tells_to_which_side_a_head_is_turned(finder: FaceFinder, scene: Scene) -> None:
    face = main_face(finder, scene.person(0))
    to_the_right = face.marks.copy()
    to_the_right[2] += (0.4 * face.box.width, 0)
    assert coarse_yaw(Face(face.score, face.box, to_the_right)) > coarse_yaw(face) + 30


def test_where_there_is_no_face_the_mesh_finds_none(finder: FaceFinder, pose: HeadPose, scene: Scene) -> None:
    face = main_face(finder, scene.person(0))
    assert pose.look(frame(scene.empty(0)), face) is None


def test_the_head_of_whoever_sits_beside_is_not_taken_for_the_candidates(
    finder: FaceFinder, pose: HeadPose, scene: Scene
) -> None:
    real = main_face(finder, scene.person(0))
    beside = Box(real.box.x - 0.7 * real.box.width, real.box.y, real.box.width, real.box.height)
    assert pose.look(frame(scene.person(0)), Face(real.score, beside, real.marks)) is None


def test_a_face_beside_changes_nothing_of_the_candidates_pose(
    finder: FaceFinder, pose: HeadPose, scene: Scene, photos: Path
) -> None:
    alone, other = scene.person(0), photo(photos / "sample6.jpg")[250:850, 180:780]
    visited = alone.copy()
    visited[10:190, 60:240] = cv2.resize(other, (180, 180), interpolation=cv2.INTER_AREA)
    faces = finder.find(frame(visited), 640)
    candidate = max(faces, key=lambda face: face.box.width)
    seen = pose.look(frame(visited), candidate, [face.box for face in faces])
    assert seen is not None
    assert seen.yaw == pytest.approx(pose_of(finder, pose, alone).yaw, abs=4)


def test_wide_frames_are_scaled_down_and_small_ones_left_alone() -> None:
    assert bounded(np.zeros((720, 1280, 3), np.uint8)).shape == (360, 640, 3)
    assert bounded(np.zeros((2000, 100, 3), np.uint8)).shape == (960, 48, 3)
    assert bounded(np.zeros((240, 320, 3), np.uint8)).shape == (240, 320, 3)

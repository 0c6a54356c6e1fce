"""Head and eyes beside what is usual for the same person."""

from datetime import UTC, datetime, timedelta

import pytest

from interview.incident import Observation
from proctoring.baseline import Baseline
from proctoring.detectors.mesh import Pose

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
STRAIGHT = Pose(0, 0, 0, 0, 0, 0.3)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def learnt(poses: list[Pose]) -> Baseline:
    baseline = Baseline()
    for second, pose in enumerate(poses):
        baseline.tell(at(second), pose)
    return baseline


def settled(baseline: Baseline, pose: Pose) -> dict[str, float]:
    """What is told once a pose has lasted for three looks."""
    told = Observation(at=START, detector="", version="", values={})
    for second in range(100, 103):
        told = baseline.tell(at(second), pose)
    return told.values


def test_nothing_is_compared_before_ten_seconds_were_seen() -> None:
    told = learnt([STRAIGHT] * 9).tell(at(9), Pose(60, 0, 0, 0.5, 0, 0.3))
    assert "head_away_deg" not in told.values
    assert "gaze_away" not in told.values


def test_a_camera_at_the_side_is_straight_ahead_for_its_candidate() -> None:
    aside = Pose(20, 5, 0, 0.1, 0, 0.3)
    assert settled(learnt([aside] * 11), aside) == {**aside._asdict(), "head_away_deg": 0.0, "gaze_away": 0.0}
    assert settled(learnt([aside] * 11), aside._replace(yaw=-30))["head_away_deg"] == pytest.approx(50, abs=1)


def test_one_glance_aside_while_learning_moves_nothing() -> None:
    baseline = learnt([STRAIGHT] * 6 + [STRAIGHT._replace(yaw=70)] + [STRAIGHT] * 6)
    assert baseline.centre == STRAIGHT


def test_what_comes_later_does_not_change_it() -> None:
    assert learnt([STRAIGHT] * 12 + [STRAIGHT._replace(yaw=40)] * 100).centre == STRAIGHT


def test_a_face_seen_too_rarely_is_not_learnt() -> None:
    baseline = Baseline()
    for second in (0, 30, 60):
        baseline.tell(at(second), STRAIGHT)
    assert baseline.centre is None


def test_a_tilted_head_still_points_at_the_screen() -> None:
    assert settled(learnt([STRAIGHT] * 11), STRAIGHT._replace(roll=30))["head_away_deg"] == 0


def test_eyes_that_hold_the_screen_while_the_head_turns_are_not_away() -> None:
    baseline = learnt([STRAIGHT] * 11)
    assert settled(baseline, STRAIGHT._replace(yaw=15, gaze_x=-0.075))["gaze_away"] == pytest.approx(0, abs=0.01)
    assert settled(baseline, STRAIGHT._replace(gaze_x=-0.25))["gaze_away"] == pytest.approx(0.25, abs=0.01)


def test_closed_eyes_and_a_turned_head_say_nothing_of_the_gaze() -> None:
    baseline = learnt([STRAIGHT] * 11)
    assert "gaze_away" not in settled(baseline, STRAIGHT._replace(open=0.1, gaze_y=0.3))
    assert "gaze_away" not in settled(baseline, STRAIGHT._replace(yaw=30, gaze_x=0.3))


def test_a_single_wrong_look_is_smoothed_away() -> None:
    baseline = learnt([STRAIGHT] * 12)
    assert baseline.tell(at(12), STRAIGHT._replace(yaw=60)).values["head_away_deg"] == 0


def test_another_worker_takes_the_baseline_over_from_what_was_stored() -> None:
    stored = [Baseline().tell(at(second), STRAIGHT._replace(yaw=12)) for second in range(11)]
    baseline = Baseline()
    for observation in stored:
        baseline.restore(observation)
    assert baseline.centre == STRAIGHT._replace(yaw=12)


def test_a_head_too_far_turned_for_the_mesh_is_away_by_its_nose() -> None:
    assert Baseline().turned(START, 60) is None
    told = learnt([STRAIGHT._replace(yaw=-5)] * 11).turned(at(20), 60)
    assert told is not None
    assert told.values == {"head_away_deg": 65.0}

from datetime import UTC, datetime, timedelta

from proctoring.baseline import Baseline, HeadAngles, deviation, learn

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def learnt(angles: list[HeadAngles]) -> Baseline:
    baseline = Baseline()
    for second, each in enumerate(angles):
        baseline = learn(baseline, START + timedelta(seconds=second), each)
    return baseline


def test_nothing_is_compared_before_ten_seconds_were_seen() -> None:
    baseline = learnt([HeadAngles(20, 5, 0)] * 10)
    assert deviation(baseline, HeadAngles(60, 5, 0)) is None


def test_a_camera_at_the_side_is_straight_ahead_for_its_candidate() -> None:
    baseline = learnt([HeadAngles(20, 5, 0)] * 11)
    assert deviation(baseline, HeadAngles(22, 5, 1)) == HeadAngles(2, 0, 1)
    assert deviation(baseline, HeadAngles(-30, 5, 0)) == HeadAngles(-50, 0, 0)


def test_one_glance_aside_while_learning_moves_nothing() -> None:
    baseline = learnt([HeadAngles(0, 0, 0)] * 6 + [HeadAngles(70, 0, 0)] + [HeadAngles(0, 0, 0)] * 6)
    assert baseline.centre == HeadAngles(0, 0, 0)


def test_what_comes_later_does_not_change_it() -> None:
    baseline = learnt([HeadAngles(0, 0, 0)] * 12 + [HeadAngles(40, 0, 0)] * 100)
    assert baseline.centre == HeadAngles(0, 0, 0)


def test_a_face_seen_too_rarely_is_not_learnt() -> None:
    baseline = Baseline()
    for second in (0, 30, 60):
        baseline = learn(baseline, START + timedelta(seconds=second), HeadAngles(0, 0, 0))
    assert baseline.centre is None

"""Audio is dated by when it was spoken, not by when a busy process came to it."""

import pytest

from agent.arrival import ArrivalClock

FRAME_S = 0.05


def begins(arrivals: list[float]) -> list[float]:
    clock = ArrivalClock()
    return [clock.begin_of(FRAME_S, arrived) for arrived in arrivals]


def steadily(frames: int, start: float = 100.0) -> list[float]:
    return [start + (n + 1) * FRAME_S for n in range(frames)]


def test_steady_frames_follow_one_another():
    assert begins(steadily(4)) == pytest.approx([100.0, 100.05, 100.1, 100.15])


def test_a_burst_that_comes_late_was_spoken_on_time():
    late = steadily(10)
    late[3:7] = [late[6] + 0.1] * 4
    assert begins(late) == pytest.approx([100.0 + n * FRAME_S for n in range(10)])


def test_a_muted_stretch_is_a_hole():
    spoken = begins([*steadily(2), *steadily(2, start=130.0)])
    assert spoken == pytest.approx([100.0, 100.05, 130.0, 130.05])


def test_a_first_frame_that_was_late_is_corrected_by_those_that_follow():
    arrivals = steadily(5)
    arrivals[0] += 0.3
    assert begins(arrivals)[-1] == pytest.approx(100.2)


def test_frames_that_get_lost_do_not_let_the_clock_run_behind_for_long():
    arrivals = [100.0 + n * 0.06 for n in range(1, 400)]
    assert arrivals[-1] - FRAME_S - begins(arrivals)[-1] <= 0.5

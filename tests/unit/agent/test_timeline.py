"""Audio is placed where it sounded, whatever order it is reported in."""

import numpy as np
from numpy.typing import NDArray

from agent.timeline import CANDIDATE, INTERVIEWER, Timeline

RATE = 1000


def tone(seconds: float, value: int = 100) -> NDArray[np.int16]:
    return np.full(round(seconds * RATE), value, np.int16)


def test_two_channels_are_cut_into_segments_on_the_wall_clock():
    timeline = Timeline(RATE, 5.0, origin=1000.0)
    timeline.place(CANDIDATE, 1001.0, tone(1.0))
    timeline.place(INTERVIEWER, 1004.5, tone(1.0, 7))
    first, second = timeline.cut(), timeline.cut()
    assert (first.started_at, second.started_at) == (1000.0, 1005.0)
    assert np.flatnonzero(first.samples[:, CANDIDATE]).tolist() == list(range(1000, 2000))
    assert np.flatnonzero(first.samples[:, INTERVIEWER]).tolist() == list(range(4500, 5000))
    assert np.flatnonzero(second.samples[:, INTERVIEWER]).tolist() == list(range(500))


def test_what_comes_after_its_segment_was_cut_is_dropped_and_counted():
    timeline = Timeline(RATE, 5.0, origin=0.0)
    timeline.cut()
    timeline.place(CANDIDATE, 4.5, tone(1.0))
    assert timeline.dropped == 500
    assert np.flatnonzero(timeline.cut().samples[:, CANDIDATE]).tolist() == list(range(500))


def test_the_rest_is_cut_at_the_end_and_is_shorter():
    timeline = Timeline(RATE, 5.0, origin=0.0)
    timeline.cut()
    timeline.place(CANDIDATE, 5.2, tone(0.3))
    rest = timeline.cut_rest(until=6.0)
    assert rest is not None
    assert (rest.started_at, len(rest.samples)) == (5.0, 1000)
    assert timeline.cut_rest(until=6.0) is None


def test_a_line_longer_than_the_buffer_is_kept_whole():
    timeline = Timeline(RATE, 5.0, origin=0.0)
    timeline.place(INTERVIEWER, 1.0, tone(23.0))
    heard = sum(np.count_nonzero(timeline.cut().samples[:, INTERVIEWER]) for _ in range(5))
    assert heard == 23_000

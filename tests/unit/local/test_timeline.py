"""Frames that arrive over time are put where they belong."""

import numpy as np
import pytest

from local.timeline import Chunk, lay_out, place

RATE = 24_000
FRAME_S = 0.02


def frames(arrivals: list[float], value: int = 100) -> list[Chunk]:
    return [Chunk(at, np.full(round(FRAME_S * RATE), value, dtype=np.int16)) for at in arrivals]


def test_frames_on_time_stay_where_they_arrived():
    arrivals = [5.0 + FRAME_S * i for i in range(10)]
    assert place(frames(arrivals), RATE) == pytest.approx(arrivals)


def test_a_late_burst_does_not_move_the_audio():
    true = [1.0 + FRAME_S * i for i in range(200)]
    late = [max(at, 2.9) if 1.5 <= at < 2.9 else at for at in true]
    assert place(frames(late), RATE) == pytest.approx(true)


def test_a_late_first_frame_is_put_where_the_others_show_it_was():
    true = [1.0 + FRAME_S * i for i in range(20)]
    assert place(frames([1.05, 1.06, *true[2:]]), RATE) == pytest.approx(true)


def test_missing_audio_leaves_a_gap_and_the_rest_where_it_arrived():
    before = [1.0 + FRAME_S * i for i in range(50)]
    after = [4.0 + FRAME_S * i for i in range(300)]
    assert place(frames(before + after), RATE) == pytest.approx(before + after)


def test_nothing_arrived_is_nothing_placed():
    assert place([], RATE) == []


def test_the_layout_is_silent_between_runs_and_cut_at_its_edges():
    track = lay_out(frames([0.99, 1.5]), RATE, start_s=1.0, length=RATE)
    voiced = np.flatnonzero(track) / RATE
    assert voiced[0] == 0
    assert voiced[voiced < 0.25].max() == pytest.approx(0.01, abs=1e-3)
    assert voiced[voiced > 0.25].min() == pytest.approx(0.5, abs=1e-3)
    assert voiced.max() < 0.53

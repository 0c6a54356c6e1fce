"""How the time of an interview is shared out."""

import pytest

from agent.dialogue.agenda import closing_s
from agent.timekeeper import epoch_of
from interview.clock import from_epoch
from interview.plan import MIN_DURATION_S


@pytest.mark.parametrize(("duration_s", "expected_s"), [(1800, 45), (180, 45), (MIN_DURATION_S, 15)])
def test_the_close_leaves_time_for_questions_in_the_shortest_plan(duration_s: float, expected_s: float):
    assert closing_s(duration_s) == expected_s


def test_the_clock_starts_when_the_candidate_first_came():
    assert epoch_of(None, from_epoch(1000), None) == 1000
    assert epoch_of(from_epoch(990), from_epoch(1000), None) == 990


def test_the_time_between_a_failure_and_the_next_attempt_is_not_the_candidates():
    the_next_day = 1000 + 24 * 3600
    epoch = epoch_of(from_epoch(1000), from_epoch(the_next_day), past_s=600.0)
    assert the_next_day - epoch == 600

"""How the time of an interview is shared out."""

import pytest

from agent.job import closing_s
from interview.plan import MIN_DURATION_S


@pytest.mark.parametrize(("duration_s", "expected_s"), [(1800, 45), (180, 45), (MIN_DURATION_S, 15)])
def test_the_close_leaves_time_for_questions_in_the_shortest_plan(duration_s: float, expected_s: float):
    assert closing_s(duration_s) == expected_s

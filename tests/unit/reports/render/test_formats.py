"""Figures as people read them."""

import pytest

from reports.render.formats import duration


@pytest.mark.parametrize(
    ("value_s", "shown"),
    [
        (None, "–"),
        (0.0, "0 s"),
        (0.004, "0 s"),
        (0.42, "0.42 s"),
        (12.3, "12.3 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
    ],
)
def test_a_duration_is_as_exact_as_it_is_short(value_s: float | None, shown: str) -> None:
    assert duration(value_s) == shown

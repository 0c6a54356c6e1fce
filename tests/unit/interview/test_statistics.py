"""Statistics against values that others have published or that can be worked out by hand."""

import math
import random

import pytest

from interview.statistics import (
    agreement,
    fisher_exact,
    impact_ratios,
    percentile,
    quadratic_weighted_kappa,
    wilson,
)


@pytest.mark.parametrize(
    ("first", "second", "kappa"),
    [
        # the tests of the package ml_metrics (B. Hamner)
        ([1, 2, 3], [1, 2, 3], 1.0),
        ([1, 2, 1], [1, 2, 2], 0.4),
        ([1, 2, 3, 1, 2, 2, 3], [1, 2, 3, 1, 2, 3, 2], 0.75),
        # by hand: what was seen is as far apart as can be, and as far as chance
        ([1, 5], [5, 1], -1.0),
        ([1, 1, 5, 5], [1, 5, 1, 5], 0.0),
    ],
)
def test_kappa_has_its_known_values(first: list[int], second: list[int], kappa: float):
    found = quadratic_weighted_kappa(list(zip(first, second, strict=True)))
    assert found == pytest.approx(kappa)


def test_kappa_equals_its_definition_by_matrices():
    draw = random.Random(3)
    for _ in range(20):
        pairs = [(draw.randint(1, 5), draw.randint(1, 5)) for _ in range(25)]
        seen = [[sum(pair == (a, b) for pair in pairs) for b in range(1, 6)] for a in range(1, 6)]
        rows, columns = [sum(row) for row in seen], [sum(column) for column in zip(*seen, strict=True)]
        weights = [[(a - b) ** 2 / 16 for b in range(5)] for a in range(5)]
        cells = [(a, b) for a in range(5) for b in range(5)]
        observed = sum(weights[a][b] * seen[a][b] for a, b in cells)
        expected = sum(weights[a][b] * rows[a] * columns[b] / 25 for a, b in cells)
        assert quadratic_weighted_kappa(pairs) == pytest.approx(1 - observed / expected)


def test_where_kappa_is_not_defined_there_is_none():
    assert quadratic_weighted_kappa([]) is None
    assert quadratic_weighted_kappa([(3, 3), (3, 3)]) is None
    assert agreement([]).n == 0
    assert agreement([(4, 4)]).kappa is None


def test_the_interval_holds_the_kappa_is_repeatable_and_narrows_with_n():
    few = [(1, 1), (2, 3), (3, 3), (4, 4), (5, 4), (2, 2), (3, 4), (1, 2)]
    small, large = agreement(few), agreement(few * 20)
    assert small == agreement(few)
    assert small.low is not None
    assert small.high is not None
    assert small.kappa is not None
    assert small.low <= small.kappa <= small.high
    assert large.low is not None
    assert large.high is not None
    assert large.high - large.low < (small.high - small.low) / 2
    assert (small.n, small.exact, small.within_one) == (8, 0.5, 1.0)


@pytest.mark.parametrize("pairs", [[(4, 2)], [(4, 2), (4, 3)], [(1, 2)] * 4])
def test_a_handful_of_pairs_has_no_interval(pairs: list[tuple[int, int]]):
    found = agreement(pairs)
    assert found.kappa is not None
    assert (found.low, found.high) == (None, None)
    assert found.exact is not None


def test_percentiles_are_by_the_nearest_rank():
    assert [percentile([1, 2, 3, 4], share) for share in (0.0, 0.25, 0.5, 0.51, 1.0)] == [1, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662), (0, 0, 0, 1)],
)
def test_wilson_intervals_have_their_published_values(hits: int, n: int, low: float, high: float):
    """81 of 263 is the example of R. G. Newcombe, Statistics in Medicine 17 (1998)."""
    assert wilson(hits, n) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(
    ("table", "p"),
    [((3, 1, 1, 3), 0.485714), ((1, 9, 11, 3), 0.002759), ((2, 10, 15, 3), 0.000537), ((0, 5, 0, 5), 1.0)],
)
def test_fishers_exact_test_has_its_published_values(table: tuple[int, int, int, int], p: float):
    """The lady tasting tea; the examples of the encyclopedias."""
    assert fisher_exact(*table) == pytest.approx(p, abs=1e-6)


def test_the_impact_ratio_is_that_of_the_uniform_guidelines():
    """The example of the questions and answers on the guidelines: 48 of 80 and 12 of 40."""
    black, white = impact_ratios({"white": (48, 80), "black": (12, 40)})
    assert (white.rate, white.impact_ratio, white.p, white.warnings) == (0.6, 1.0, None, ())
    assert (black.rate, black.impact_ratio) == (0.3, 0.5)
    assert black.warnings == ("below_four_fifths",)
    assert black.p is not None
    assert black.p < 0.01


def test_small_numbers_are_warned_of():
    first, second, third = impact_ratios({"a": (3, 4), "b": (1, 40), "c": (0, 0)})
    assert first.warnings == ("small_group", "few_selected")
    assert set(second.warnings) == {"few_selected", "below_four_fifths"}
    assert (third.rate, third.impact_ratio, third.warnings) == (None, None, ("no_decisions",))


def test_where_nobody_was_selected_there_is_no_ratio():
    assert [one.impact_ratio for one in impact_ratios({"a": (0, 50), "b": (0, 40)})] == [None, None]
    assert impact_ratios({}) == ()
    assert not math.isnan(impact_ratios({"a": (0, 50)})[0].rate_high)

"""Statistics of agreement and of selection, each by its usual definition. Pure; no library, so that it can be checked.

Agreement: quadratic weighted kappa (J. Cohen, "Weighted kappa", Psychological Bulletin 70, 1968), with a percentile
bootstrap interval (B. Efron, 1979). Selection: impact ratios by the four-fifths rule (29 CFR 1607.4 D), rates with
Wilson intervals (E. B. Wilson, 1927), Fisher's exact test for small tables.
"""

import math
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LOWEST, HIGHEST = 1, 5
RESAMPLES = 2000
FEWEST_RESAMPLED = 5
"""Of fewer pairs no interval is given: a handful that is drawn from itself again and again shows nothing but itself."""
Z_95 = 1.959963984540054
FOUR_FIFTHS = 0.8
SMALL_GROUP = 30
"""With fewer people than this a group's rate says little; the share of 2 % under which a category may be left out of an
audit is not applied, since it presumes a large whole."""
FEW_SELECTED = 5
"""With fewer selected, or fewer not selected, one person more or less turns the result over."""
Pair = tuple[int, int]


@dataclass(frozen=True)
class Agreement:
    """How far two sets of ratings of the same things agree: `kappa` with its 95 % interval, over `n` pairs.

    None where it is not defined: of nothing, or where both give everybody the same level. The interval is None, too, of
    fewer than `FEWEST_RESAMPLED` pairs.
    """

    n: int
    kappa: float | None
    low: float | None = None
    high: float | None = None
    exact: float | None = None
    """The share of pairs that are the same."""
    within_one: float | None = None


def quadratic_weighted_kappa(pairs: Sequence[Pair]) -> float | None:
    """Return the kappa of ratings by two raters, weighted by the squared distance; None where it is not defined."""
    if not pairs:
        return None
    n = len(pairs)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = sum((a - b) ** 2 for a, b in pairs) / n
    expected = sum(first[a] * second[b] * (a - b) ** 2 for a in first for b in second) / n**2
    return None if expected == 0 else 1 - observed / expected


def agreement(pairs: Sequence[Pair], seed: int = 1) -> Agreement:
    """Return the agreement of two raters with a bootstrap interval, which `seed` makes repeatable."""
    kappa = quadratic_weighted_kappa(pairs)
    if kappa is None:
        return Agreement(len(pairs), None)
    low, high = _interval(pairs, seed) if len(pairs) >= FEWEST_RESAMPLED else (None, None)
    return Agreement(
        len(pairs),
        round(kappa, 4),
        low,
        high,
        exact=round(sum(a == b for a, b in pairs) / len(pairs), 4),
        within_one=round(sum(abs(a - b) <= 1 for a, b in pairs) / len(pairs), 4),
    )


def _interval(pairs: Sequence[Pair], seed: int) -> tuple[float, float]:
    draw = random.Random(seed)
    resampled = (quadratic_weighted_kappa(draw.choices(pairs, k=len(pairs))) for _ in range(RESAMPLES))
    found = sorted(value for value in resampled if value is not None)
    return round(percentile(found, 0.025), 4), round(percentile(found, 0.975), 4)


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value at a share of an ordered sequence that is not empty, by the nearest rank."""
    return ordered[min(max(math.ceil(share * len(ordered)) - 1, 0), len(ordered) - 1)]


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of `hits` in `n`; of nothing, everything is possible."""
    if n == 0:
        return 0.0, 1.0
    share, z2 = hits / n, Z_95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def fisher_exact(a: int, b: int, c: int, d: int) -> float:
    """Return the two-sided p of the table ((a, b), (c, d)) by Fisher's exact test."""
    rows, column, n = (a + b, c + d), a + c, a + b + c + d

    def chance(x: int) -> float:
        return math.comb(rows[0], x) * math.comb(rows[1], column - x) / math.comb(n, column)

    seen = chance(a)
    possible = range(max(0, column - rows[1]), min(rows[0], column) + 1)
    return min(1.0, sum(p for x in possible if (p := chance(x)) <= seen * (1 + 1e-9)))


@dataclass(frozen=True)
class GroupImpact:
    """How one group fares: how many of `n` were selected, and its rate against that of the group with the highest."""

    group: str
    n: int
    selected: int
    rate: float | None
    rate_low: float
    rate_high: float
    impact_ratio: float | None
    """None where nobody of any group was selected."""
    p: float | None
    """Fisher's exact test against the group with the highest rate; None for that group itself."""
    warnings: tuple[str, ...]


def impact_ratios(counts: Mapping[str, tuple[int, int]]) -> tuple[GroupImpact, ...]:
    """Compare groups, each given as `(selected, n)`, with the one whose rate is the highest; ordered by name.

    Warnings are codes: `small_group`, `few_selected`, `below_four_fifths`, `no_decisions`. A ratio below four fifths
    with a warning of small numbers is a reason to look, not a finding.
    """
    rates = {group: selected / n for group, (selected, n) in counts.items() if n}
    highest = max(rates.values(), default=0.0)
    best = max((group for group in rates if rates[group] == highest), key=lambda group: counts[group][1], default="")
    return tuple(_impact(group, counts, rates, best) for group in sorted(counts))


def _impact(group: str, counts: Mapping[str, tuple[int, int]], rates: Mapping[str, float], best: str) -> GroupImpact:
    selected, n = counts[group]
    rate = rates.get(group)
    highest = rates.get(best, 0.0)
    ratio = rate / highest if rate is not None and highest else None
    others, all_others = counts.get(best, (0, 0))
    low, high = wilson(selected, n)
    p = fisher_exact(selected, n - selected, others, all_others - others) if n and best not in ("", group) else None
    warnings = [
        code
        for code, holds in (
            ("no_decisions", n == 0),
            ("small_group", 0 < n < SMALL_GROUP),
            ("few_selected", n > 0 and min(selected, n - selected) < FEW_SELECTED),
            ("below_four_fifths", ratio is not None and ratio < FOUR_FIFTHS),
        )
        if holds
    ]
    return GroupImpact(
        group,
        n,
        selected,
        None if rate is None else round(rate, 4),
        round(low, 4),
        round(high, 4),
        None if ratio is None else round(ratio, 4),
        None if p is None else round(p, 6),
        tuple(warnings),
    )

"""The interval in which a share that was counted may really lie. Pure."""

import math
from typing import NamedTuple

Z_95 = 1.959963984540054
"""The normal quantile of a two-sided interval of 95 %."""


class Interval(NamedTuple):
    """A share's bounds, 0 to 1."""

    low: float
    high: float


def wilson(k: int, n: int, z: float = Z_95) -> Interval:
    """Return Wilson's score interval of k in n (Wilson 1927, JASA 22, 209–212); (0, 1) where nothing was counted.

    Raises `ValueError` unless 0 ≤ k ≤ n.
    """
    if not 0 <= k <= n:
        raise ValueError(f"{k} of {n} is no share")
    if n == 0:
        return Interval(0.0, 1.0)
    share, squared = k / n, z * z
    centre = (share + squared / (2 * n)) / (1 + squared / n)
    half = z / (1 + squared / n) * math.sqrt(share * (1 - share) / n + squared / (4 * n * n))
    # at the ends the formula gives 0 and 1 but for rounding
    low = 0.0 if k == 0 else max(0.0, centre - half)
    high = 1.0 if k == n else min(1.0, centre + half)
    return Interval(low, high)

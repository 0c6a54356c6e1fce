"""How far two people who judge the same things agree, beyond chance. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """Agreement of pairs of decisions.

    `observed` is the share that agrees, `expected` what would agree by chance, `kappa` Cohen's kappa: 1 is always, 0 no
    more than by chance. They are None where nothing can be said: without pairs, or, for kappa, where everybody always
    decided alike, so that chance explains it all.
    """

    n: int
    observed: float | None
    expected: float | None
    kappa: float | None


def cohen_kappa(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Compute Cohen's kappa of (first, second) decisions (Cohen 1960, Educational and Psychological Measurement 20).

    The first and the second of a pair are by different people, who need not be the same two for every pair: the shares
    by which chance is reckoned are those of all first and of all second decisions.
    """
    n = len(pairs)
    if n == 0:
        return Agreement(0, None, None, None)
    observed = sum(first == second for first, second in pairs) / n
    firsts, seconds = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    expected = sum(firsts[verdict] * seconds[verdict] for verdict in firsts) / n**2
    kappa = None if expected == 1 else (observed - expected) / (1 - expected)
    return Agreement(n, round(observed, 4), round(expected, 4), None if kappa is None else round(kappa, 4))

"""What is straight ahead for one candidate: the head direction of their first ten seconds. Pure.

Cameras stand beside, above and below screens, so the same angle means "at the screen" for one person and "away"
for another. Nothing is judged before the baseline is there; in this version nothing is judged after it either, the
deviation is only observed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import NamedTuple

LEARN_S = 10.0
MIN_SAMPLES = 6
MAX_SAMPLES = 100


class HeadAngles(NamedTuple):
    """A head's direction in degrees, as `detectors.mesh` measures it."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True)
class Baseline:
    """The samples seen so far and, once learnt, their medians."""

    samples: tuple[HeadAngles, ...] = ()
    first_at: datetime | None = None
    centre: HeadAngles | None = None


def learn(baseline: Baseline, at: datetime, angles: HeadAngles) -> Baseline:
    """Add a sample; `centre` is set once ten seconds and enough samples have been seen, and then stays."""
    if baseline.centre is not None:
        return baseline
    first_at = baseline.first_at or at
    samples = (*baseline.samples, angles)[-MAX_SAMPLES:]
    learnt = replace(baseline, samples=samples, first_at=first_at)
    if len(samples) < MIN_SAMPLES or (at - first_at).total_seconds() < LEARN_S:
        return learnt
    centre = HeadAngles(*(median(axis) for axis in zip(*samples, strict=True)))
    return Baseline(samples=(), first_at=first_at, centre=centre)


def deviation(baseline: Baseline, angles: HeadAngles) -> HeadAngles | None:
    """Return how far a head is turned from the baseline, in degrees, or None while it is still being learnt."""
    if baseline.centre is None:
        return None
    return HeadAngles(*(now - usual for now, usual in zip(angles, baseline.centre, strict=True)))

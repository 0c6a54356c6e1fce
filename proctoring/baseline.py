"""What is straight ahead for one candidate: how their head and eyes stood in their first ten seconds. Pure.

Cameras stand beside, above and below screens, so the same angle means "at the screen" for one person and "away"
for another. Nothing is judged before the baseline is there.
"""

import math
from collections import deque
from datetime import datetime
from statistics import median

from interview.incident import Observation
from proctoring.detectors.mesh import HeadPose, Pose

LEARN_S = 10.0
MIN_SAMPLES = 6
MAX_SAMPLES = 100

_SMOOTH = 3
_DECIMALS = {"yaw": 1, "pitch": 1, "roll": 1, "gaze_x": 3, "gaze_y": 3, "open": 3}
_CLOSED = 0.6
"""Of the usual opening of the eyes: below, they are closed, or nearly, and their irises are not to be seen."""
_EYE_PER_DEGREE = 0.005
"""By how much the mesh's irises move against a head that turns while the person goes on looking at the same place,
per degree of yaw: regression over recordings of three people who watch a screen (−0.0046 to −0.0051)."""
_EYE_PER_DEGREE_DOWN = 0.002
_AIMED_DEG = 20.0
"""A head that is turned further says nothing about the eyes."""


class Baseline:
    """The usual pose of one person, and how far each pose is from it."""

    def __init__(self) -> None:
        self._samples: list[Pose] = []
        self._first_at: datetime | None = None
        self._recent: deque[Pose] = deque(maxlen=_SMOOTH)
        self.centre: Pose | None = None
        """The medians of the first ten seconds; None while they are being learnt."""

    def tell(self, at: datetime, pose: Pose) -> Observation:
        """Add a pose, and return it as an observation.

        Once the baseline is there it also has `head_away_deg`, the angle between the head's direction and the usual
        one, and `gaze_away`, how far the irises are from where they would be if the eyes still looked there, as a
        share of the way to the eye's corner. The second is left out while the eyes are closed or the head is turned.
        """
        values = {name: round(value, _DECIMALS[name]) for name, value in pose._asdict().items()}
        self._learn(at, pose)
        if self.centre is not None:
            self._recent.append(pose)
            values |= self._away(self.centre)
        return Observation(at=at, detector=HeadPose.name, version=HeadPose.version, values=values)

    def restore(self, observation: Observation) -> None:
        """Learn from an observation that an earlier worker stored, so that nobody has to sit still again."""
        if all(name in observation.values for name in Pose._fields):
            self._learn(observation.at, Pose(*(observation.values[name] for name in Pose._fields)))

    def turned(self, at: datetime, yaw: float) -> Observation | None:
        """Return the observation of a head whose yaw alone could be measured, or None before the baseline is there."""
        if self.centre is None:
            return None
        values = {"head_away_deg": round(min(90.0, abs(yaw - self.centre.yaw)), 1)}
        return Observation(at=at, detector=HeadPose.name, version=HeadPose.version, values=values)

    def turned_by(self, pose: Pose) -> float:
        """Return the degrees between this one pose and the usual one; 0 before the baseline is there."""
        return 0.0 if self.centre is None else _between(pose, self.centre)

    def _learn(self, at: datetime, pose: Pose) -> None:
        if self.centre is not None:
            return
        self._first_at = self._first_at or at
        self._samples = [*self._samples, pose][-MAX_SAMPLES:]
        if len(self._samples) >= MIN_SAMPLES and (at - self._first_at).total_seconds() >= LEARN_S:
            self.centre = _middle(self._samples)
            self._samples = []

    def _away(self, usual: Pose) -> dict[str, float]:
        now = _middle(self._recent)
        away = {"head_away_deg": round(_between(now, usual), 1)}
        if away["head_away_deg"] > _AIMED_DEG or self._recent[-1].open < _CLOSED * usual.open:
            return away
        across = now.gaze_x - usual.gaze_x + _EYE_PER_DEGREE * (now.yaw - usual.yaw)
        down = now.gaze_y - usual.gaze_y + _EYE_PER_DEGREE_DOWN * (now.pitch - usual.pitch)
        return {**away, "gaze_away": round(min(1.0, math.hypot(across, down)), 3)}


def _middle(poses: "list[Pose] | deque[Pose]") -> Pose:
    return Pose(*(median(axis) for axis in zip(*poses, strict=True)))


def _between(one: Pose, other: Pose) -> float:
    """The angle in degrees between the directions of two heads; their roll is no matter."""
    dot = sum(a * b for a, b in zip(_direction(one), _direction(other), strict=True))
    return math.degrees(math.acos(max(-1.0, min(1.0, dot))))


def _direction(pose: Pose) -> tuple[float, float, float]:
    yaw, pitch = math.radians(pose.yaw), math.radians(pose.pitch)
    return math.sin(yaw) * math.cos(pitch), math.sin(pitch), math.cos(yaw) * math.cos(pitch)

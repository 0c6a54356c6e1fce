"""What was filed against what happened. Pure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from interview.incident import Severity
from interview.incident_kind import IncidentKind
from interview.signals import OF_THE_PAGE

WITHIN_S = 2.0
"""By how much an incident may lie beside an event and still be about it."""


@dataclass(frozen=True)
class Truth:
    """One event of a clip. `width_px` is that of a second face or a telephone, else 0."""

    clip: str
    kind: IncidentKind
    start_s: float
    end_s: float
    width_px: int = 0
    held_out: bool = False


@dataclass(frozen=True)
class Filed:
    """One incident of a clip; times since the clip began, `filed_s` when it was filed."""

    clip: str
    kind: IncidentKind
    severity: Severity
    start_s: float
    end_s: float | None
    filed_s: float
    held_out: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the table: which kinds, which events, and what must hold. Kinds of one row stand for one another."""

    name: str
    kinds: frozenset[IncidentKind]
    recall: float
    precision: float
    p95_s: float
    counts: Callable[[Truth], bool] = lambda _truth: True


_CAMERA = frozenset(
    {
        IncidentKind.CAMERA_COVERED,
        IncidentKind.CAMERA_DARK,
        IncidentKind.CAMERA_FROZEN,
        IncidentKind.STILL_PICTURE,
    }
)
ROWS = (
    Row("no_face", frozenset({IncidentKind.NO_FACE}), 0.99, 0.98, 5),
    Row("second_face_50", frozenset({IncidentKind.SECOND_FACE}), 0.97, 0.97, 3, lambda truth: truth.width_px >= 50),
    Row("second_face_26", frozenset({IncidentKind.SECOND_FACE}), 0.85, 0.95, 5, lambda truth: truth.width_px < 50),
    Row("different_person", frozenset({IncidentKind.DIFFERENT_PERSON}), 0.95, 0.97, 10),
    Row("head_away", frozenset({IncidentKind.HEAD_AWAY}), 0.90, 0.85, 7),
    Row("gaze_away", frozenset({IncidentKind.GAZE_AWAY}), 0.60, 0.75, 10),
    Row("camera_state", _CAMERA, 0.99, 0.98, 8),
    Row("phone", frozenset({IncidentKind.PHONE}), 0.75, 0.90, 6),
    Row("second_voice", frozenset({IncidentKind.SECOND_VOICE}), 0.85, 0.90, 6),
)
"""The requirements of the issue."""


STATES = tuple(
    Row(kind.value, frozenset({kind}), 1.0, 1.0, 1.0) for kind in (IncidentKind.CAMERA_OFF, *sorted(OF_THE_PAGE))
)
"""What is told rather than seen: camera off, and what the page and the seat notice."""


@dataclass(frozen=True)
class Score:
    """How one row came out."""

    n: int
    found: int
    filed: int
    right: int
    p95_s: float | None
    wilson: tuple[float, float]
    precision_wilson: tuple[float, float]

    @property
    def recall(self) -> float | None:
        """The share of events that were found."""
        return self.found / self.n if self.n else None

    @property
    def precision(self) -> float | None:
        """The share of incidents that were about an event; a second incident about the same event is not."""
        return self.right / self.filed if self.filed else None


def score(row: Row, truths: Sequence[Truth], filed: Sequence[Filed]) -> Score:
    """Score one row: each event takes the first incident that is about it, each incident is about one event at most."""
    events = [truth for truth in truths if truth.kind in row.kinds]
    incidents = sorted((one for one in filed if one.kind in row.kinds), key=lambda one: one.filed_s)
    taken: set[int] = set()
    delays: list[float] = []
    wanted = elsewhere = 0
    for event in events:
        about = next((place for place, one in enumerate(incidents) if place not in taken and _about(one, event)), None)
        wanted += row.counts(event)
        if about is None:
            continue
        taken.add(about)
        if row.counts(event):
            delays.append(incidents[about].filed_s - event.start_s)
        else:
            elsewhere += 1
    found, right = len(delays), len(taken) - elsewhere
    count = len(incidents) - elsewhere
    p95 = sorted(delays)[max(0, math.ceil(0.95 * len(delays)) - 1)] if delays else None
    return Score(wanted, found, count, right, p95, wilson(found, wanted), wilson(right, count))


def false_in_clean_time(truths: Sequence[Truth], filed: Sequence[Filed]) -> list[Filed]:
    """Return the incidents that began while nothing happened in their clip."""
    return [
        one
        for one in filed
        if not any(
            truth.clip == one.clip and truth.start_s - WITHIN_S <= one.start_s <= truth.end_s + WITHIN_S
            for truth in truths
        )
    ]


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Return the Wilson score interval (95 %) of a share; (0, 1) where there is nothing."""
    if n == 0:
        return 0.0, 1.0
    share, spread = hits / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


def _about(incident: Filed, event: Truth) -> bool:
    if incident.clip != event.clip:
        return False
    ends = incident.end_s if incident.end_s is not None else math.inf
    return (
        incident.start_s <= event.end_s + WITHIN_S
        and ends >= event.start_s - WITHIN_S
        and (incident.start_s >= event.start_s - WITHIN_S)
    )

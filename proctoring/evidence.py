"""Stills that show an incident: before it, during it, after it.

How to read one back: `jpeg = await storage.files.get(still.file_id)` for each `still` of an incident.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

import cv2

from interview.errors import VivaError
from interview.incident import Incident, Still
from interview.rules import IncidentChange
from interview.rules.filing import incident_of
from proctoring.detectors.frame import Frame

MAX_BYTES = 60_000
CONTENT_TYPE = "image/jpeg"
BEFORE, AT, AFTER = "before", "at", "after"

_EVERY_S = 0.5
_KEPT = 30
_CLEAR_OF_START = timedelta(seconds=0.2)
_QUALITIES = (85, 75, 60, 45, 30)
_SMALLER = 0.7


@dataclass(frozen=True)
class Snapshot:
    """A frame as a JPEG of at most `MAX_BYTES`."""

    taken_at: datetime
    jpeg: bytes


def snapshot(frame: Frame) -> Snapshot:
    """Compress a frame, lowering quality and then size until it fits `MAX_BYTES`."""
    image = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2BGR)
    while True:
        for quality in _QUALITIES:
            done, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if not done:
                raise VivaError(f"a frame of {image.shape} could not be compressed", code="no_still")
            if jpeg.size <= MAX_BYTES:
                return Snapshot(frame.at, jpeg.tobytes())
        image = cv2.resize(image, None, fx=_SMALLER, fy=_SMALLER, interpolation=cv2.INTER_AREA)


class StillRing:
    """The last quarter of a minute in stills, two a second: where the still *before* an incident comes from."""

    def __init__(self) -> None:
        self._kept: deque[Snapshot] = deque(maxlen=_KEPT)

    def wants(self, at: datetime) -> bool:
        """Tell whether it is time for another still."""
        return not self._kept or (at - self._kept[-1].taken_at).total_seconds() >= _EVERY_S

    def keep(self, still: Snapshot) -> None:
        """Add a still, letting go of the oldest."""
        self._kept.append(still)

    def clear(self) -> None:
        """Forget everything: what lies before a pause is not evidence for what comes after it."""
        self._kept.clear()

    def before(self, moment: datetime) -> Snapshot | None:
        """Return the last still that is clear of `moment`, or None where none was kept."""
        earlier = [still for still in self._kept if still.taken_at <= moment - _CLEAR_OF_START]
        return earlier[-1] if earlier else None


def file_id(incident: str, moment: str) -> str:
    """Derive the id under which an incident's still is stored."""
    return f"still:{incident}:{moment}"


@dataclass(frozen=True)
class Filing:
    """An incident as it is now, and the pictures that have to be stored before it."""

    incident: Incident
    pictures: tuple[tuple[str, bytes], ...] = ()
    """(file id, JPEG)."""


def opened(
    change: IncidentChange, *, session_id: str, attempt: int, at: datetime, stills: dict[str, Snapshot]
) -> Filing:
    """Make the filing of an incident that was just found. `stills` maps `before` and `at` to what there is."""
    incident = incident_of(change, session_id=session_id, attempt=attempt, filed_at=at)
    return _with_stills(incident, stills)


def closed(incident: Incident, change: IncidentChange, stills: dict[str, Snapshot]) -> Filing:
    """Make the filing of an incident that is over. `stills` maps `after` to a still, where one could be taken."""
    over = incident.model_copy(update={"ended_at": change.ended_at, "confidence": change.confidence})
    return _with_stills(over, stills)


def _with_stills(incident: Incident, stills: dict[str, Snapshot]) -> Filing:
    added = tuple(
        Still(moment=moment, taken_at=still.taken_at, file_id=file_id(incident.incident_id, moment))
        for moment, still in stills.items()
    )
    pictures = tuple((file_id(incident.incident_id, moment), still.jpeg) for moment, still in stills.items())
    return Filing(incident.model_copy(update={"stills": incident.stills + added}), pictures)

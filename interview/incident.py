"""What proctoring saw, and what it filed."""

import hashlib
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from interview.incident_kind import IncidentKind
from interview.outgoing import Announce
from interview.record import Moment, Record


class Severity(StrEnum):
    """How soon a proctor should look."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Its place in the queue: 0 comes first."""
        return {Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 2}[self]


class Observation(Record):
    """What one detector made of one frame.

    `values` are named figures such as `faces` or `score`; `detector` and `version` say who measured.
    """

    at: Moment
    detector: str
    version: str
    values: dict[str, float]


class ObservationBatch(Record):
    """Consecutive observations of one session, stored together for replay. The key is `session_id:attempt:seq`."""

    session_id: str
    attempt: int
    seq: int
    observations: tuple[Observation, ...]
    schema_version: int = 1


class Still(Record):
    """A frame kept as evidence: an encrypted JPEG. `moment` is `before`, `at` or `after`."""

    moment: str
    taken_at: Moment
    file_id: str


class Incident(Record):
    """One event that a proctor should look at. Nothing happens automatically because of it.

    `incident_id` is derived from session, kind and start, so that a restarted worker does not file it twice.
    """

    incident_id: str
    session_id: str
    attempt: int
    kind: IncidentKind
    severity: Severity
    started_at: Moment
    ended_at: Moment | None = None
    """None while it goes on."""
    confidence: Annotated[float, Field(ge=0, le=1)]
    detector: str
    detector_version: str
    threshold: float
    stills: tuple[Still, ...] = ()
    filed_at: Moment
    announce: Announce = Announce.NOTHING
    """Whether that it was filed has still to be told to the webhooks."""
    schema_version: int = 1


def incident_id(session_id: str, kind: IncidentKind, started_at: Moment) -> str:
    """Derive an incident's id from what it is about."""
    text = f"{session_id}:{kind}:{int(started_at.timestamp() * 1000)}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]

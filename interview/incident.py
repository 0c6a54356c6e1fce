"""What proctoring saw, and what it filed."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from interview.incident_kind import IncidentKind
from interview.outgoing import Announce
from interview.record import Moment, Record
from interview.review import MAX_HISTORY, Note, Reason, ReviewEntry, ReviewState, Verdict

INCIDENT_SCHEMA = 2
"""2: what the queue is sorted and found by (see `interview.storage.migrations`)."""


BY_A_PERSON = "person"
"""The detector of what somebody saw and software did not file."""


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


class Clip(Record):
    """A stretch of sound kept as evidence: encrypted Ogg Opus of the candidate's microphone."""

    started_at: Moment
    duration_s: Annotated[float, Field(gt=0, le=60)]
    file_id: str


class Incident(Record):
    """One event that a proctor should look at. Nothing happens automatically because of it.

    `incident_id` is derived from session, kind and start, so that a restarted worker does not file it twice. Whoever
    files one gives what it is; how people look at it (from `owner_id` on) is the storage's to keep.
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
    clips: tuple[Clip, ...] = ()
    filed_at: Moment
    announce: Announce = Announce.NOTHING
    """Whether that it was filed has still to be told to the webhooks."""

    owner_id: str = ""
    """Whose session it is."""
    rank: Annotated[int, Field(ge=0)] = Severity.LOW.rank
    """`severity.rank`, by which the queue is sorted."""
    evidence_until: Moment | None = None
    """When stills and clips go, where the plan keeps them for less long than the session."""
    state: ReviewState = ReviewState.OPEN
    waiting: bool = True
    """Whether it waits for somebody to decide: every state but `decided`."""
    claimed_by: str | None = None
    """The user who looks at it, until `claim_until`."""
    claim_until: Moment | None = None
    verdict: Verdict | None = None
    """The latest decision, with its reason, by whom and when."""
    reason: Reason | None = None
    decided_by: str | None = None
    decided_at: Moment | None = None
    deciders: tuple[str, ...] = ()
    """Everybody who has decided."""
    contested_at: Moment | None = None
    history: Annotated[tuple[ReviewEntry, ...], Field(max_length=MAX_HISTORY)] = ()
    notes: dict[str, Note] | None = None
    """What was written, by the number of its entry in `history`. Encrypted at rest."""
    revision: Annotated[int, Field(ge=0)] = 0
    schema_version: int = INCIDENT_SCHEMA

    def note(self, entry: int) -> str:
        """Return what was written with an entry of the history."""
        return (self.notes or {}).get(str(entry), "")

    def claimed_at(self, moment: datetime) -> bool:
        """Tell whether somebody looks at it at a moment."""
        return self.claimed_by is not None and self.claim_until is not None and self.claim_until > moment


def incident_id(session_id: str, kind: IncidentKind, started_at: Moment) -> str:
    """Derive an incident's id from what it is about."""
    text = f"{session_id}:{kind}:{int(started_at.timestamp() * 1000)}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]

"""Bodies of what an interview left behind."""

from typing import Any, Self

from control_api.schemas import Answer
from interview.incident import Incident, Severity
from interview.plan import IncidentKind
from interview.record import Moment
from interview.report import ReportStatus
from interview.session import Status
from interview.transcript import Turn


class CorrectionView(Answer):
    """What a turn is read as, since the people who answered the candidate's problem agreed that it was misheard."""

    turn_id: str
    text: str
    reason: str
    by: str
    """The user id of whoever corrected it."""
    at: Moment
    problem_id: str


class TranscriptAnswer(Answer):
    """Every stored turn, in order, as it was recognised; corrections stand beside them and replace nothing.

    Of two corrections of one turn the later one holds.
    """

    session_id: str
    status: Status
    turns: list[Turn]
    corrections: list[CorrectionView]


class StillView(Answer):
    """A frame that was kept; `url` answers with a JPEG."""

    moment: str
    taken_at: Moment
    url: str


class IncidentView(Answer):
    """One thing for a person to look at."""

    incident_id: str
    session_id: str
    attempt: int
    kind: IncidentKind
    severity: Severity
    started_at: Moment
    ended_at: Moment | None
    confidence: float
    detector: str
    detector_version: str
    threshold: float
    filed_at: Moment
    stills: list[StillView]

    @classmethod
    def of(cls, incident: Incident, base_url: str) -> Self:
        """Show an incident; its stills lie under `base_url`, the path of the session."""
        stills = [
            StillView(
                moment=still.moment,
                taken_at=still.taken_at,
                url=f"{base_url}/incidents/{incident.incident_id}/stills/{still.moment}",
            )
            for still in incident.stills
        ]
        shown = incident.model_dump(exclude={"stills", "schema_version"})
        return cls(**shown, stills=stills)


class IncidentsAnswer(Answer):
    """All incidents of a session, by time."""

    session_id: str
    incidents: list[IncidentView]


class ReportAnswer(Answer):
    """A report: where it stands, and what it says once it is ready."""

    session_id: str
    version: int
    status: ReportStatus
    progress: str
    queued_at: Moment
    ready_at: Moment | None
    failure: str
    content: dict[str, Any] | None

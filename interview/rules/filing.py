"""What the rules found, as the record that is filed. Pure."""

from datetime import datetime

from interview.incident import Incident, incident_id
from interview.rules.engine import IncidentChange


def incident_of(change: IncidentChange, *, session_id: str, attempt: int, filed_at: datetime) -> Incident:
    """Return the incident that a change is about, without evidence. Its id is derived: filed again it is the same."""
    return Incident(
        incident_id=incident_id(session_id, change.kind, change.started_at),
        session_id=session_id,
        attempt=attempt,
        kind=change.kind,
        severity=change.severity,
        started_at=change.started_at,
        ended_at=change.ended_at,
        confidence=change.confidence,
        detector=change.detector,
        detector_version=change.version,
        threshold=change.threshold,
        filed_at=filed_at,
    )

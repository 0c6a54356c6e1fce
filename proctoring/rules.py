"""The rules of a watch: those of `interview.rules`, for the kinds that camera and microphone can show."""

from interview.incident_kind import IncidentKind
from interview.rules import RuleSet, RulesFile, rules_for
from interview.session import Session

OF_THE_ROOM = (
    IncidentKind.NO_FACE,
    IncidentKind.SECOND_FACE,
    IncidentKind.DIFFERENT_PERSON,
    IncidentKind.HEAD_AWAY,
    IncidentKind.GAZE_AWAY,
    IncidentKind.CAMERA_OFF,
    IncidentKind.CAMERA_COVERED,
    IncidentKind.CAMERA_DARK,
    IncidentKind.CAMERA_FROZEN,
    IncidentKind.STILL_PICTURE,
    IncidentKind.PHONE,
    IncidentKind.SECOND_VOICE,
)
"""What a proctor in the room can find; the rest is told by the candidate's page and seat."""


def rules_of(session: Session, house: RulesFile) -> RuleSet:
    """Return the rules for a session's camera and microphone: the house's, its plan's, its accommodations'."""
    return rules_for(house, session.plan.proctoring, session.adjustments).only(OF_THE_ROOM)

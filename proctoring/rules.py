"""The rules of a watch: those of `interview.rules`, for the kinds that camera and microphone can show."""

from interview.incident_kind import IncidentKind
from interview.rules import RuleSet, RulesFile, rules_for
from interview.session import ConsentItem, Session
from interview.signals import OF_THE_ROOM


def rules_of(session: Session, house: RulesFile) -> RuleSet:
    """Return the rules for a session's camera and microphone: the house's, its plan's, its accommodations'.

    Faces are compared only where the candidate agreed to it.
    """
    compared = session.consents(ConsentItem.FACE_COMPARISON)
    kinds = OF_THE_ROOM if compared else OF_THE_ROOM - {IncidentKind.DIFFERENT_PERSON}
    return rules_for(house, session.plan.proctoring, session.adjustments).only(kinds)

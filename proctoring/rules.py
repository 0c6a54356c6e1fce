"""The rules of a watch: those of `interview.rules`, for the kinds that camera and microphone can show."""

from interview.rules import RuleSet, RulesFile, rules_for
from interview.session import Session
from interview.signals import OF_THE_ROOM


def rules_of(session: Session, house: RulesFile) -> RuleSet:
    """Return the rules for a session's camera and microphone: the house's, its plan's, its accommodations'."""
    return rules_for(house, session.plan.proctoring, session.adjustments).only(OF_THE_ROOM)

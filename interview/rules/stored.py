"""What rules find in all that is stored of a session. Pure."""

from collections.abc import Sequence

from interview.browser_event import BrowserEvent
from interview.incident import ObservationBatch
from interview.rules.engine import IncidentChange, in_order, replay
from interview.rules.page import page_observations
from interview.rules.rule import RulesFile, rules_for
from interview.session import Session
from interview.signals import OF_THE_PAGE, OF_THE_ROOM


def found_in(
    session: Session, batches: Sequence[ObservationBatch], events: Sequence[BrowserEvent], file: RulesFile
) -> list[IncidentChange]:
    """Return the incidents that a set of rules finds: of the room, attempt by attempt, and of the page."""
    rules = rules_for(file, session.plan.proctoring, session.adjustments)
    found = replay(page_observations(session, events), rules.only(OF_THE_PAGE))
    for attempt in sorted({batch.attempt for batch in batches}):
        own = sorted((batch for batch in batches if batch.attempt == attempt), key=lambda batch: batch.seq)
        told = (observation for batch in own for observation in batch.observations)
        found += replay(told, rules.only(OF_THE_ROOM))
    return in_order(found)

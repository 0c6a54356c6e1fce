"""What people make of an incident: how it is looked at, decided, looked at again, and contested. Values only."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from interview.record import Moment, Record, Text

MAX_HISTORY = 200
"""Entries of one incident's history; beyond it nothing more can be done to it."""
MAX_NOTE = 4000

Note = Annotated[Text, Field(max_length=MAX_NOTE)]


class Verdict(StrEnum):
    """What somebody decided about an incident. It says what was seen, never what it says about a person."""

    CONFIRMED = "confirmed"
    """It happened as it was filed."""
    DISMISSED = "dismissed"
    """It did not, or it means nothing."""
    UNSURE = "unsure"
    """It cannot be told from what there is."""


class Reason(StrEnum):
    """Why somebody decided so."""

    AS_FILED = "as_filed"
    IN_PART = "in_part"
    NOT_SO = "not_so"
    """Software saw what was not there: the one reason that makes an incident a false one."""
    HARMLESS = "harmless"
    ACCOMMODATED = "accommodated"
    """It belongs to how this person takes part."""
    TECHNICAL = "technical"
    EVIDENCE_UNCLEAR = "evidence_unclear"
    EVIDENCE_MISSING = "evidence_missing"


REASONS: dict[Verdict, frozenset[Reason]] = {
    Verdict.CONFIRMED: frozenset({Reason.AS_FILED, Reason.IN_PART}),
    Verdict.DISMISSED: frozenset({Reason.NOT_SO, Reason.HARMLESS, Reason.ACCOMMODATED, Reason.TECHNICAL}),
    Verdict.UNSURE: frozenset({Reason.EVIDENCE_UNCLEAR, Reason.EVIDENCE_MISSING}),
}
"""The reasons that go with a verdict."""


class ReviewState(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    SECOND_OPINION = "second_opinion"
    """Decided once; somebody else is asked, who does not see what the first decided."""
    CONTESTED = "contested"
    """The candidate disagrees; it is looked at again."""
    DECIDED = "decided"


class ReviewAct(StrEnum):
    """What was done to an incident."""

    CLAIMED = "claimed"
    RELEASED = "released"
    DECIDED = "decided"
    SECOND_OPINION_ASKED = "second_opinion_asked"
    CONTESTED = "contested"
    ADDED = "added"
    """Somebody saw it and filed it, since software had not."""


class ReviewEntry(Record):
    """One line of an incident's history. `by` is a user's id, or `candidate`. What was written stands in `notes`."""

    at: Moment
    by: str
    act: ReviewAct
    verdict: Verdict | None = None
    reason: Reason | None = None


def decisions(history: tuple[ReviewEntry, ...]) -> list[ReviewEntry]:
    """Return what was decided, in order."""
    return [entry for entry in history if entry.verdict is not None]


def first_two(history: tuple[ReviewEntry, ...]) -> tuple[Verdict, Verdict] | None:
    """Return the first decision and the first by somebody else, made without knowing it; None where there are not both.

    Those after a contest are left out: they were made knowing more.
    """
    told = [entry for entry in history if entry.act is ReviewAct.CONTESTED]
    made = [entry for entry in decisions(history) if not told or entry.at < told[0].at]
    for entry in made[1:]:
        if entry.by != made[0].by and entry.verdict is not None and made[0].verdict is not None:
            return made[0].verdict, entry.verdict
    return None

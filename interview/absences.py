"""When the candidate was out of the room, as the interviewer was told. Pure."""

from collections.abc import Sequence
from datetime import datetime

from interview.transcript import DialogueEvent

_GONE = "left"
_THERE = frozenset({"resumed", "began"})

Absence = tuple[datetime, datetime | None]
"""From and to; None where they did not come back."""


def absences_of(events: Sequence[DialogueEvent]) -> tuple[Absence, ...]:
    """Return the stretches in which the candidate was away, after having come, by time.

    A new attempt's interviewer that takes over while nobody is away ends nothing, and one that is told of a leaving
    that an earlier one was told of as well begins nothing.
    """
    found: list[Absence] = []
    since: datetime | None = None
    for event in sorted(events, key=lambda event: event.at):
        kind = event.event.get("type")
        if kind == _GONE and since is None:
            since = event.at
        elif kind in _THERE and since is not None:
            found.append((since, event.at))
            since = None
    if since is not None:
        found.append((since, None))
    return tuple(found)

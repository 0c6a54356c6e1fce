"""What the candidate's page and seat told, as observations. Pure; so replay needs nothing but what is stored anyway."""

from collections.abc import Iterable

from interview.browser_event import BrowserEvent, BrowserEventKind
from interview.incident import Observation
from interview.session import ConsentItem, SeatChangeKind, Session, Status
from interview.signals import PAGE, PAUSED, SEAT, SIGNALS

_VERSION = "1"
_ENDS = frozenset(
    {
        BrowserEventKind.TAB_SHOWN,
        BrowserEventKind.WINDOW_FOCUS,
        BrowserEventKind.FULLSCREEN_ENTERED,
        BrowserEventKind.SECOND_SCREEN_GONE,
    }
)
_SECOND = frozenset({SeatChangeKind.TAKEN_OVER, SeatChangeKind.REFUSED})
"""What is a second seat: one that was opened while the first was in use."""


def page_observations(session: Session, events: Iterable[BrowserEvent]) -> list[Observation]:
    """Return what the rules are told of a session's page and seat, by time: events, second seats, pauses, the end."""
    told = [_of_event(event) for event in sorted(events, key=lambda event: event.seq)]
    if session.consents(ConsentItem.INTERVIEW):
        told += [
            Observation(at=change.at, detector=SEAT, version=_VERSION, values={"second_seat": 1.0})
            for change in session.seat_changes
            if change.kind in _SECOND and session.status_at(change.at) is Status.IN_PROGRESS
        ]
    told += [
        Observation(at=entry.at, detector=SEAT, version=_VERSION, values={PAUSED: 1.0})
        for entry in session.history
        if entry.source is Status.IN_PROGRESS and entry.target is not Status.IN_PROGRESS
    ]
    return sorted(told, key=lambda observation: observation.at)


def _of_event(event: BrowserEvent) -> Observation:
    holds = 0.0 if event.kind in _ENDS else 1.0
    if event.kind is BrowserEventKind.PASTE:
        holds = float(max(1, event.length or 1))
    values = {SIGNALS[event.kind.concerns].figure: holds}
    return Observation(at=event.at, detector=PAGE, version=_VERSION, values=values)

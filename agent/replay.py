"""Conducting a stored interview again from what its dialogue was told: where would this code act differently? Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from agent.dialogue import Dialogue, DialogueState
from agent.dialogue.events import EVENT
from agent.dialogue.outline import Outline, outline
from agent.script import script_of, windows_of
from interview.record import Record
from interview.session import Session
from interview.settings import Settings
from interview.transcript import DialogueEvent


class Replayable(Record):
    """A stored interview as a test case: how it was conducted, what it was told, and what it did."""

    session: Session
    silence_s: float
    thinking_s: float
    events: tuple[DialogueEvent, ...]


class Difference(NamedTuple):
    """An event that is answered otherwise than it was."""

    event: DialogueEvent
    then: tuple[Outline, ...]
    now: tuple[Outline, ...]


def replayable(session: Session, events: Sequence[DialogueEvent], settings: Settings) -> Replayable:
    """Put together what a replay needs."""
    windows = windows_of(session, settings)
    return Replayable(session=session, silence_s=windows.silence_s, thinking_s=windows.thinking_s, events=tuple(events))


def differences(stored: Replayable) -> list[Difference]:
    """Return the events that this code answers otherwise, in order.

    The machine is led along what was told, whatever it would have done itself: after a first difference those that
    follow may come from it.
    """
    dialogue = Dialogue(script_of(stored.session), silence_s=stored.silence_s, thinking_s=stored.thinking_s)
    state = DialogueState()
    found: list[Difference] = []
    for stored_event in stored.events:
        step = dialogue.step(state, EVENT.validate_python(stored_event.event))
        state = step.state
        now = outline(step.actions)
        if now != stored_event.actions:
            found.append(Difference(stored_event, stored_event.actions, now))
    return found

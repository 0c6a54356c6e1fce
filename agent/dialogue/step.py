"""What becomes of an event: the next state, and what is to be done."""

from typing import Any, NamedTuple

from agent.dialogue.actions import Action
from agent.dialogue.state import DialogueState


class Step(NamedTuple):
    """What became of an event."""

    state: DialogueState
    actions: tuple[Action, ...] = ()


def changed(state: DialogueState, **changes: Any) -> DialogueState:
    """Return the state with these fields changed."""
    return state.model_copy(update=changes)

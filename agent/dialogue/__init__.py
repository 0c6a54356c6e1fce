"""The dialogue machine: `(state, event) → (state, actions)`, pure, serialisable and replayable."""

from agent.dialogue.machine import Dialogue, Step
from agent.dialogue.state import DialogueState

__all__ = ["Dialogue", "DialogueState", "Step"]

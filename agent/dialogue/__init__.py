"""The dialogue machine: `(state, event) → (state, actions)`, pure, serialisable and replayable."""

from agent.dialogue.machine import Dialogue
from agent.dialogue.state import DialogueState
from agent.dialogue.step import Step

__all__ = ["Dialogue", "DialogueState", "Step"]

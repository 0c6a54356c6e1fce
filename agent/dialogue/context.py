"""What a step of the dialogue may look at besides its state and its event."""

from typing import NamedTuple

from agent.dialogue.lines import Script


class Windows(NamedTuple):
    """How long to wait, in seconds."""

    silence_s: float = 12
    """Before a prompt."""
    thinking_s: float = 30
    """Before a prompt, when time to think was asked for."""


class Context(NamedTuple):
    """The script, the windows, and the dialogue's second at which the event happened."""

    script: Script
    windows: Windows
    at_s: float

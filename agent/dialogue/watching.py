"""How long a silence may last. Pure."""

from agent.dialogue import trouble
from agent.dialogue.actions import WatchSilence
from agent.dialogue.context import Context
from agent.dialogue.state import DialogueState
from agent.dialogue.step import Step, changed

OWED_S = 1.0
"""A reply that was held back by a sound with no words in it is given after this much silence."""

MISSED_END_S = 5.0
"""Words whose end nobody told of are answered after this much silence: longer than any pause is waited for."""

MICROPHONE_S = 4.0
"""Somebody who cannot be heard, by whosever fault, is told so after this long: they may be speaking already."""


def watch(here: Context, state: DialogueState) -> Step:
    """Wait for the candidate, for as long as fits the moment; nothing while somebody speaks or they are away."""
    if state.speaking is not None or state.candidate_speaking or state.away:
        return Step(state)
    state = changed(state, watch=state.watch + 1)
    return Step(state, (WatchSilence(watch=state.watch, after_s=_patience_s(here, state)),))


def _patience_s(here: Context, state: DialogueState) -> float:
    if state.owed:
        return MISSED_END_S if state.spoke_on else OWED_S
    if state.thinking and not trouble.notice_due(state):
        return here.windows.thinking_s
    if trouble.notice_due(state) or trouble.microphone_notice_due(state):
        return MICROPHONE_S
    if trouble.is_deaf(state):
        return here.windows.thinking_s
    return here.windows.silence_s

"""A voice that says nothing: what is taken for one may be a noise, and nobody waits for its end. Pure.

While the candidate's voice is heard, a line that is being said pauses, and nothing else is said. So a vacuum cleaner
would stop the interview until its time is up. From `NOISE_S` without words on it is let be: the line goes on, and
what is said then does not pause for it.
"""

from agent.dialogue.actions import SayOn, WatchVoice
from agent.dialogue.context import Context
from agent.dialogue.events import VoiceReached
from agent.dialogue.state import DialogueState
from agent.dialogue.step import Step, changed
from agent.dialogue.watching import watch

NOISE_S = 8.0
"""A voice without words for so long is a noise: longer than a recogniser may take until another is asked (4 s)."""

APART_S = 1.0
"""Sounds less than this apart are one: a paused line does not go on in between."""


def started(here: Context, state: DialogueState) -> Step:
    """Take in that voice activity has begun."""
    joined = state.quiet_since_s is not None and here.at_s - state.quiet_since_s < APART_S
    state = changed(state, quiet_since_s=None, returned_s=None)
    if joined and state.noise:
        return Step(state)
    # whoever speaks on has not finished: the reply that was due waits for the next end
    owed = state.owed or state.waiting
    state = changed(
        state, candidate_speaking=True, waiting=False, owed=owed, turn=state.turn + 1, watch=state.watch + 1
    )
    watched = state.voice_since_s is not None and here.at_s - state.voice_since_s < NOISE_S
    return Step(state) if joined and watched else _watch_voice(here, changed(state, noise=False))


def paused(here: Context, state: DialogueState) -> Step:
    """Take in that voice activity has ended, for now."""
    since_s = here.at_s if state.quiet_since_s is None else state.quiet_since_s
    return watch(here, changed(state, candidate_speaking=False, quiet_since_s=since_s))


def words_came(here: Context, state: DialogueState) -> Step:
    """Take in that somebody says something: it is no noise."""
    if not state.noise:
        return Step(state)
    return _watch_voice(here, changed(state, noise=False, candidate_speaking=state.quiet_since_s is None))


def reached(here: Context, state: DialogueState, event: VoiceReached) -> Step:
    """Let a voice be that has said nothing for `NOISE_S`."""
    quiet = state.quiet_since_s is not None and here.at_s - state.quiet_since_s >= APART_S
    if event.voice != state.voice or state.noise or quiet:
        return Step(state)
    if event.words:
        return _watch_voice(here, state)
    state = changed(state, noise=True, candidate_speaking=False)
    if state.speaking is not None:
        return Step(state, (SayOn(line_id=state.speaking.line_id),))
    return watch(here, state)


def over(state: DialogueState) -> DialogueState:
    """Return the state after a silence: whatever sounds next may be a voice."""
    return changed(state, noise=False) if state.noise and state.quiet_since_s is not None else state


def forgotten(state: DialogueState) -> DialogueState:
    """Return the state with nothing of what was heard: nobody is there, or somebody else listens."""
    return changed(state, candidate_speaking=False, noise=False, voice_since_s=None, quiet_since_s=None)


def _watch_voice(here: Context, state: DialogueState) -> Step:
    state = changed(state, voice=state.voice + 1, voice_since_s=here.at_s)
    return Step(state, (WatchVoice(voice=state.voice, after_s=NOISE_S),))

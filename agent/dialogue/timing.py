"""Silence, the time that is left, and a candidate who goes and comes back."""

from agent.dialogue import noise, trouble
from agent.dialogue.context import Context
from agent.dialogue.events import Resumed, TimeLeft
from agent.dialogue.listening import turn_ended
from agent.dialogue.saying import close, over, prepare, say, say_planned
from agent.dialogue.state import DialogueState
from agent.dialogue.step import Step, changed
from agent.dialogue.watching import watch
from interview.session import Stage

MAX_PROMPTS = 3
"""Gentle prompts into silence before the interview moves on by itself."""

_ONE_MINUTE_S = 60


def silence(here: Context, state: DialogueState) -> Step:
    """Do something about a silence that has lasted long enough."""
    if state.speaking is not None or state.candidate_speaking or state.stage is Stage.NOT_STARTED:
        return Step(state)
    if state.stage is Stage.CLOSE:
        return over(state) if state.close_heard else say(state, here.script.closing(state))
    if state.latest:
        return turn_ended(here, changed(state, returned_s=None))  # words were heard, but their end was missed
    if state.time_up:
        return close(here, state, "time_up")
    if notice := trouble.notice_due(state) or trouble.microphone_notice_due(state):
        key, told = notice
        return say(state, here.script.notice(state, key), told=told, ending=state.ending)
    if state.prompts < MAX_PROMPTS:
        line = here.script.prompt(state)
        return say(state, line, prompts=state.prompts + 1, thinking=False, ending=state.ending)
    if trouble.is_deaf(state):
        return watch(here, state)  # they may be answering: no question is taken from them, until the time is up
    if state.stage is Stage.CANDIDATE_QUESTIONS:
        return say(state, here.script.closing(state))
    return say_planned(here, changed(state, prompts=0), "skipped" if state.stage is Stage.QUESTIONS else None)


def told(here: Context, state: DialogueState) -> Step:
    """Say what has to be said about a trouble of ours, if nobody is speaking; later, if somebody is."""
    quiet = state.speaking is None and not state.candidate_speaking and not state.waiting and not state.latest
    begun = state.stage not in (Stage.NOT_STARTED, Stage.CLOSE)
    notice = trouble.notice_due(state)
    if notice and quiet and begun and not state.away:
        key, all_told = notice
        return say(state, here.script.notice(state, key), told=all_told, ending=state.ending)
    return watch(here, state) if quiet and begun else Step(state)


def time_left(here: Context, state: DialogueState, event: TimeLeft) -> Step:
    """Remember to say how much time is left, before the next question; nobody is interrupted by it."""
    state = changed(state, time_left="one_minute_left" if event.left_s <= _ONE_MINUTE_S else "some_minutes_left")
    return _prepared_anew(here, state)


def time_short(here: Context, state: DialogueState) -> Step:
    """Begin no question any more."""
    return _prepared_anew(here, changed(state, time_short=True))


def time_up(here: Context, state: DialogueState) -> Step:
    """Close, at the next end of a turn if somebody is speaking."""
    if state.stage is Stage.CLOSE:
        # somebody who has talked over the last words since the time was up is not waited for any longer
        return over(state) if state.time_up and state.speaking is None else Step(changed(state, time_up=True))
    if state.candidate_speaking and not state.time_up:
        # nobody is stopped in mid-sentence: the close follows their turn, at the latest with the next `TimeUp`
        return Step(changed(state, time_short=True, time_up=True, owed=True))
    return close(here, changed(state, time_up=True), "time_up")


def left(state: DialogueState) -> Step:
    """Stop waiting for somebody who is not there."""
    if state.stage is Stage.CLOSE and state.speaking is None:
        return over(state)
    owed = state.owed or state.waiting
    gone = changed(noise.forgotten(state), away=True, waiting=False, owed=owed)
    return Step(changed(gone, turn=state.turn + 1, watch=state.watch + 1))


def resumed(here: Context, state: DialogueState, event: Resumed) -> Step:
    """Go on with somebody who is back, or in another process."""
    state = changed(noise.forgotten(state), away=False, allowed_s=event.allowed_s or state.allowed_s)
    if not state.lines_said:
        return say(state, here.script.greeting(state))
    if state.stage is Stage.CLOSE:
        return say(state, here.script.closing(state))
    state = changed(state, waiting=False, judging_words=None, before=None, returned_s=here.at_s)
    return say(state, here.script.resumed(state, event.paused))


def _prepared_anew(here: Context, state: DialogueState) -> Step:
    """Have the next line's new words ready, where it was prepared already."""
    asking = state.stage in (Stage.WARM_UP, Stage.QUESTIONS) and state.speaking is None
    return Step(state, prepare(here, state) if asking else ())

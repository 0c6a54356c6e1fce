"""The dialogue machine. It knows no clock, no model and no room: values in, values out.

Definitions (DESIGN, The dialogue): the next planned line is known and prepared before the candidate stops; the model
only says whether an answer is complete and phrases one follow-up; what is ready when the reply is due is said.

What becomes of an event is written in the module of its matter: `listening` (what the candidate said), `saying` (lines
and replies), `timing` (silence, time, absence), `noise` (a voice that says nothing), `probing` (judgements), `agenda`
(which question), `trouble`.
"""

from collections.abc import Iterable

from agent.dialogue import listening, noise, probing, saying, timing
from agent.dialogue.actions import FinishQuestion, ShowProgress
from agent.dialogue.context import Context, Windows
from agent.dialogue.events import (
    Began,
    DeadlineReached,
    EngineChanged,
    Event,
    Heard,
    HeardPartial,
    Judged,
    JudgingFailed,
    Left,
    LineEnded,
    LineStarted,
    MicrophoneChanged,
    Resumed,
    SilenceReached,
    SpeechPaused,
    SpeechStarted,
    TimeAdded,
    TimeLeft,
    TimeShort,
    TimeUp,
    TurnEnded,
    VoiceReached,
)
from agent.dialogue.lines import Script
from agent.dialogue.state import DialogueState
from agent.dialogue.step import Step, changed
from interview.session import Stage


class Dialogue:
    """Conducts one plan. `silence_s` is how long to wait before a prompt, `thinking_s` when time was asked for."""

    def __init__(self, script: Script, *, silence_s: float = 12, thinking_s: float = 30) -> None:
        self._script = script
        self._windows = Windows(silence_s, thinking_s)

    def step(self, state: DialogueState, event: Event) -> Step:
        """Return the next state and what is to be done. Events that no longer matter change nothing."""
        if state.stage is Stage.DONE:
            return Step(state)
        after = self._dispatch(Context(self._script, self._windows, event.at_s), state, event)
        finished = (FinishQuestion(question_id=one) for one in after.state.answered if one not in state.answered)
        after = Step(after.state, (*after.actions, *finished))
        shown = self.progress(after.state)
        if shown != self.progress(state):
            after = Step(after.state, (*after.actions, shown))
        return after

    def replay(self, events: Iterable[Event], state: DialogueState | None = None) -> DialogueState:
        """Return the state that these events lead to."""
        state = state or DialogueState()
        for event in events:
            state = self.step(state, event).state
        return state

    def _dispatch(self, here: Context, state: DialogueState, event: Event) -> Step:
        match event:
            case Began():
                begun = changed(state, allowed_s=event.allowed_s)
                return Step(state) if state.lines_said else saying.say(begun, here.script.greeting(begun))
            case Resumed():
                return timing.resumed(here, state, event)
            case Left():
                return timing.left(state)
            case SpeechStarted():
                return noise.started(here, state)
            case SpeechPaused():
                return noise.paused(here, state)
            case VoiceReached():
                return noise.reached(here, state, event)
            case HeardPartial(text=text):
                noticed = noise.words_came(here, state)
                judged = probing.judge_early(here, noticed.state, f"{state.answer} {text}".strip())
                return Step(judged.state, (*noticed.actions, *judged.actions))
            case Heard(typed=typed):
                noticed = Step(state) if typed else noise.words_came(here, state)
                after = listening.heard(here, noticed.state, event)
                return Step(after.state, (*noticed.actions, *after.actions))
            case TurnEnded():
                return listening.turn_ended(here, state)
            case Judged() | JudgingFailed():
                return saying.judged(here, state, event)
            case DeadlineReached(turn=turn):
                return saying.reply(here, state) if state.waiting and turn == state.turn else Step(state)
            case LineStarted(line_id=line_id, at_s=at_s, lasts_s=lasts_s):
                known = state.speaking is not None and state.speaking.line_id == line_id
                return Step(changed(state, speaking_since_s=at_s, speaking_s=lasts_s) if known else state)
            case LineEnded():
                return listening.line_ended(here, state, event)
            case SilenceReached(watch=number):
                return timing.silence(here, noise.over(state)) if number == state.watch else Step(state)
            case _:
                return self._circumstances(here, state, event)

    @staticmethod
    def _circumstances(here: Context, state: DialogueState, event: Event) -> Step:
        """Take in what the candidate did not do: time that passes, microphones and engines that fail."""
        match event:
            case TimeLeft():
                return timing.time_left(here, state, event)
            case TimeShort():
                return timing.time_short(here, state)
            case TimeUp():
                return timing.time_up(here, state)
            case TimeAdded(allowed_s=allowed_s):
                allowed_s = state.allowed_s if allowed_s is None else allowed_s
                return Step(changed(state, allowed_s=allowed_s, time_left="", time_short=False, time_up=False))
            case MicrophoneChanged(microphone=microphone):
                same = microphone is state.microphone
                return Step(state) if same else timing.told(here, changed(state, microphone=microphone))
            case EngineChanged(engine=engine, down=down) if down == (engine in state.down):
                return Step(state)
            case EngineChanged(engine=engine, down=down):
                others = tuple(other for other in state.down if other is not engine)
                now_down = (*others, engine) if down else others
                return timing.told(here, changed(state, down=now_down))
            case _:
                return Step(state)

    def answering(self, state: DialogueState) -> str | None:
        """Return the id of the question under which words belong now; None outside of the questions."""
        return self._script.answering(state)

    def progress(self, state: DialogueState) -> ShowProgress:
        """Say what a page should show in this state."""
        if state.stage in (Stage.CLOSE, Stage.DONE):
            doing = "closing"
        elif state.speaking is not None:
            doing = "speaking"
        else:
            doing = "thinking" if state.waiting else "listening"
        question = self._script.current(state) if state.stage is Stage.QUESTIONS else None
        return ShowProgress(
            stage=state.stage,
            question_id=question.id if question else None,
            question=self._script.wording(state, question).text if question else "",
            line=state.last_line.kind if state.last_line else None,
            answered=len(state.answered),
            total=len(self._script.plan.questions),
            state=doing,
            microphone=state.microphone,
            trouble=state.down,
        )

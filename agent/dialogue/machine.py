"""The dialogue machine. It knows no clock, no model and no room: values in, values out.

Definitions (DESIGN, The dialogue): the next planned line is known and prepared before the candidate stops; the model
only says whether an answer is complete and phrases one follow-up; what is ready when the reply is due is said.
"""

from collections.abc import Iterable
from typing import Any

from agent.dialogue import cues, probing
from agent.dialogue.actions import (
    AwaitDeadline,
    BePatient,
    CancelJudge,
    Close,
    FinishQuestion,
    Hush,
    Line,
    Prepare,
    RecordAnswer,
    Say,
    ShowProgress,
    WatchSilence,
)
from agent.dialogue.cues import Cue
from agent.dialogue.events import (
    Began,
    DeadlineReached,
    Event,
    Heard,
    HeardPartial,
    Judged,
    JudgingFailed,
    Left,
    LineEnded,
    LineStarted,
    Resumed,
    SilenceReached,
    SpeechPaused,
    SpeechStarted,
    TimeAdded,
    TimeShort,
    TimeUp,
    TurnEnded,
)
from agent.dialogue.lines import Script
from agent.dialogue.state import DialogueState, Judgement
from agent.dialogue.step import Step, changed
from interview.session import Stage
from interview.transcript import LineKind

MAX_PROMPTS = 3
"""Gentle prompts into silence before the interview moves on by itself."""

CUT_OFF_S = 1.2
"""A candidate who goes on speaking within this time of a reply's start was cut off: the reply is taken back."""

OWED_S = 1.0
"""A reply that was held back by a sound with no words in it is given after this much silence."""

CLOSE_HEARD_S = 3.0
"""Last words that were cut off before this much of them was heard are said again: nobody is hung up on."""


class Dialogue:
    """Conducts one plan. `silence_s` is how long to wait before a prompt, `thinking_s` when time was asked for."""

    def __init__(self, script: Script, *, silence_s: float = 12, thinking_s: float = 30) -> None:
        self._script = script
        self._silence_s = silence_s
        self._thinking_s = thinking_s

    def step(self, state: DialogueState, event: Event) -> Step:
        """Return the next state and what is to be done. Events that no longer matter change nothing."""
        if state.stage is Stage.DONE:
            return Step(state)
        after = self._dispatch(state, event)
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

    def _dispatch(self, state: DialogueState, event: Event) -> Step:
        match event:
            case Began():
                return self._say(state, self._script.greeting(state)) if not state.lines_said else Step(state)
            case Resumed():
                return self._resumed(changed(state, away=False), event.paused)
            case Left():
                return self._left(state)
            case SpeechStarted():
                # whoever speaks on has not finished: the reply that was due waits for the next end
                owed = state.owed or state.waiting
                quiet = changed(state, candidate_speaking=True, waiting=False, owed=owed)
                return Step(changed(quiet, turn=state.turn + 1, watch=state.watch + 1))
            case SpeechPaused():
                return self._watch(changed(state, candidate_speaking=False))
            case HeardPartial(text=text):
                return probing.judge_early(self._script, state, f"{state.answer} {text}".strip())
            case Heard():
                return self._heard(state, event)
            case TurnEnded():
                return self._turn_ended(state)
            case Judged() | JudgingFailed():
                return self._judged(state, event)
            case DeadlineReached(turn=turn):
                return self._reply(state) if state.waiting and turn == state.turn else Step(state)
            case LineStarted(line_id=line_id, at_s=at_s):
                known = state.speaking is not None and state.speaking.line_id == line_id
                return Step(changed(state, speaking_since_s=at_s) if known else state)
            case LineEnded():
                return self._line_ended(state, event)
            case SilenceReached(watch=watch):
                return self._silence(state) if watch == state.watch else Step(state)
            case TimeShort():
                return Step(changed(state, time_short=True))
            case TimeUp():
                return self._time_up(state)
            case TimeAdded():
                return Step(changed(state, time_short=False, time_up=False))

    # what was heard

    def _heard(self, state: DialogueState, event: Heard) -> Step:
        text = event.text.strip()
        if not text or state.stage is Stage.CLOSE:
            return Step(
                state, (RecordAnswer(stage=state.stage, question_id=self._script.answering(state)),) if text else ()
            )
        if self._spoke_on(state, event):
            return self._take_back(state, event)
        since_s = state.speaking_since_s
        if state.before and state.before.last_line and since_s is not None and event.ended_s <= since_s:
            # words from before the reply that were recognised late: they belong to what was asked then
            before = state.before
            return Step(state, (RecordAnswer(stage=before.stage, question_id=self._script.answering(before)),))
        state = changed(
            state,
            answer=f"{state.answer} {text}".strip() if state.stage is Stage.QUESTIONS else state.answer,
            latest=f"{state.latest} {text}".strip(),
            prompts=0,
            thinking=False,
        )
        record = RecordAnswer(stage=state.stage, question_id=self._script.answering(state))
        judged = probing.judge_whole(self._script, state)
        return Step(judged.state, (record, *judged.actions))

    @staticmethod
    def _spoke_on(state: DialogueState, event: Heard) -> bool:
        """Tell whether these words show that the latest reply came before the candidate had finished."""
        if state.before is None or state.before.last_line is None:
            return False
        if state.speaking_since_s is None:
            return state.speaking is not None  # nothing of the reply was heard yet
        return (
            not event.typed
            and event.ended_s > state.speaking_since_s
            and event.started_s < state.speaking_since_s + CUT_OFF_S
        )

    def _take_back(self, state: DialogueState, event: Heard | None = None) -> Step:
        """Go back to before the latest reply, as if it had not begun; counters never go back.

        The reply is owed: it comes when the candidate has finished, or after a short silence.
        """
        before = state.before or state
        spoke_on = event is not None and not event.typed
        hush = (Hush(line_id=state.speaking.line_id),) if state.speaking else ()
        back = changed(
            before,
            lines_said=state.lines_said,
            turn=state.turn + 1,
            watch=state.watch + 1,
            cut_offs=state.cut_offs + spoke_on,
            judge_id=state.judge_id,
            judging_words=None,
            candidate_speaking=state.candidate_speaking,
            waiting=False,
            owed=True,
        )
        heard = self._heard(back, event) if event else Step(back)
        watched = self._watch(heard.state)
        patience = (BePatient(cut_offs=back.cut_offs),) if spoke_on else ()
        return Step(watched.state, (*hush, *heard.actions, *watched.actions, *patience))

    def _turn_ended(self, state: DialogueState) -> Step:
        if not state.latest or state.stage is Stage.CLOSE:
            return Step(state)
        state = changed(state, turn=state.turn + 1, candidate_speaking=False, owed=False)
        if state.away:
            return Step(state)  # what they said last is answered when they are back
        if state.time_up:
            return self._close_for_time(state)
        if state.last_line and state.last_line.kind is LineKind.GREETING and state.before:
            # a hello over the greeting: the warm-up question at its end was not heard
            return self._say(state, self._script.warm_up(state))
        cue = cues.read(state.latest)
        request = {"latest": "", "answer": state.answer.removesuffix(state.latest).rstrip(), "judgement": None}
        if cue is Cue.REPEAT:
            return self._say(state, self._script.repeat(state), **request)
        if cue is Cue.THINKING:
            return self._say(state, self._script.thinking(state), **request, thinking=True)
        if cue is Cue.LISTENING and state.stage is not Stage.CANDIDATE_QUESTIONS and not request["answer"]:
            if state.before and state.last_line:
                return self._say(state, self._script.again(state.last_line, state), **request)
            return self._watch(changed(state, **request))
        if state.stage is Stage.CANDIDATE_QUESTIONS:
            lead = None if cue is Cue.NOTHING_TO_ADD else "noted"
            return self._say(state, self._script.closing(state, lead))
        if state.stage is not Stage.QUESTIONS:
            return self._say_planned(state)
        if cue is Cue.SKIP:
            return self._say_planned(changed(state, answer=request["answer"]), "skipped")
        if cue is Cue.DONT_KNOW:
            return self._say_planned(state, "dont_know")
        if not probing.may_follow_up(self._script, state) or probing.has_read_all(state):
            return self._reply(state)
        judged = probing.judge_whole(self._script, state)
        waiting = changed(judged.state, waiting=True)
        return Step(waiting, (*judged.actions, AwaitDeadline(turn=waiting.turn)))

    # judging

    def _judged(self, state: DialogueState, event: Judged | JudgingFailed) -> Step:
        if event.judge_id != state.judge_id or state.judging_words is None:
            return Step(state)  # nobody waits for it any more, and the question may be another one
        state = changed(state, judging_words=None)
        if isinstance(event, Judged):
            state = changed(
                state,
                judgement=Judgement(complete=event.complete, follow_up=event.follow_up.strip(), words=event.words),
            )
            text = state.judgement.follow_up if state.judgement else ""
            if not state.waiting and text and not event.complete:
                return Step(state, (Prepare(text=self._script.follow_up(state, text).text),))
        return self._reply(state) if state.waiting else Step(state)

    # replies

    def _reply(self, state: DialogueState) -> Step:
        """Say what is ready: the follow-up if it is, else the planned line."""
        judgement = probing.usable(state)
        if judgement and not judgement.complete and judgement.follow_up and probing.may_follow_up(self._script, state):
            line = self._script.follow_up(state, judgement.follow_up)
            return self._say(state, line, follow_ups=(*state.follow_ups, judgement.follow_up))
        return self._say_planned(state)

    def _say_planned(self, state: DialogueState, lead: str | None = None) -> Step:
        line = self._script.planned(state, lead)
        changes: dict[str, Any] = {"stage": line.stage}
        if state.stage is Stage.QUESTIONS and state.answer:
            changes["answered"] = (*state.answered, self._script.answering(state))
        if line.kind is LineKind.QUESTION:
            changes |= {"question_index": state.question_index + 1, "follow_ups": (), "answer": ""}
        elif line.kind is LineKind.INVITE_QUESTIONS:
            left = self._script.plan.questions[state.question_index + 1 :]
            changes |= {"unasked": tuple(question.id for question in left), "answer": ""}
        return self._say(state, line, **changes)

    def _say(self, state: DialogueState, line: Line, **changes: Any) -> Step:
        cancel = (CancelJudge(),) if state.judging_words is not None else ()
        keeps_asking = line.kind in (LineKind.REPEAT, LineKind.PROMPT, LineKind.ACKNOWLEDGEMENT, LineKind.NOTICE)
        said: dict[str, Any] = {
            "before": state.without_past(),
            "stage": line.stage,
            "speaking": line,
            "speaking_since_s": None,
            "last_line": line,
            "lines_said": state.lines_said + 1,
            "latest": state.latest if keeps_asking else "",
            "waiting": False,
            "owed": False,
            "judging_words": None,
            "judgement": state.judgement if keeps_asking else None,
            "watch": state.watch + 1,
        }
        after = changed(state, **(said | changes))
        return Step(after, (*cancel, Say(line=line)))

    def _line_ended(self, state: DialogueState, event: LineEnded) -> Step:
        if state.speaking is None or state.speaking.line_id != event.line_id:
            return Step(state)
        if state.speaking.kind is LineKind.CLOSE:
            return self._close_ended(state, event)
        if event.interrupted and state.speaking_since_s is None and state.before and state.before.last_line:
            # nothing of it was heard, so it was not said
            return self._take_back(changed(state, speaking=None))
        # the past is kept after an interruption: words that were cut off may still be on their way
        past = state.before if event.interrupted else None
        state = changed(state, speaking=None, before=past)
        watched = self._watch(state)
        likely = [self._script.planned(state)]
        if state.stage is Stage.CANDIDATE_QUESTIONS:
            likely.append(self._script.closing(state))
        return Step(watched.state, (*watched.actions, *(Prepare(text=line.text) for line in likely)))

    def _close_ended(self, state: DialogueState, event: LineEnded) -> Step:
        since_s = state.speaking_since_s
        unheard = since_s is None or event.at_s - since_s < CLOSE_HEARD_S
        if event.interrupted and unheard and not state.close_cut and not state.away:
            # they had not finished: the last words come again when they have
            return self._watch(changed(state, speaking=None, before=None, owed=True, close_cut=True))
        return self._over(state)

    @staticmethod
    def _over(state: DialogueState) -> Step:
        return Step(changed(state, speaking=None, stage=Stage.DONE, before=None), (Close(reason="completed"),))

    # silence, time, going and coming back

    def _watch(self, state: DialogueState) -> Step:
        if state.speaking is not None or state.candidate_speaking or state.away:
            return Step(state)
        state = changed(state, watch=state.watch + 1)
        after_s = self._thinking_s if state.thinking else self._silence_s
        if state.owed:
            after_s = OWED_S
        return Step(state, (WatchSilence(watch=state.watch, after_s=after_s),))

    def _silence(self, state: DialogueState) -> Step:
        if state.speaking is not None or state.candidate_speaking or state.stage is Stage.NOT_STARTED:
            return Step(state)
        if state.stage is Stage.CLOSE:
            return self._say(state, self._script.closing(state))
        if state.latest:
            return self._turn_ended(state)  # words were heard, but their end was missed
        if state.time_up:
            return self._close_for_time(state)
        if state.prompts < MAX_PROMPTS:
            line = self._script.prompt(state)
            return self._say(state, line, prompts=state.prompts + 1, thinking=False)
        if state.stage is Stage.CANDIDATE_QUESTIONS:
            return self._say(state, self._script.closing(state))
        return self._say_planned(changed(state, prompts=0), "skipped" if state.stage is Stage.QUESTIONS else None)

    def _time_up(self, state: DialogueState) -> Step:
        if state.stage is Stage.CLOSE:
            # somebody who has talked over the last words since the time was up is not waited for any longer
            return self._over(state) if state.time_up and state.speaking is None else Step(changed(state, time_up=True))
        if state.candidate_speaking and not state.time_up:
            # nobody is stopped in mid-sentence: the close follows their turn, at the latest with the next `TimeUp`
            return Step(changed(state, time_short=True, time_up=True, owed=True))
        return self._close_for_time(changed(state, time_up=True))

    def _close_for_time(self, state: DialogueState) -> Step:
        asked = state.question_index + 1
        unasked = tuple(question.id for question in self._script.plan.questions[asked:])
        answered = state.answered
        question_id = self._script.answering(state)
        if state.stage is Stage.QUESTIONS and state.answer and question_id:
            answered = (*answered, question_id)
        return self._say(state, self._script.closing(state, "time_up"), unasked=unasked, answered=answered)

    def _left(self, state: DialogueState) -> Step:
        if state.stage is Stage.CLOSE and state.speaking is None:
            return self._over(state)
        owed = state.owed or state.waiting
        gone = changed(state, away=True, candidate_speaking=False, waiting=False, owed=owed)
        return Step(changed(gone, turn=state.turn + 1, watch=state.watch + 1))

    def _resumed(self, state: DialogueState, paused: bool) -> Step:
        if not state.lines_said:
            return self._say(state, self._script.greeting(state))
        if state.stage is Stage.CLOSE:
            return self._say(state, self._script.closing(state))
        state = changed(state, candidate_speaking=False, waiting=False, judging_words=None, before=None)
        return self._say(state, self._script.resumed(state, paused))

    # what is shown

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
            question=question.text if question else "",
            line=state.last_line.kind if state.last_line else None,
            answered=len(state.answered),
            total=len(self._script.plan.questions),
            state=doing,
        )

"""What the candidate said: storing it, telling a request from an answer, and taking back a reply that came too soon."""

from typing import Any

from agent.dialogue import agenda, cues, probing, saying
from agent.dialogue.actions import AwaitDeadline, BePatient, RecordAnswer
from agent.dialogue.context import Context
from agent.dialogue.cues import Cue
from agent.dialogue.events import Heard, LineEnded
from agent.dialogue.saying import KEEP_ASKING, answered, close, reply, say, say_planned, taken_back
from agent.dialogue.state import DialogueState
from agent.dialogue.step import Step, changed
from agent.dialogue.watching import watch
from interview.engines import EngineKind
from interview.instructions import has_instruction
from interview.session import Stage
from interview.transcript import LineKind

CUT_OFF_S = 1.2
"""A candidate who goes on speaking within this time of a reply's start was cut off: the reply is taken back."""

UNHEARD_S = 2.0
"""The same of a new question, of which nobody has heard enough by then to answer it: it begins with a few words of
thanks. What is said over it would be taken for its answer, and it would not be asked again."""

_LAST_MOMENTS_S = 0.4
"""Of a question: whoever begins to speak in them answers it."""

_REQUESTS = frozenset(Cue) - {Cue.DONT_KNOW, Cue.NOTHING_TO_ADD, Cue.LISTENING, Cue.HELLO}
"""What is asked of the interviewer over a question is about that question."""

_REPEATS = {
    Cue.REPEAT: "repeat",
    Cue.REPHRASE: "rephrase",
    Cue.MEANING: "meaning",
    Cue.SLOWER: "repeat",
    Cue.LOUDER: "repeat",
    Cue.CANT_HEAR: "repeat",
}
"""Requests that are met by the question again, and the catalogue entry that leads to it."""


def heard(here: Context, state: DialogueState, event: Heard) -> Step:
    """Take in a final segment of what was said or typed."""
    text = event.text.strip()
    if state.returned_s is not None and (event.typed or event.ended_s > state.returned_s):
        state = changed(state, returned_s=None)
    if not text:
        return Step(state)
    if state.stage is Stage.CLOSE:
        # nobody is asked any more: words of an answer that the close came after, or into, are that answer's
        asked = state.before if state.before and not event.typed and _before_the_close(state, event) else state
        return Step(state, (_record(here, asked, text),))
    moved_on = state.before is not None and not _asks_the_same(here, state, state.before)
    answered = moved_on and state.latest  # typed, since the line began: it is recorded under the new question
    if not answered and _spoke_on(here, state, event):
        return _take_back(here, state, event)
    since_s = state.speaking_since_s
    if moved_on and state.before and state.before.last_line and since_s is not None and event.ended_s <= since_s:
        # words from before the reply that were recognised late: they belong to what was asked then
        before = _with_words(state.before, text)
        return Step(changed(state, before=before, late=True), (_record(here, before, text),))
    ahead = state.typed_ahead or (event.typed and state.greets)
    state = changed(_with_words(state, text), prompts=0, thinking=False, spoke_on=state.owed, typed_ahead=ahead)
    judged = probing.judge_whole(here, state)
    return Step(judged.state, (_record(here, state, text), *judged.actions))


def _before_the_close(state: DialogueState, event: Heard) -> bool:
    since_s = state.speaking_since_s
    return since_s is None or event.started_s < since_s + CUT_OFF_S


def _with_words(state: DialogueState, text: str) -> DialogueState:
    answer = f"{state.answer} {text}".strip() if state.stage is Stage.QUESTIONS else state.answer
    return changed(state, answer=answer, latest=f"{state.latest} {text}".strip())


def _asks_the_same(here: Context, state: DialogueState, before: DialogueState) -> bool:
    """Tell whether the latest line left open what was open before it."""
    line = state.last_line
    return line is not None and line.kind in KEEP_ASKING and line.question_id == here.script.answering(before)


def _record(here: Context, state: DialogueState, text: str) -> RecordAnswer:
    return RecordAnswer(
        stage=state.stage, question_id=here.script.answering(state), instructs=bool(text) and has_instruction(text)
    )


def _spoke_on(here: Context, state: DialogueState, event: Heard) -> bool:
    """Tell whether these words show that the latest reply came before the candidate had finished."""
    if state.before is None or state.before.last_line is None:
        return False
    if state.speaking_since_s is None:
        return state.speaking is not None  # nothing of the reply was heard yet
    return (
        not event.typed
        and event.ended_s > state.speaking_since_s
        and event.started_s < state.speaking_since_s + _taken_back_within_s(here, state, event)
    )


def _taken_back_within_s(here: Context, state: DialogueState, event: Heard) -> float:
    asks = state.last_line is not None and state.last_line.kind in (LineKind.QUESTION, LineKind.FOLLOW_UP)
    if not asks or state.speaking_s is None or cues.read(event.text, here.script.language) in _REQUESTS:
        return CUT_OFF_S
    return max(CUT_OFF_S, min(UNHEARD_S, state.speaking_s - _LAST_MOMENTS_S))


def _take_back(here: Context, state: DialogueState, event: Heard) -> Step:
    # a notice tells of a fault of ours: whoever speaks into it was not cut off by being taken for finished
    cut_off = not event.typed and not (state.last_line and state.last_line.kind is LineKind.NOTICE)
    back, hush = taken_back(state, cut_off=cut_off)
    words = heard(here, back, event)
    watched = watch(here, words.state)
    patience = (BePatient(cut_offs=back.cut_offs),) if cut_off else ()
    return Step(watched.state, (*hush, *words.actions, *watched.actions, *patience))


def turn_ended(here: Context, state: DialogueState) -> Step:
    """Answer what was said since the interviewer last spoke."""
    if not state.latest or state.stage is Stage.CLOSE or state.returned_s is not None:
        return Step(state)
    if state.typed_ahead and state.greets:
        return Step(state)  # who reads along is not greeted any less: see `line_ended`
    state = changed(state, turn=state.turn + 1, candidate_speaking=False, owed=False, spoke_on=False)
    if state.away:
        return Step(state)  # what they said last is answered when they are back
    if state.time_up:
        return close(here, state, "time_up")
    if state.last_line and state.last_line.kind is LineKind.GREETING and state.before and not state.typed_ahead:
        # a hello over the greeting: the warm-up question at its end was not heard
        return say(state, here.script.warm_up(state))
    request = {"latest": "", "answer": state.answer.removesuffix(state.latest).rstrip(), "judgement": None}
    if state.ending:
        if cues.agrees(state.latest, here.script.language):
            return close(here, changed(state, **request), "stopped")
        return say(state, here.script.repeat(state, "carry_on"), **request)
    cue = cues.read(state.latest, here.script.language)
    asked_for = _requested(here, state, cue, request) if cue else None
    if asked_for is not None:
        return asked_for
    if cue is None and has_instruction(state.latest) and not request["answer"] and _is_short(state.latest):
        return say(state, here.script.repeat(state, "only_asks"), **request)
    return _answered(here, state, cue, request)


def line_ended(here: Context, state: DialogueState, event: LineEnded) -> Step:
    """Go on after a line; what was typed while the greeting was being said is answered now, or after who speaks."""
    after = saying.line_ended(here, state, event)
    busy = after.state.speaking is not None or after.state.candidate_speaking
    if not state.typed_ahead or not after.state.typed_ahead or busy:
        return after
    replied = turn_ended(here, after.state)
    return Step(replied.state, (*after.actions, *replied.actions))


def _requested(here: Context, state: DialogueState, cue: Cue, request: dict[str, Any]) -> Step | None:
    """Meet a request; None where it is none in this place, but an answer."""
    if cue in _REPEATS:
        return say(state, here.script.repeat(state, _REPEATS[cue]), **request)
    match cue:
        case Cue.THINKING:
            return say(state, here.script.thinking(state), **request, thinking=True)
        case Cue.HELLO:
            if state.typed_ahead:
                return watch(here, changed(state, **request, typed_ahead=False))  # it was greeted back meanwhile
            if request["answer"]:
                return say(state, here.script.notice(state, "here_go_on"), **request)
            return say(state, here.script.repeat(state, "here"), **request)
        case Cue.END_INTERVIEW:
            return say(state, here.script.notice(state, "stop"), **request, ending=True)
        case Cue.LISTENING if state.stage is not Stage.CANDIDATE_QUESTIONS and not request["answer"]:
            if state.before and state.last_line:
                return say(state, here.script.again(state.last_line, state), **request)
            return watch(here, changed(state, **request))
        case Cue.COME_BACK_LATER if state.stage is Stage.QUESTIONS:
            return _postpone(here, state, changed(state, **request))
    return None


def _postpone(here: Context, asked: DialogueState, state: DialogueState) -> Step:
    """Go on to the next question and come back to this one at the end; where there is no other, give time instead."""
    question_id = state.question_id or ""
    later = changed(state, postponed=(*state.postponed, question_id), answered=answered(here, state), answer="")
    coming = agenda.upcoming(here.script.plan, later, here.at_s)
    if coming.again or state.time_short:
        return say(state, here.script.thinking(state, "last_one"), thinking=True)
    after = say_planned(here, later, "postponed")
    # taken back, the request stands again as it was made
    return Step(changed(after.state, before=asked.without_past()), after.actions)


def _answered(here: Context, state: DialogueState, cue: Cue | None, request: dict[str, Any]) -> Step:
    if state.stage is Stage.CANDIDATE_QUESTIONS:
        return close(here, state, None if cue is Cue.NOTHING_TO_ADD else "noted")
    if state.stage is not Stage.QUESTIONS:
        return say_planned(here, state)
    if cue is Cue.SKIP:
        return say_planned(here, changed(state, answer=request["answer"]), "skipped")
    if cue is Cue.DONT_KNOW:
        return say_planned(here, state, "dont_know")
    if not probing.may_follow_up(here, state) or probing.has_read_all(state) or EngineKind.LLM in state.down:
        return reply(here, state)
    judged = probing.judge_whole(here, state)
    waiting = changed(judged.state, waiting=True)
    return Step(waiting, (*judged.actions, AwaitDeadline(turn=waiting.turn)))


def _is_short(text: str) -> bool:
    return cues.words(text) <= cues.LONGEST_REQUEST_WORDS

"""Saying a line, and what follows when it has been said."""

from typing import Any

from agent.dialogue import agenda, judgements, probing
from agent.dialogue.actions import CancelJudge, Close, Hush, Line, Prepare, Say
from agent.dialogue.context import Context
from agent.dialogue.events import Judged, JudgingFailed, LineEnded
from agent.dialogue.state import DialogueState, Judgement
from agent.dialogue.step import Step, changed
from agent.dialogue.trouble import notice_due
from agent.dialogue.watching import watch
from interview.session import Stage
from interview.transcript import LineKind

CLOSE_HEARD_S = 3.0
"""Last words that were cut off before this much of them was heard are said again when the candidate has finished."""

KEEP_ASKING = frozenset({LineKind.REPEAT, LineKind.PROMPT, LineKind.ACKNOWLEDGEMENT, LineKind.NOTICE})
"""Kinds of lines after which the same question is open as before."""


def say(state: DialogueState, line: Line, **changes: Any) -> Step:
    """Say the line; `changes` is what else is different from now on."""
    cancel = (CancelJudge(),) if state.judging_words is not None else ()
    line = line.model_copy(update={"through": True}) if state.noise else line
    keeps_asking = line.kind in KEEP_ASKING
    said: dict[str, Any] = {
        "before": state.without_past(),
        "stage": line.stage,
        "speaking": line,
        "speaking_since_s": None,
        "speaking_s": None,
        "late": False,
        "last_line": line,
        "lines_said": state.lines_said + 1,
        "latest": state.latest if keeps_asking else "",
        "waiting": False,
        "owed": False,
        "spoke_on": False,
        "ending": False,
        "typed_ahead": False,
        "judging_words": None,
        "judgement": state.judgement if keeps_asking else None,
        "watch": state.watch + 1,
    }
    return Step(changed(state, **(said | changes)), (*cancel, Say(line=line)))


def say_planned(here: Context, state: DialogueState, lead: str | None = None) -> Step:
    """Say the next question, or what follows the last; `lead` names the catalogue entry that leads over."""
    if state.stage is Stage.CANDIDATE_QUESTIONS:
        return say(state, here.script.closing(state, lead or "noted"))
    coming = agenda.upcoming(here.script.plan, state, here.at_s)
    line = here.script.asking(state, coming, lead)
    changes: dict[str, Any] = {"answered": answered(here, state), "unasked": (*state.unasked, *coming.left_out)}
    changes |= {"answer": "", "latest": "", "judgement": None, "time_left": ""}
    if coming.question is not None:
        since_s = here.at_s if state.questions_since_s is None else state.questions_since_s
        changes |= {"question_id": coming.question.id, "follow_ups": (), "question_since_s": here.at_s}
        changes |= {"questions_since_s": since_s, "judged": judgements.so_far(state)}
        wording = here.script.wording(state, coming.question)
        changes["wordings"] = {**state.wordings, coming.question.id: wording}
        if coming.again:
            changes["postponed"] = tuple(id for id in state.postponed if id != coming.question.id)
        else:
            changes["asked"] = (*state.asked, coming.question.id)
    return say(state, line, **changes)


def reply(here: Context, state: DialogueState) -> Step:
    """Say what is ready: the follow-up if it is, else the planned line."""
    judgement = judgements.usable(state)
    if judgement and not judgement.complete and judgement.follow_up and probing.may_follow_up(here, state):
        line = here.script.follow_up(state, judgement.follow_up)
        follow_ups = (*state.follow_ups, judgement.follow_up)
        return say(state, line, follow_ups=follow_ups, judged=judgements.so_far(state))
    return say_planned(here, state)


def judged(here: Context, state: DialogueState, event: Judged | JudgingFailed) -> Step:
    """Take in what the model says of the answer; a reply that waits for it is given."""
    if event.judge_id != state.judge_id or state.judging_words is None:
        return Step(state)  # nobody waits for it any more, and the question may be another one
    state = changed(state, judging_words=None)
    if isinstance(event, Judged):
        judgement = Judgement(complete=event.complete, follow_up=event.follow_up.strip(), words=event.words)
        state = changed(state, judgement=judgement)
        if not state.waiting and judgement.follow_up and not event.complete:
            return Step(state, (Prepare(text=here.script.follow_up(state, judgement.follow_up).text),))
        if not state.waiting and here.script.plan.adaptive:
            return Step(state, prepare(here, state))  # the next question may be worded otherwise now
    return reply(here, state) if state.waiting else Step(state)


def close(here: Context, state: DialogueState, lead: str | None = None) -> Step:
    """Say the last words, wherever the interview stands."""
    known = {*state.asked, *state.unasked}
    left = tuple(question.id for question in here.script.plan.questions if question.id not in known)
    line = here.script.closing(state, lead)
    return say(state, line, unasked=(*state.unasked, *left), answered=answered(here, state))


def answered(here: Context, state: DialogueState) -> tuple[str, ...]:
    """Return the ids of the answered questions, with the present one where something was said on it."""
    question_id = here.script.answering(state)
    if question_id is None or not state.answer or question_id in state.answered:
        return state.answered
    return (*state.answered, question_id)


def line_ended(here: Context, state: DialogueState, event: LineEnded) -> Step:
    """Go on after a line: wait for the answer, and have ready what may come next."""
    if state.speaking is None or state.speaking.line_id != event.line_id:
        return Step(state)
    if state.speaking.kind is LineKind.CLOSE:
        return _close_ended(here, state, event)
    stopped_by_nobody = state.late and not state.candidate_speaking
    unheard = state.speaking_since_s is None or stopped_by_nobody
    if event.interrupted and unheard and state.before and state.before.last_line:
        # nothing of it was heard, or nobody spoke into it: it was not said
        back, hush = taken_back(changed(state, speaking=None))
        watched = watch(here, back)
        return Step(watched.state, (*hush, *watched.actions))
    if event.interrupted and _stopped_by_turn_before_leaving(state, state.speaking):
        return say(state, state.speaking.model_copy(update={"line_id": state.lines_said}))
    # the past is kept after an interruption: words that were cut off may still be on their way
    past = state.before if event.interrupted else None
    state = changed(state, speaking=None, before=past)
    if notice := notice_due(state):
        key, told = notice
        return say(state, here.script.notice(state, key), told=told, ending=state.ending)
    watched = watch(here, state)
    return Step(watched.state, (*watched.actions, *prepare(here, watched.state)))


def _stopped_by_turn_before_leaving(state: DialogueState, line: Line) -> bool:
    """Tell whether what somebody is told who is back was stopped by the end of what they said before they left.

    The framework may notice that end only now. Nobody who is back has spoken into the line; it is said once more.
    """
    again = state.before is not None and state.before.last_line is not None and state.before.last_line.text == line.text
    spoken_into = state.returned_s is None or state.candidate_speaking
    return not (spoken_into or again or state.away)


def prepare(here: Context, state: DialogueState) -> tuple[Prepare, ...]:
    """Have ready what is said next when nothing is probed."""
    likely = [here.script.planned(state, here.at_s)]
    if state.stage is Stage.CANDIDATE_QUESTIONS:
        likely.append(here.script.closing(state))
    return tuple(Prepare(text=line.text, shared=line.shared) for line in likely)


def taken_back(state: DialogueState, *, cut_off: bool = False) -> tuple[DialogueState, tuple[Hush, ...]]:
    """Go back to before the latest reply, as if it had not begun; counters never go back.

    The reply is owed: it comes when the candidate has finished, or after a short silence.
    """
    before = state.before or state
    hush = (Hush(line_id=state.speaking.line_id),) if state.speaking else ()
    back = changed(
        before,
        lines_said=state.lines_said,
        turn=state.turn + 1,
        watch=state.watch + 1,
        cut_offs=state.cut_offs + cut_off,
        judge_id=state.judge_id,
        judging_words=None,
        candidate_speaking=state.candidate_speaking,
        voice=state.voice,
        voice_since_s=state.voice_since_s,
        quiet_since_s=state.quiet_since_s,
        noise=state.noise,
        waiting=False,
        owed=True,
        allowed_s=state.allowed_s,
        time_short=state.time_short,
        time_up=state.time_up,
        microphone=state.microphone,
        down=state.down,
    )
    return back, hush


def over(state: DialogueState) -> Step:
    """End the interview."""
    return Step(changed(state, speaking=None, stage=Stage.DONE, before=None), (Close(reason="completed"),))


def _close_ended(here: Context, state: DialogueState, event: LineEnded) -> Step:
    since_s = state.speaking_since_s
    heard = since_s is not None and event.at_s - since_s >= CLOSE_HEARD_S
    if not event.interrupted or state.close_cut or state.away:
        return over(state)
    # they had not finished, or have one thing more to say: nobody is hung up on in mid-sentence
    cut = changed(state, speaking=None, before=None, owed=True, close_cut=True, close_heard=heard, spoke_on=heard)
    return watch(here, cut)

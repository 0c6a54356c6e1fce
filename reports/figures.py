"""Measurements of a talk, computed from its turns. Pure."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from interview.plan import Plan
from interview.session import Stage
from interview.transcript import LineKind, Speaker, Turn, TurnKind
from reports.content import Figures, QuestionFigures, Spread, StageFigures
from reports.words import total_words

_AWAITS_ANSWER = frozenset(
    {
        LineKind.WARM_UP,
        LineKind.QUESTION,
        LineKind.FOLLOW_UP,
        LineKind.REPEAT,
        LineKind.PROMPT,
        LineKind.INVITE_QUESTIONS,
    }
)

SILENCE_S = 3.0
"""From so long on, quiet between two turns is called a silence."""
_MIN_SPEECH_S = 1.0
"""Of less speech there is no pace."""

Span = tuple[datetime, datetime]
"""From and to."""


def figures(
    plan: Plan, turns: Sequence[Turn], duration_s: float, zero: datetime | None = None, pauses: Sequence[Span] = ()
) -> Figures:
    """Measure a talk of `duration_s`. Typed messages count as words, not as speaking time.

    Stages count from `zero`, or else from the first turn; what lies in `pauses` is no silence.
    """
    ordered = sorted(turns, key=lambda turn: (turn.started_at, turn.seq))
    candidate = by(Speaker.CANDIDATE, ordered)
    interviewer = by(Speaker.INTERVIEWER, ordered)
    candidate_s, interviewer_s = speaking_s(candidate), speaking_s(interviewer)
    both_s = candidate_s + interviewer_s
    questions = tuple(_of_question(question.id, ordered) for question in plan.questions)
    answered = [question for question in questions if question.answer_words]
    return Figures(
        candidate_s=candidate_s,
        interviewer_s=interviewer_s,
        silence_s=round(max(duration_s - speaking_s(ordered), 0.0), 3),
        candidate_share=round(candidate_s / both_s, 4) if both_s else None,
        candidate_words=total_words(turn.text for turn in candidate),
        answer_s=spread(question.candidate_s for question in answered),
        answer_words=spread(float(question.answer_words) for question in answered),
        interviewer_delay_s=spread(reply_delays_s(ordered)),
        candidate_delay_s=spread(_candidate_delays_s(ordered)),
        interviewer_interrupted=sum(turn.interrupted for turn in interviewer),
        candidate_interrupted=sum(turn.interrupted for turn in candidate),
        follow_ups=count(LineKind.FOLLOW_UP, interviewer),
        repeats=count(LineKind.REPEAT, interviewer),
        prompts=count(LineKind.PROMPT, interviewer),
        by_question=questions,
        by_stage=_by_stage(ordered, zero),
        overlap_s=round(max(both_s - speaking_s(ordered), 0.0), 3),
        silences_s=spread(_silences_s(ordered, pauses)),
        words_per_min=_pace(candidate),
    )


def by(speaker: Speaker, turns: Iterable[Turn]) -> list[Turn]:
    """Return the turns of one side."""
    return [turn for turn in turns if turn.speaker is speaker]


def count(line: LineKind, turns: Iterable[Turn]) -> int:
    """Count the interviewer's turns that were for `line`."""
    return sum(turn.line is line for turn in turns)


def speaking_s(turns: Iterable[Turn]) -> float:
    """Return for how many seconds somebody spoke in `turns`: overlaps count once."""
    spoken = sorted((turn.started_at, turn.ended_at) for turn in turns if turn.kind is TurnKind.SPOKEN)
    total_s = 0.0
    until: datetime | None = None
    for start, end in spoken:
        begin = start if until is None else max(start, until)
        total_s += max((end - begin).total_seconds(), 0.0)
        until = end if until is None else max(end, until)
    return round(total_s, 3)


def reply_delays_s(turns: Sequence[Turn]) -> list[float]:
    """Return the seconds from each end of the candidate's speech to the interviewer's reply.

    The delay that the interviewer measured is taken where there is one. Prompts after silence are no
    replies, and a reply that began before the candidate had ended has no delay.
    """
    delays_s: list[float] = []
    for before, turn in pairwise(turns):
        if before.speaker is not Speaker.CANDIDATE or turn.speaker is not Speaker.INTERVIEWER:
            continue
        if turn.line is LineKind.PROMPT:
            continue
        if turn.latency and turn.latency.reply_s is not None:
            delays_s.append(turn.latency.reply_s)
        else:
            delays_s.append((turn.started_at - before.ended_at).total_seconds())
    return [delay for delay in delays_s if delay >= 0]


def _candidate_delays_s(turns: Sequence[Turn]) -> list[float]:
    delays_s = [
        (turn.started_at - before.ended_at).total_seconds()
        for before, turn in pairwise(turns)
        if before.line in _AWAITS_ANSWER and turn.speaker is Speaker.CANDIDATE and turn.kind is TurnKind.SPOKEN
    ]
    return [delay for delay in delays_s if delay >= 0]


def _silences_s(turns: Sequence[Turn], pauses: Sequence[Span]) -> list[float]:
    """Return the seconds of each quiet stretch between turns, without what lies in pauses."""
    silences_s: list[float] = []
    until: datetime | None = None
    for turn in turns:
        if until is not None and turn.started_at > until:
            quiet_s = (turn.started_at - until).total_seconds()
            quiet_s -= sum(_shared_s((until, turn.started_at), pause) for pause in pauses)
            silences_s.append(quiet_s)
        until = turn.ended_at if until is None else max(until, turn.ended_at)
    return [quiet_s for quiet_s in silences_s if quiet_s >= SILENCE_S]


def _shared_s(one: Span, other: Span) -> float:
    return max((min(one[1], other[1]) - max(one[0], other[0])).total_seconds(), 0.0)


def _pace(candidate: Sequence[Turn]) -> float | None:
    spoken = [turn for turn in candidate if turn.kind is TurnKind.SPOKEN]
    spoke_s = speaking_s(spoken)
    return round(60 * total_words(turn.text for turn in spoken) / spoke_s, 1) if spoke_s >= _MIN_SPEECH_S else None


def _by_stage(turns: Sequence[Turn], zero: datetime | None) -> tuple[StageFigures, ...]:
    """Measure each stage; the last one ends with its last turn. A stage that comes again goes on with its first."""
    began: dict[Stage, datetime] = {}
    for turn in turns:
        began.setdefault(turn.stage, turn.started_at)
    if not began:
        return ()
    zero = zero or turns[0].started_at
    ends = [*list(began.values())[1:], max(turn.ended_at for turn in turns)]
    return tuple(
        StageFigures(
            stage=stage,
            start_s=round((start - zero).total_seconds(), 3),
            total_s=round(max((end - start).total_seconds(), 0.0), 3),
            candidate_s=speaking_s(turn for turn in by(Speaker.CANDIDATE, turns) if turn.stage is stage),
            interviewer_s=speaking_s(turn for turn in by(Speaker.INTERVIEWER, turns) if turn.stage is stage),
        )
        for (stage, start), end in zip(began.items(), ends, strict=True)
    )


def replaced_at(turns: Sequence[Turn]) -> list[datetime]:
    """Return when the first words of each further interviewer came: those of a higher attempt than any before."""
    found: list[datetime] = []
    latest: int | None = None
    for turn in by(Speaker.INTERVIEWER, turns):
        if latest is not None and turn.attempt > latest:
            found.append(turn.started_at)
        latest = turn.attempt if latest is None else max(latest, turn.attempt)
    return found


def _first_delay_s(own: Sequence[Turn]) -> float | None:
    return next(iter(_candidate_delays_s(own)), None)


def _of_question(question_id: str, turns: Sequence[Turn]) -> QuestionFigures:
    own = [turn for turn in turns if turn.question_id == question_id]
    candidate, interviewer = by(Speaker.CANDIDATE, own), by(Speaker.INTERVIEWER, own)
    first, last = (
        min((turn.started_at for turn in own), default=None),
        max((turn.ended_at for turn in own), default=None),
    )
    delay_s = _first_delay_s(own)
    return QuestionFigures(
        question_id=question_id,
        total_s=round((last - first).total_seconds(), 3) if first and last else 0,
        candidate_delay_s=None if delay_s is None else round(delay_s, 3),
        candidate_s=speaking_s(candidate),
        interviewer_s=speaking_s(interviewer),
        answer_words=total_words(turn.text for turn in candidate),
        follow_ups=count(LineKind.FOLLOW_UP, interviewer),
        repeats=count(LineKind.REPEAT, interviewer),
    )


def spread(values: Iterable[float]) -> Spread:
    """Describe values by nearest-rank percentiles."""
    ranked = sorted(values)
    if not ranked:
        return Spread(n=0)

    def rank(share: float) -> float:
        return round(ranked[math.ceil(share * len(ranked)) - 1], 3)

    return Spread(n=len(ranked), p50=rank(0.5), p95=rank(0.95), longest=rank(1))

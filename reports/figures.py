"""Measurements of a talk, computed from its turns. Pure."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from interview.plan import Plan
from interview.transcript import LineKind, Speaker, Turn, TurnKind
from reports.content import Figures, QuestionFigures, Spread
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


def figures(plan: Plan, turns: Sequence[Turn], duration_s: float) -> Figures:
    """Measure a talk of `duration_s`. Typed messages count as words, not as speaking time."""
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


def _of_question(question_id: str, turns: Sequence[Turn]) -> QuestionFigures:
    own = [turn for turn in turns if turn.question_id == question_id]
    candidate, interviewer = by(Speaker.CANDIDATE, own), by(Speaker.INTERVIEWER, own)
    return QuestionFigures(
        question_id=question_id,
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

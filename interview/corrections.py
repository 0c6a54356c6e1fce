"""Turns as they are read since somebody corrected what was misheard. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from interview.appraisal import TurnCorrection
from interview.problem import RaisedProblem
from interview.transcript import Turn


@dataclass(frozen=True)
class ReadAs:
    """What a turn is read as, since when."""

    turn_id: str
    text: str
    at: datetime


def all_of(problems: Iterable[RaisedProblem], corrections: Iterable[TurnCorrection]) -> tuple[ReadAs, ...]:
    """Join what came of candidates' problems and what people corrected by themselves, the oldest first."""
    found = [
        ReadAs(problem.correction.turn_id, problem.correction.text, problem.answered_at)
        for problem in problems
        if problem.correction is not None and problem.answered_at is not None
    ]
    found += [ReadAs(one.turn_id, one.text, one.at) for one in corrections]
    return tuple(sorted(found, key=lambda one: one.at))


def corrected(turns: Sequence[Turn], corrections: Iterable[ReadAs]) -> list[Turn]:
    """Return the turns with the latest correction of each in place of what was recognised.

    Who corrected a turn has listened to it: its words are as sure as they can be, and the recogniser's times of words
    that nobody said mean nothing any more.
    """
    latest = {one.turn_id: one.text for one in corrections}
    return [
        turn.model_copy(update={"text": latest[turn.turn_id], "words": (), "confidence": 1.0})
        if turn.turn_id in latest
        else turn
        for turn in turns
    ]

"""Comings and goings of the candidate, read from what the interviewer was told."""

from datetime import UTC, datetime, timedelta
from typing import Any

from interview.absences import absences_of
from interview.transcript import DialogueEvent

ZERO = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def told(*kinds: tuple[str, float], attempt: int = 1) -> list[DialogueEvent]:
    def event(seq: int, kind: str, seconds: float) -> DialogueEvent:
        values: dict[str, Any] = {"type": kind, "at_s": seconds}
        return DialogueEvent(session_id="s", seq=seq, attempt=attempt, at=at(seconds), event=values)

    return [event(seq, kind, seconds) for seq, (kind, seconds) in enumerate(kinds)]


def test_who_leaves_and_comes_back_was_absent_in_between():
    events = told(("began", 0), ("heard", 3), ("left", 10), ("resumed", 25), ("left", 60))
    assert absences_of(events) == ((at(10), at(25)), (at(60), None))


def test_an_interviewer_that_takes_over_is_no_absence():
    assert absences_of([*told(("began", 0)), *told(("resumed", 20), attempt=2)]) == ()


def test_a_leaving_that_two_interviewers_were_told_of_is_one():
    events = [*told(("began", 0), ("left", 10)), *told(("left", 11), ("resumed", 30), attempt=2)]
    assert absences_of(events) == ((at(10), at(30)),)

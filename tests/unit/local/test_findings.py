"""What an interview has to show for itself: each check holds where it should and fails where it should."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from control_api.material.schemas import IncidentView
from interview.incident import Severity
from interview.plan import IncidentKind
from interview.review import ReviewState
from interview.session import Stage, Status
from interview.transcript import LineKind, Speaker, Turn, Word
from local import findings
from local.attendance import Attendance, Away, Seen, Spoken
from local.findings import Recording
from local.script import ReplyKind

JOINED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SESSION = str(uuid.uuid4())
QUESTIONS = ("q1", "q2")
RATE = 24_000


def at(seconds: float) -> datetime:
    return JOINED + timedelta(seconds=seconds)


def spoken(number: int | None, text: str, kind: ReplyKind = ReplyKind.ANSWER) -> Spoken:
    return Spoken(
        kind=kind, question_number=number, question_id=f"q{number}" if number else None, text=text, start_s=1, end_s=2
    )


def attendance(*said: Spoken, away: Away | None = None, ended: str = "room_deleted", trouble: str = "") -> Attendance:
    return Attendance(
        session_id=SESSION,
        joined_at=JOINED,
        start_answered_s=-0.1,
        recording=Path("heard.wav"),
        recording_start_s=0,
        spoken=said,
        seen=(),
        captions=(),
        away=away,
        ended=ended,
        trouble=trouble,
    )


def turn(seq: int, speaker: Speaker, text: str, start_s: float, end_s: float, **more: Any) -> Turn:
    defaults: dict[str, Any] = {"stage": Stage.QUESTIONS, "question_id": "q1"}
    if speaker is Speaker.INTERVIEWER:
        defaults["line"] = LineKind.QUESTION
    return Turn(
        turn_id=f"{SESSION}:{seq}",
        session_id=SESSION,
        seq=seq,
        attempt=1,
        speaker=speaker,
        text=text,
        started_at=at(start_s),
        ended_at=at(end_s),
        **(defaults | more),
    )


def candidate(seq: int, text: str, start_s: float = 1, end_s: float = 2, **more: Any) -> Turn:
    return turn(seq, Speaker.CANDIDATE, text, start_s, end_s, **more)


def incident(kind: IncidentKind, start_s: float, end_s: float | None) -> IncidentView:
    return IncidentView(
        incident_id=uuid.uuid4().hex,
        session_id=SESSION,
        attempt=1,
        kind=kind,
        severity=Severity.MEDIUM,
        started_at=at(start_s),
        ended_at=None if end_s is None else at(end_s),
        confidence=0.9,
        detector="yunet",
        detector_version="1",
        threshold=0.8,
        filed_at=at(start_s + 2),
        state=ReviewState.OPEN,
        verdict=None,
        reason=None,
        decided_at=None,
        contested_at=None,
        stills=[],
    )


def test_an_answer_spread_over_several_turns_is_found_under_its_question():
    turns = [candidate(1, "I built a small"), candidate(2, "payment service.")]
    found = findings.answers_found(attendance(spoken(1, "I built a small payment service")), turns, QUESTIONS)
    assert findings.check_answers(found, 1).ok


def test_an_answer_under_another_question_is_not_found():
    turns = [candidate(1, "I built a small payment service", question_id="q2")]
    found = findings.answers_found(attendance(spoken(1, "I built a small payment service")), turns, QUESTIONS)
    assert found[0].words.found == 0
    assert not findings.check_answers(found, 1).ok


def test_the_interviewers_words_are_nobodys_answer():
    turns = [turn(1, Speaker.INTERVIEWER, "I built a small payment service", 1, 2)]
    found = findings.answers_found(attendance(spoken(1, "I built a small payment service")), turns, QUESTIONS)
    assert found[0].words.found == 0


def test_what_is_said_outside_of_the_questions_is_looked_up_by_its_stage():
    said = (spoken(None, "fine thanks", ReplyKind.WARM_UP), spoken(None, "no", ReplyKind.CANDIDATE_QUESTIONS))
    turns = [
        candidate(1, "fine thanks", stage=Stage.WARM_UP, question_id=None),
        candidate(2, "no", stage=Stage.CANDIDATE_QUESTIONS, question_id=None),
    ]
    assert all(answer.stored for answer in findings.answers_found(attendance(*said), turns, QUESTIONS))


def test_a_candidate_who_was_not_heard_often_enough_fails_the_check():
    found = findings.answers_found(attendance(spoken(1, "yes")), [candidate(1, "yes")], QUESTIONS)
    assert not findings.check_answers(found, expected=2).ok


@pytest.mark.parametrize(
    ("status", "ended", "trouble", "ok"),
    [
        (Status.COMPLETED, "room_deleted", "", True),
        (Status.ABANDONED, "room_deleted", "", False),
        (Status.COMPLETED, "client_initiated", "", False),
        (Status.COMPLETED, "room_deleted", "nobody spoke for 60 s", False),
    ],
)
def test_only_an_interview_that_came_to_its_own_end_is_complete(status: Status, ended: str, trouble: str, ok: bool):
    assert findings.check_completed(status, attendance(ended=ended, trouble=trouble)).ok is ok


@pytest.mark.parametrize(
    ("filed", "ok"),
    [
        ([(IncidentKind.NO_FACE, 11.5, 17.0)], True),
        ([], False),
        ([(IncidentKind.NO_FACE, 12.5, 16.0)], False),
        ([(IncidentKind.NO_FACE, 10.0, 18.5)], False),
        ([(IncidentKind.NO_FACE, 10.0, None)], False),
        ([(IncidentKind.SECOND_FACE, 10.0, 16.0)], False),
        ([(IncidentKind.NO_FACE, 10.0, 16.0), (IncidentKind.SECOND_FACE, 20.0, 22.0)], False),
    ],
)
def test_the_absence_gives_one_incident_at_its_time_and_nothing_else(
    filed: list[tuple[IncidentKind, float, float | None]], ok: bool
):
    away = Away(start_s=10, end_s=16)
    assert findings.check_incidents(attendance(away=away), [incident(*one) for one in filed]).ok is ok


def test_without_an_absence_nothing_may_be_filed():
    assert findings.check_incidents(attendance(), []).ok
    assert not findings.check_incidents(attendance(), [incident(IncidentKind.NO_FACE, 1, 4)]).ok


def channel(*intervals: tuple[float, float]) -> findings.Samples:
    t = np.arange(20 * RATE) / RATE
    gate = sum(((t >= start) & (t < end)).astype(float) for start, end in intervals) if intervals else 0 * t
    return (0.3 * 32767 * gate * np.sin(2 * np.pi * 200 * t)).astype(np.int16)


def recording(candidate_speaks: tuple[float, float], interviewer_speaks: tuple[float, float]) -> Recording:
    return Recording(channel(candidate_speaks), channel(interviewer_speaks), RATE, started_at=at(0.5))


def test_a_recording_in_which_somebody_is_silent_fails():
    assert findings.check_recording(recording((4, 7), (1, 3))).ok
    assert not findings.check_recording(recording((4, 7), (0, 0))).ok


@pytest.mark.parametrize(("late_s", "ok"), [(0.0, True), (0.25, True), (-0.25, True), (0.4, False), (-0.4, False)])
def test_the_first_word_must_be_near_an_onset_of_its_speakers_channel(late_s: float, ok: bool):
    begin_s = 4.5 + late_s
    word = Word(text="I", started_at=at(begin_s), ended_at=at(begin_s + 0.2), confidence=0.9)
    turns = [
        turn(0, Speaker.INTERVIEWER, "Why?", 1.5, 3.5),
        candidate(1, "I did", begin_s, 7.5, words=(word,)),
    ]
    assert findings.check_times(recording((4, 7), (1, 3)), turns, attendance()).ok is ok


@pytest.mark.parametrize(("shown", "ok"), [(True, True), (False, False)])
def test_a_line_that_follows_a_listening_sound_begins_where_the_page_says_that_it_is_said(shown: bool, ok: bool):
    # the sound at 11.5 s of the interview, the line 0.1 s after it
    heard = Recording(channel((4, 7)), channel((11, 11.5), (11.6, 14)), RATE, started_at=at(0.5))
    said = attendance().model_copy(update={"seen": (line_at(12.1),) if shown else ()})
    turns = [turn(0, Speaker.INTERVIEWER, "Why?", 12.1, 14.5)]
    assert findings.check_times(heard, turns, said).ok is ok


def line_at(at_s: float) -> Seen:
    return Seen(at_s=at_s, stage=Stage.QUESTIONS, question_id="q1", line=LineKind.QUESTION, state="speaking")


def test_a_transcript_without_turns_points_nowhere():
    assert not findings.check_times(recording((4, 7), (1, 3)), [], attendance()).ok


def test_first_words_and_the_median_of_the_replies_have_bounds():
    assert all(check.ok for check in findings.check_latency(1.2, [0.8, 1.0, 3.0]))
    assert not any(check.ok for check in findings.check_latency(2.1, [1.6, 1.7]))
    assert not any(check.ok for check in findings.check_latency(None, []))


def test_a_question_that_was_only_prompted_for_or_asked_out_of_order_fails_the_check():
    first = turn(0, Speaker.INTERVIEWER, "One?", 1, 2)
    prompt = turn(1, Speaker.INTERVIEWER, "Take your time.", 3, 4, question_id="q2", line=LineKind.PROMPT)
    assert "never asked: q2" in findings.check_questions([first, prompt], QUESTIONS).found
    assert not findings.check_questions([first, prompt], QUESTIONS).ok
    second = turn(1, Speaker.INTERVIEWER, "Two?", 3, 4, question_id="q2")
    assert not findings.check_questions([second, first], QUESTIONS).ok


def test_questions_and_follow_ups_are_counted_once_each():
    turns = [
        turn(0, Speaker.INTERVIEWER, "One?", 1, 2),
        turn(1, Speaker.INTERVIEWER, "One again?", 3, 4),
        turn(2, Speaker.INTERVIEWER, "More?", 5, 6, line=LineKind.FOLLOW_UP),
        turn(3, Speaker.INTERVIEWER, "Two?", 7, 8, question_id="q2"),
    ]
    assert findings.questions_asked(turns) == 2
    assert findings.check_questions(turns, QUESTIONS).ok
    assert findings.follow_ups(turns) == 1

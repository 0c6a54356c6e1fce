"""What an interview of the simulated candidate has to show for itself, checked one by one. Pure.

Each check says what was found, whether it is as it must be or not. Times ending in `_s` count from the candidate's
joining, unless said otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from control_api.material.schemas import IncidentView, ReportAnswer
from interview.plan import IncidentKind
from interview.report import ReportStatus
from interview.session import Stage, Status
from interview.transcript import LineKind, Speaker, Turn, TurnKind
from local.attendance import Attendance, Spoken, lines_from
from local.listening import Samples, line_starts, percentile_ms, sounds, voiced_intervals
from local.script import ReplyKind
from local.words import WordsFound, words_found
from reports.content import ReportContent

ENOUGH_WORDS = 0.7
INCIDENT_WITHIN_S = 2.0
POINTS_WITHIN_S = 0.3
FIRST_WORDS_WITHIN_S = 2.0
VOICE_TO_VOICE_P50_WITHIN_S = 1.5


@dataclass(frozen=True)
class Check:
    """One thing that must hold."""

    name: str
    ok: bool
    found: str


@dataclass(frozen=True)
class AnswerFound:
    """One thing that the candidate said, and how much of it the transcript has in the right place."""

    spoken: Spoken
    words: WordsFound

    @property
    def stored(self) -> bool:
        """Whether enough of it is there."""
        return self.words.share >= ENOUGH_WORDS


@dataclass(frozen=True)
class Recording:
    """The stored recording as fetched: two channels and the time of their first sample."""

    candidate: Samples
    interviewer: Samples
    sample_rate: int
    started_at: datetime


def answers_found(attendance: Attendance, turns: Sequence[Turn], question_ids: Sequence[str]) -> list[AnswerFound]:
    """Look each thing that was said up in the turns of its question, or of its stage outside of the questions."""
    found: list[AnswerFound] = []
    for spoken in attendance.spoken:
        texts = [turn.text for turn in turns if _belongs(turn, spoken, question_ids)]
        found.append(AnswerFound(spoken, words_found(spoken.text, " ".join(texts))))
    return found


def check_completed(status: Status, attendance: Attendance) -> Check:
    """The session is completed, and the room was deleted under the candidate."""
    ok = status is Status.COMPLETED and attendance.ended == "room_deleted" and not attendance.trouble
    trouble = f"; the candidate says: {attendance.trouble}" if attendance.trouble else ""
    return Check("the interview came to its end", ok, f"{status}, the room ended by {attendance.ended}{trouble}")


def check_answers(found: Sequence[AnswerFound], expected: int) -> Check:
    """Everything that was said is in the transcript, in order, under the right question."""
    stored = sum(answer.stored for answer in found)
    worst = min((answer.words.share for answer in found), default=0.0)
    return Check(
        "every answer is in the transcript under its question",
        stored == len(found) and len(found) >= expected,
        f"{stored} of {len(found)} answers, at least {worst:.0%} of the words of each, {expected} expected",
    )


def answers_at_least(attendance: Attendance, questions: int) -> int:
    """Return how many things the candidate must have said: warm-up, each question, its own questions, follow-ups."""
    follow_ups = sum(spoken.kind is ReplyKind.FOLLOW_UP_ANSWER for spoken in attendance.spoken)
    return questions + 2 + follow_ups


def check_questions(turns: Sequence[Turn], question_ids: Sequence[str]) -> Check:
    """Every planned question was asked, in the plan's order."""
    asked = list(dict.fromkeys(_asked(turns)))
    missing = [question_id for question_id in question_ids if question_id not in asked]
    found = f"{len(asked)} of {len(question_ids)}" + (f"; never asked: {', '.join(missing)}" if missing else "")
    return Check("every planned question was asked in order", asked == list(question_ids), found)


def questions_asked(turns: Sequence[Turn]) -> int:
    """Count the plan's questions that were asked."""
    return len(set(_asked(turns)))


def follow_ups(turns: Sequence[Turn]) -> int:
    """Count the follow-up questions."""
    return sum(_says(turn, LineKind.FOLLOW_UP) for turn in turns)


def check_incidents(attendance: Attendance, incidents: Sequence[IncidentView]) -> Check:
    """Exactly one `no_face`, within 2 s of the absence at both ends, and nothing else."""
    name = "the absence gave one no_face incident and nothing else was filed"
    spans = [(incident.kind.value, *span_s(incident, attendance)) for incident in incidents]
    said = ", ".join(f"{kind} {_clock(start)}-{_clock(end)}" for kind, start, end in spans) or "none"
    away = attendance.away
    if away is None:
        return Check(name, not incidents, f"no absence; filed: {said}")
    one = spans[0] if len(spans) == 1 else None
    ok = (
        one is not None
        and one[0] == IncidentKind.NO_FACE
        and abs(one[1] - away.start_s) <= INCIDENT_WITHIN_S
        and one[2] is not None
        and abs(one[2] - away.end_s) <= INCIDENT_WITHIN_S
    )
    return Check(name, ok, f"away {_clock(away.start_s)}-{_clock(away.end_s)}; filed: {said}")


def span_s(incident: IncidentView, attendance: Attendance) -> tuple[float, float | None]:
    """Return when an incident began and ended."""
    joined_at = attendance.joined_at
    end = incident.ended_at
    return (
        round((incident.started_at - joined_at).total_seconds(), 3),
        round((end - joined_at).total_seconds(), 3) if end else None,
    )


def check_recording(recording: Recording) -> Check:
    """It is stereo and nobody in it is silent."""
    heard = {
        "candidate": voiced_intervals(recording.candidate, recording.sample_rate),
        "interviewer": voiced_intervals(recording.interviewer, recording.sample_rate),
    }
    seconds = {who: sum(interval.duration_s for interval in intervals) for who, intervals in heard.items()}
    length_s = len(recording.candidate) / recording.sample_rate
    found = f"{length_s:.1f} s, " + ", ".join(f"{who} speaks {spoken:.1f} s" for who, spoken in seconds.items())
    return Check("the recording is stereo and both are heard", all(s > 1 for s in seconds.values()), found)


def check_times(recording: Recording, turns: Sequence[Turn], attendance: Attendance) -> Check:
    """The first word of each answer, and each line of the interviewer, begins where the recording has an onset.

    A line that follows a listening sound at once is joined to it in the recording: it has an onset where the sound
    begins anew while the page says that a line is said.
    """
    interviewer = voiced_intervals(recording.interviewer, recording.sample_rate)
    first_sample_s = (recording.started_at - attendance.joined_at).total_seconds()
    shown = lines_from(attendance.seen, first_sample_s)
    lines = line_starts(sounds(recording.interviewer, recording.sample_rate), shown)
    onsets = {
        Speaker.CANDIDATE: [one.start_s for one in voiced_intervals(recording.candidate, recording.sample_rate)],
        Speaker.INTERVIEWER: [*(one.start_s for one in interviewer), *lines],
    }
    distances = [one for who, begun in onsets.items() for one in _distances_s(recording, turns, who, begun)]
    worst = max(distances, default=float("inf"))
    return Check(
        "the transcript's times point into the recording within 0.3 s",
        bool(distances) and worst <= POINTS_WITHIN_S,
        f"{len(distances)} beginnings, the worst is {worst * 1000:.0f} ms from an onset"
        if distances
        else "no turn to compare",
    )


def check_report(report: ReportAnswer, html: str, turns: Sequence[Turn]) -> Check:
    """It is ready, and each of its quotes is the stored text that it points to."""
    name = "the report is ready and its quotes are what was said"
    if report.status is not ReportStatus.READY or report.content is None:
        return Check(name, False, f"{report.status}: {report.failure or 'no content'}")
    content = ReportContent.model_validate(report.content)
    texts = {turn.seq: turn.text for turn in turns if turn.speaker is Speaker.CANDIDATE}
    quotes = [quote for competency in content.competencies for quote in competency.quotes]
    true = [quote for quote in quotes if texts.get(quote.seq, "")[quote.start : quote.end] == quote.text]
    scored = sum(competency.level is not None for competency in content.competencies)
    return Check(
        name,
        len(true) == len(quotes) and bool(html),
        f"{len(true)} of {len(quotes)} quotes verified, {content.dropped_quotes} dropped, "
        f"{scored} of {len(content.competencies)} competencies scored",
    )


def check_latency(first_words_s: float | None, replies_s: Sequence[float]) -> list[Check]:
    """First words within 2 s of start, and voice to voice within 1.5 s in the median."""
    p50_ms = percentile_ms(replies_s, 50)
    return [
        Check(
            "first words within 2 s of start",
            first_words_s is not None and first_words_s <= FIRST_WORDS_WITHIN_S,
            "nothing was heard" if first_words_s is None else f"{first_words_s:.2f} s",
        ),
        Check(
            "voice to voice p50 within 1.5 s",
            p50_ms is not None and p50_ms <= VOICE_TO_VOICE_P50_WITHIN_S * 1000,
            f"{p50_ms} ms over {len(replies_s)} replies",
        ),
    ]


def _belongs(turn: Turn, spoken: Spoken, question_ids: Sequence[str]) -> bool:
    if turn.speaker is not Speaker.CANDIDATE:
        return False
    if spoken.question_number is not None:
        return turn.question_id == question_ids[spoken.question_number - 1]
    stage = Stage.WARM_UP if spoken.kind is ReplyKind.WARM_UP else Stage.CANDIDATE_QUESTIONS
    return turn.stage is stage


def _asked(turns: Sequence[Turn]) -> list[str]:
    return [turn.question_id for turn in turns if _says(turn, LineKind.QUESTION) and turn.question_id]


def _says(turn: Turn, line: LineKind) -> bool:
    return turn.speaker is Speaker.INTERVIEWER and turn.line is line


def _distances_s(
    recording: Recording, turns: Sequence[Turn], speaker: Speaker, onsets_s: Sequence[float]
) -> list[float]:
    """Return how far each beginning of a speaker is from the nearest onset of their channel."""
    onsets = np.array(onsets_s)
    if not onsets.size:
        return []
    begins = [
        (begin_of(turn) - recording.started_at).total_seconds()
        for before, turn in zip((None, *turns), turns, strict=False)
        if turn.speaker is speaker
        and turn.kind is TurnKind.SPOKEN
        and (before is None or before.speaker is not speaker)
    ]
    return [float(np.abs(onsets - begin).min()) for begin in begins]


def begin_of(turn: Turn) -> datetime:
    """Return when a turn's first word began."""
    return turn.words[0].started_at if turn.words else turn.started_at


def _clock(at_s: float | None) -> str:
    return "open" if at_s is None else f"{at_s:.1f} s"

"""One interview of the simulated candidate with all that it left behind: measured, checked, summed up. Pure but for
reading the candidate's own recording.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from control_api.material.schemas import IncidentView, ReportAnswer
from interview.session import Status
from interview.transcript import Turn
from local import findings
from local.attendance import Attendance, lines_from
from local.findings import AnswerFound, Check, Recording
from local.house import EnginesInUse
from local.listening import (
    Exchange,
    Interval,
    exchange,
    first_words,
    line_starts,
    percentile_ms,
    read_stereo,
    sounds,
    voiced_intervals,
)
from local.persona import Persona
from local.recruiter import Created
from local.services import PROJECT


@dataclass(frozen=True)
class Material:
    """Everything that the interview left behind, as the API gave it to the recruiter."""

    status: Status
    turns: list[Turn]
    incidents: list[IncidentView]
    report: ReportAnswer
    html: str
    recording: Recording


@dataclass(frozen=True)
class Talk:
    """The turn-taking as the candidate's own recording shows it."""

    exchange: Exchange
    first_words_s: float | None
    """From the answer of `start` to the first sound of the interviewer."""
    heard: tuple[Interval, ...]
    """When the interviewer spoke, in seconds from the recording's first sample."""

    @property
    def latencies_s(self) -> list[float]:
        """Voice to voice, one a reply: to the first sound."""
        return [reply.latency_s for reply in self.exchange.replies]

    @property
    def line_latencies_s(self) -> list[float]:
        """The same to the line, which a listening sound may precede."""
        return [reply.line_latency_s for reply in self.exchange.replies]


@dataclass(frozen=True)
class Outcome:
    """All of it together."""

    persona: Persona
    created: Created
    attendance: Attendance
    material: Material
    engines: EnginesInUse
    talk: Talk
    answers: list[AnswerFound]

    @property
    def answers_expected(self) -> int:
        """How many things the candidate must have said, and those that it said besides."""
        needed = findings.answers_at_least(self.attendance, len(self.persona.questions))
        return max(needed, len(self.attendance.spoken))


def measure_talk(attendance: Attendance) -> Talk:
    """Measure an attendance's recording."""
    left, right, rate = read_stereo(attendance.recording)
    heard = voiced_intervals(right, rate)
    started_s = attendance.start_answered_s - attendance.recording_start_s
    talk = exchange(
        voiced_intervals(left, rate), heard, line_starts(sounds(right, rate), shown_in_recording(attendance))
    )
    return Talk(talk, first_words(heard, after_s=started_s), tuple(heard))


def shown_in_recording(attendance: Attendance) -> list[Interval]:
    """Return when the page showed that a line was said, in seconds from the recording's first sample."""
    return lines_from(attendance.seen, attendance.recording_start_s)


def outcome_of(
    persona: Persona, created: Created, attendance: Attendance, material: Material, engines: EnginesInUse
) -> Outcome:
    """Measure everything that can be measured."""
    answers = findings.answers_found(attendance, material.turns, created.question_ids)
    return Outcome(persona, created, attendance, material, engines, measure_talk(attendance), answers)


def checks_of(outcome: Outcome) -> list[Check]:
    """Check everything that must hold of an interview."""
    material, attendance = outcome.material, outcome.attendance
    return [
        findings.check_completed(material.status, attendance),
        findings.check_questions(material.turns, outcome.created.question_ids),
        findings.check_answers(outcome.answers, outcome.answers_expected),
        findings.check_incidents(attendance, material.incidents),
        findings.check_recording(material.recording),
        findings.check_times(material.recording, material.turns, attendance),
        findings.check_report(material.report, material.html, material.turns),
        *findings.check_latency(outcome.talk.first_words_s, outcome.talk.latencies_s),
    ]


def summary_of(outcome: Outcome, output_dir: Path, wall_s: float) -> dict[str, Any]:
    """Return what `summary.json` says; `_s` count from the candidate's joining, paths are relative to the project."""
    material, attendance, talk = outcome.material, outcome.attendance, outcome.talk
    spans = [(incident.kind.value, *findings.span_s(incident, attendance)) for incident in material.incidents]
    away, first_s = attendance.away, talk.first_words_s
    return {
        "session_id": outcome.created.session_id,
        "status": material.status.value,
        "questions_planned": len(outcome.created.question_ids),
        "questions_asked": findings.questions_asked(material.turns),
        "follow_ups": findings.follow_ups(material.turns),
        "turns": len(material.turns),
        "first_words_ms": None if first_s is None else round(first_s * 1000),
        "voice_to_voice_ms": {
            "p50": percentile_ms(talk.latencies_s, 50),
            "p95": percentile_ms(talk.latencies_s, 95),
            "line_p50": percentile_ms(talk.line_latencies_s, 50),
            "line_p95": percentile_ms(talk.line_latencies_s, 95),
            "n": len(talk.latencies_s),
        },
        "answers_expected": outcome.answers_expected,
        "answers_stored": sum(answer.stored for answer in outcome.answers),
        "incidents": [{"kind": kind, "start_s": start, "end_s": end} for kind, start, end in spans],
        "expected_absence": {"start_s": away.start_s, "end_s": away.end_s} if away else None,
        "report": {form: _relative(output_dir / f"report.{form}") for form in ("json", "html", "pdf")},
        "transcript": _relative(output_dir / "transcript.json"),
        "recording": _relative(output_dir / "recording.wav"),
        "candidate_recording": _relative(attendance.recording),
        "wall_s": round(wall_s, 1),
        "engines": outcome.engines.as_dict(),
    }


def _relative(path: Path) -> str:
    return os.path.relpath(path, PROJECT) if path.is_relative_to(PROJECT) else str(path)

"""`python -m local.sample_report`: a made-up interview's report, and the two pages of its PDF that docs/ shows.

Nobody in it is real. It is what `bench.report` renders as well: 45 minutes, 120 turns.
"""

import argparse
import io
import random
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from interview.errors import VivaError
from interview.incident import Incident, Severity, Still, incident_id
from interview.plan import Competency, IncidentKind, Plan, Question
from interview.recording import RecordingSegment
from interview.session import Candidate, Consent, ConsentItem, HistoryEntry, Progress, Session, Stage, Status
from interview.transcript import DialogueEvent, LineKind, Speaker, Turn, TurnKind, turn_id
from interview.usage import Usage
from local import models
from reports.build import Sources, build
from reports.content import ReportContent
from reports.render.pdf import to_pdf
from reports.scores import CompetencyScore, Score

PICTURES = Path(__file__).parents[1] / "docs" / "images"
SESSION_ID = "3c1d2f5e-6a7b-4c8d-9e0f-1a2b3c4d5e6f"
ZERO = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
LENGTH_S = 45 * 60
TURNS = 120
_PAUSED = 0.03
"""The share of the time in which it is paused, from the middle on."""
_SCALE = 1.25
"""Of the pictures: 90 dots an inch."""
_KEEPS_RARE_COLOURS = 1
"""Pillow's "maximum coverage": an incident is a few pixels, and red."""

_COMPETENCIES = (
    Competency(id="ownership", name="Ownership"),
    Competency(id="debugging", name="Finding causes"),
    Competency(id="teamwork", name="Working with others"),
    Competency(id="judgement", name="Technical judgement"),
)
_QUESTIONS = (
    ("ownership", "Tell me about a project that you led. What was your own part in it?"),
    ("debugging", "How did you find the hardest bug of the last year?"),
    ("teamwork", "Tell me about a time when you and a colleague disagreed about a design."),
    ("judgement", "What did you decide not to build, and why?"),
    ("ownership", "What went wrong in something that you were responsible for?"),
    ("judgement", "How do you decide that something is fast enough?"),
)
_ANSWERS = (
    "I led the move of our billing service to a new database. It took four months, and we lost no invoice.",
    "I wrote the plan and the checks, and I ran three rehearsals with the team before the night of the move.",
    "First I made the error happen on my own machine, with the requests of one customer, which took two days.",
    "It was the connection pool: a timeout gave the connection back while the query was still running on it.",
    "She wanted a queue and I wanted a table. We wrote both down on a page, with what each would cost us, and agreed.",
    "We left the search out. Nobody had asked for it twice, and it would have been a second thing to keep running.",
    "I had switched off an alarm because it was noisy, and three weeks later it would have told us about the disk.",
    "I ask who waits for it. For the nightly report an hour is fine; for the page it is two hundred milliseconds.",
    "That is a good question. I think that I would rehearse the way back much earlier than we did.",
    "We measured it before and after, with the same requests, and kept the numbers next to the change.",
)
_FOLLOW_UPS = ("What did you do yourself?", "How did you know that it was the cause?", "What did it cost?")
_INVENTED = "I always listen to everyone"
"""What one pass quotes and nobody said."""
_PASSES: dict[str, tuple[tuple[int, ...], str, tuple[str, ...]]] = {
    "ownership": ((4, 4, 4), "Led it, planned it, and says what went wrong.", ("I wrote the plan and the checks",)),
    "debugging": ((4, 4, 3), "Narrowed it down step by step to one cause.", ("It was the connection pool",)),
    "teamwork": ((3, 3, 3), "Compared both designs in writing.", ("We wrote both down on a page",)),
    "judgement": ((2, 4, 3), "Left out what nobody needed.", ("Nobody had asked for it twice",)),
}
"""Of each competency: what its passes gave, why, and what they quote."""


def sample(turns: int = TURNS, length_s: float = LENGTH_S, name: str = "Amina Okafor") -> ReportContent:
    """Return the report of an interview of so many turns in so many seconds."""
    return build(sources(turns, length_s, name), ZERO + timedelta(seconds=length_s + 40))


def sources(turns: int = TURNS, length_s: float = LENGTH_S, name: str = "Amina Okafor") -> Sources:
    """Return what would be stored about it. The same arguments give the same records."""
    plan = Plan(
        plan_id="plan-sample",
        title="Backend engineer",
        job_role="Backend engineer, payments",
        duration_s=50 * 60,
        competencies=_COMPETENCIES,
        questions=tuple(
            Question(id=f"q{n}", text=text, competency=competency)
            for n, (competency, text) in enumerate(_QUESTIONS, start=1)
        ),
    )
    said = _turns(plan, turns, length_s)
    return Sources(
        session=_session(plan, length_s, name),
        turns=said,
        incidents=(
            _incident(IncidentKind.NO_FACE, Severity.MEDIUM, 0.31 * length_s, 21),
            _incident(IncidentKind.SECOND_FACE, Severity.HIGH, 0.62 * length_s, 9),
        ),
        recordings=_recordings(length_s),
        scores=_scores(),
        events=_events(length_s),
        scoring=Usage(calls=12, input_tokens=15600, output_tokens=1440, cost_micro_usd=4380),
    )


def _at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=round(seconds, 3))


def _session(plan: Plan, length_s: float, name: str) -> Session:
    moves = ((-1.5, Status.INITIALIZED, Status.IN_PROGRESS), (0.5 * length_s, Status.IN_PROGRESS, Status.PAUSED))
    moves = (*moves, ((0.5 + _PAUSED) * length_s, Status.PAUSED, Status.IN_PROGRESS))
    history = tuple(HistoryEntry(at=_at(s), source=a, target=b, by="user:sample") for s, a, b in moves)
    consent = Consent(
        items={item: item is not ConsentItem.FACE_COMPARISON for item in ConsentItem},
        text_version="en-3",
        given_at=_at(-60),
        given_by="candidate",
    )
    return Session(
        session_id=SESSION_ID,
        owner_id="user-sample",
        candidate=Candidate(name=name, email="amina@example.com"),
        plan=plan,
        status=Status.COMPLETED,
        livekit_room_name=f"interview-{SESSION_ID}",
        created_at=_at(-86400),
        updated_at=_at(length_s),
        not_after=_at(86400),
        consent=consent,
        attempt=1,
        started_at=_at(-1.5),
        clock_started_at=ZERO,
        paused_total_s=round(_PAUSED * length_s, 3),
        ended_at=_at(length_s),
        end_reason="all questions were asked",
        progress=Progress(total=len(plan.questions), answered=len(plan.questions), stage=Stage.DONE),
        usage=Usage(calls=260, heard_ms=1_600_000, spoken_ms=420_000, cost_micro_usd=412_000),
        history=history,
    )


@dataclass(frozen=True)
class _Line:
    """One turn before it has its time: its length is a share of what there is."""

    speaker: Speaker
    text: str
    stage: Stage = Stage.QUESTIONS
    question_id: str | None = None
    line: LineKind | None = None


def _lines(plan: Plan, count: int) -> list[_Line]:
    """Return what is said: a greeting, the questions with answers and follow-ups, the candidate's own, a close."""
    asks, says = Speaker.INTERVIEWER, Speaker.CANDIDATE
    lines = [
        _Line(asks, "Hello, and welcome. This is recorded, as you agreed.", Stage.GREETING, None, LineKind.GREETING),
        _Line(says, "Hello, thank you.", Stage.GREETING),
    ]
    between = count - 4
    asked: set[str] = set()
    for number in range(between):
        question = plan.questions[min(number * len(plan.questions) // between, len(plan.questions) - 1)]
        if question.id not in asked:
            asked.add(question.id)
            lines.append(_Line(asks, question.text, Stage.QUESTIONS, question.id, LineKind.QUESTION))
        elif lines[-1].speaker is says and number % 3 == 0:
            follow_up = _FOLLOW_UPS[number // 3 % len(_FOLLOW_UPS)]
            lines.append(_Line(asks, follow_up, Stage.QUESTIONS, question.id, LineKind.FOLLOW_UP))
        else:
            place = 2 * (int(question.id[1:]) - 1) + number
            answer = " ".join(_ANSWERS[(place + step) % len(_ANSWERS)] for step in (0, 3, 6))
            lines.append(_Line(says, answer, Stage.QUESTIONS, question.id))
    own, close = Stage.CANDIDATE_QUESTIONS, Stage.CLOSE
    lines.append(_Line(asks, "Thank you. Have you any question?", own, None, LineKind.INVITE_QUESTIONS))
    lines.append(_Line(asks, "Thank you for your time. Goodbye.", close, None, LineKind.CLOSE))
    return lines


def _turns(plan: Plan, count: int, length_s: float) -> tuple[Turn, ...]:
    """Give each line its time, so that all of them fill the time that is not paused."""
    chance = random.Random(7)
    lines = _lines(plan, count)
    pause_s = {Speaker.INTERVIEWER: (0.4, 0.9), Speaker.CANDIDATE: (0.8, 4.5)}
    pauses_s = [chance.uniform(*pause_s[line.speaker]) for line in lines]
    lengths_s = [len(line.text) * chance.uniform(0.8, 1.2) for line in lines]
    scale = (length_s * (1 - _PAUSED) - sum(pauses_s)) / sum(lengths_s)
    made: list[Turn] = []
    until_s = 0.0
    for seq, line in enumerate(lines):
        begin_s = until_s + pauses_s[seq]
        if until_s < 0.5 * length_s <= begin_s + lengths_s[seq] * scale / 2:
            begin_s += _PAUSED * length_s
        until_s = begin_s + lengths_s[seq] * scale
        typed = line.speaker is Speaker.CANDIDATE and seq % 37 == 20
        made.append(
            Turn(
                turn_id=turn_id(SESSION_ID, seq),
                session_id=SESSION_ID,
                seq=seq,
                attempt=1,
                speaker=line.speaker,
                kind=TurnKind.TYPED if typed else TurnKind.SPOKEN,
                text=line.text,
                confidence=round(chance.uniform(0.82, 0.98), 3) if line.speaker is Speaker.CANDIDATE else None,
                stage=line.stage,
                question_id=line.question_id,
                line=line.line,
                started_at=_at(begin_s),
                ended_at=_at(until_s),
                interrupted=line.line is LineKind.FOLLOW_UP and seq % 7 == 2,
            )
        )
    return tuple(made)


def _incident(kind: IncidentKind, severity: Severity, start_s: float, length_s: float) -> Incident:
    started = _at(start_s)
    return Incident(
        incident_id=incident_id(SESSION_ID, kind, started),
        session_id=SESSION_ID,
        attempt=1,
        kind=kind,
        severity=severity,
        started_at=started,
        ended_at=started + timedelta(seconds=length_s),
        confidence=0.93,
        detector="yunet",
        detector_version="2023mar",
        threshold=0.8,
        stills=(Still(moment="at", taken_at=started, file_id="still:sample"),),
        filed_at=started + timedelta(seconds=length_s + 1),
    )


def _recordings(length_s: float) -> tuple[RecordingSegment, ...]:
    starts = [
        start for start in range(-2, int(length_s), 5) if not 0.5 * length_s <= start < (0.5 + _PAUSED) * length_s
    ]
    return tuple(
        RecordingSegment(
            session_id=SESSION_ID,
            attempt=1,
            seq=seq,
            started_at=_at(start),
            duration_s=5,
            sample_rate=24000,
            file_id=f"recording:{SESSION_ID}:1:{seq}",
        )
        for seq, start in enumerate(starts)
        if not 400 <= start < 430
    )


def _scores() -> tuple[Score, ...]:
    return tuple(
        Score(
            competency_id,
            tuple(
                CompetencyScore(quotes=[*quotes, *_invented(competency_id, number)], reason=reason, level=level)
                for number, level in enumerate(levels)
            ),
            passes=len(levels),
            model="sample-model",
            prompt_tokens=1300 * len(levels),
            completion_tokens=120 * len(levels),
            calls=len(levels),
        )
        for competency_id, (levels, reason, quotes) in _PASSES.items()
    )


def _invented(competency_id: str, number: int) -> tuple[str, ...]:
    return (_INVENTED,) if competency_id == "teamwork" and number == 1 else ()


def _events(length_s: float) -> tuple[DialogueEvent, ...]:
    told = (("began", 0.0), ("left", 0.18 * length_s), ("resumed", 0.18 * length_s + 35))
    return tuple(
        DialogueEvent(session_id=SESSION_ID, seq=seq, attempt=1, at=_at(at_s), event={"type": kind, "at_s": at_s})
        for seq, (kind, at_s) in enumerate(told)
    )


def pictures(pdf: bytes, pages: tuple[int, ...] = (0, 1)) -> list[bytes]:
    """Return pages of a PDF as PNG, in few colours: small enough for a repository."""
    import pypdfium2  # what only developers have: the pages of the docs are their doing

    document = pypdfium2.PdfDocument(pdf)
    made = []
    for page in pages:
        bitmap = document[page].render(scale=_SCALE)  # pyright: ignore[reportArgumentType]
        image = bitmap.to_pil().convert("RGB").quantize(128, method=_KEEPS_RARE_COLOURS)
        sink = io.BytesIO()
        image.save(sink, "PNG", optimize=True)
        made.append(sink.getvalue())
    return made


def main() -> int:
    """Write the pictures, or with --output the PDF."""
    parser = argparse.ArgumentParser(prog="python -m local.sample_report", description=__doc__)
    parser.add_argument("--output", type=Path, help="write the PDF there, and no pictures")
    given = parser.parse_args()
    try:
        pdf = to_pdf(sample(), models.ensure(["fonts"])["fonts"])
    except VivaError as error:
        sys.stderr.write(f"viva: {error.message}\n")
        return 1
    if given.output:
        given.output.write_bytes(pdf)
        return 0
    PICTURES.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(pictures(pdf), start=1):
        (PICTURES / f"report-{number}.png").write_bytes(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())

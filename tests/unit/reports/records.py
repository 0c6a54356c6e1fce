"""Stored records of an interview, as short as a test can write them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from interview.incident import Incident, Severity, Still, incident_id
from interview.plan import Competency, IncidentKind, Plan, Question
from interview.recording import RecordingSegment
from interview.session import Candidate, Consent, ConsentItem, Progress, Session, Stage, Status
from interview.transcript import LineKind, Speaker, Turn, TurnKind, Word, turn_id
from reports.scores import CompetencyScore, Score

SESSION_ID = "0b5f7a52-8f0e-4f5e-9a55-0d7f2d2a5c11"
ZERO = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

PLAN = Plan(
    plan_id="plan-1",
    title="Backend engineer",
    competencies=(
        Competency(id="ownership", name="Ownership"),
        Competency(id="debugging", name="Debugging"),
    ),
    questions=(
        Question(id="q1", text="Tell me about a project that you led.", competency="ownership"),
        Question(id="q2", text="How did you find your hardest bug?", competency="debugging"),
        Question(id="q3", text="What would you do differently?", competency="ownership"),
    ),
)


def at(seconds: float) -> datetime:
    return ZERO + timedelta(seconds=seconds)


def session(session_id: str = SESSION_ID, **changes: Any) -> Session:
    values: dict[str, Any] = {
        "session_id": session_id,
        "owner_id": "owner-1",
        "candidate": Candidate(name="Ada Example", email="ada@example.org"),
        "plan": PLAN,
        "status": Status.COMPLETED,
        "livekit_room_name": f"interview-{session_id}",
        "created_at": at(-600),
        "updated_at": at(200),
        "not_after": at(86400),
        "consent": Consent(
            items=dict.fromkeys(ConsentItem, True), text_version="v1", given_at=at(-60), given_by="candidate"
        ),
        "attempt": 1,
        "started_at": at(-2),
        "clock_started_at": ZERO,
        "ended_at": at(200),
        "end_reason": "all questions were asked",
        "progress": Progress(total=3, answered=3, stage=Stage.DONE),
    }
    return Session(**(values | changes))


class Talk:
    """Writes turns one after the other; `turns` are what would be stored."""

    def __init__(self, session_id: str = SESSION_ID) -> None:
        self.turns: list[Turn] = []
        self._session_id = session_id

    def asks(self, text: str, start_s: float, end_s: float, question_id: str | None = "q1", **more: Any) -> "Talk":
        line = more.pop("line", LineKind.QUESTION)
        return self._add(Speaker.INTERVIEWER, text, start_s, end_s, question_id, line=line, **more)

    def says(self, text: str, start_s: float, end_s: float, question_id: str | None = "q1", **more: Any) -> "Talk":
        return self._add(Speaker.CANDIDATE, text, start_s, end_s, question_id, **({"confidence": 0.9} | more))

    def _add(
        self, speaker: Speaker, text: str, start_s: float, end_s: float, question_id: str | None, **more: Any
    ) -> "Talk":
        seq = len(self.turns)
        values: dict[str, Any] = {
            "turn_id": turn_id(self._session_id, seq),
            "session_id": self._session_id,
            "seq": seq,
            "attempt": 1,
            "speaker": speaker,
            "text": text,
            "stage": Stage.QUESTIONS if question_id else Stage.GREETING,
            "question_id": question_id,
            "started_at": at(start_s),
            "ended_at": at(end_s),
        }
        self.turns.append(Turn(**(values | more)))
        return self


def said(*texts: str, question_id: str | None = "q1") -> list[Turn]:
    talk = Talk()
    for number, text in enumerate(texts):
        talk.says(text, number * 10, number * 10 + 8, question_id)
    return talk.turns


def usual_talk(session_id: str = SESSION_ID) -> list[Turn]:
    return (
        Talk(session_id)
        .asks("Hello, and welcome.", 1, 3, None, line=LineKind.GREETING)
        .asks("Tell me about a project that you led.", 4, 7)
        .says("I led the move of our billing service, to a new database.", 8, 14)
        .says("It took four months and we lost no invoice, which I’m proud of.", 16, 22)
        .asks("What did you do yourself?", 23, 25, line=LineKind.FOLLOW_UP)
        .says("I wrote the plan, the checks, and I ran the rehearsals myself.", 26, 32)
        .asks("How did you find your hardest bug?", 33, 36, "q2")
        .says("I don't remember.", 40, 42, "q2")
        .asks("What would you do differently?", 43, 46, "q3")
        .says("I would rehearse the roll-back earlier, because that was our weak point.", 47, 53, "q3")
        .turns
    )


def words_of(text: str, start_s: float, each_s: float = 0.5) -> tuple[Word, ...]:
    return tuple(
        Word(text=word, started_at=at(start_s + n * each_s), ended_at=at(start_s + (n + 1) * each_s), confidence=0.9)
        for n, word in enumerate(text.split())
    )


def incident(start_s: float, end_s: float | None, session_id: str = SESSION_ID) -> Incident:
    started = at(start_s)
    return Incident(
        incident_id=incident_id(session_id, IncidentKind.NO_FACE, started),
        session_id=session_id,
        attempt=1,
        kind=IncidentKind.NO_FACE,
        severity=Severity.MEDIUM,
        started_at=started,
        ended_at=None if end_s is None else at(end_s),
        confidence=0.95,
        detector="yunet",
        detector_version="2023mar",
        threshold=0.8,
        stills=(Still(moment="at", taken_at=started, file_id="still:1"),),
        filed_at=at(start_s + 2),
    )


def segment(seq: int, start_s: float, session_id: str = SESSION_ID) -> RecordingSegment:
    return RecordingSegment(
        session_id=session_id,
        attempt=1,
        seq=seq,
        started_at=at(start_s),
        duration_s=5,
        sample_rate=24000,
        file_id=f"recording:{session_id}:1:{seq}",
    )


def score(competency_id: str, quotes: Sequence[str], level: int = 3) -> Score:
    return scored(competency_id, (level, quotes))


def scored(competency_id: str, *passes: tuple[int, Sequence[str]], asked: int | None = None) -> Score:
    """The score of a competency by these passes: a level and its quotes each."""
    replies = tuple(
        CompetencyScore(quotes=list(quotes), reason="It was concrete.", level=level) for level, quotes in passes
    )
    return Score(
        competency_id,
        replies,
        passes=asked or len(passes),
        model="some-model",
        prompt_tokens=100 * len(passes),
        completion_tokens=20 * len(passes),
        calls=len(passes),
    )


__all__ = [
    "PLAN",
    "SESSION_ID",
    "ZERO",
    "Talk",
    "TurnKind",
    "at",
    "incident",
    "said",
    "score",
    "scored",
    "segment",
    "session",
]

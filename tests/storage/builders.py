"""Records with ordinary content, for tests that care about one or two of their fields."""

import base64
import os
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from interview.incident import Incident, IncidentKind, Severity, Still, incident_id
from interview.names import room_name
from interview.outgoing import Announce
from interview.plan import Competency, Plan, Question
from interview.recording import RecordingSegment
from interview.session import Candidate, Progress, Session, Stage, Status
from interview.settings import Settings
from interview.transcript import DialogueEvent, Speaker, Turn, Word, turn_id

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WORDS = "Zephyrine migrated the quokka ledger"
"""What the candidate of these tests says; none of it may be found in a database."""


def new_key(key_id: str) -> str:
    return f"{key_id}:{base64.b64encode(os.urandom(32)).decode()}"


def settings(uri: str, database: str, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "mongodb_uri": uri,
        "mongodb_database": database,
        "encryption_keys": new_key("test"),
        "livekit_api_key": "key",
        "livekit_api_secret": "secret",
        "jwt_secret": "secret",
    }
    if "encryption_keys_file" in changes:
        del values["encryption_keys"]
    return Settings(**{**values, **changes})


def plan() -> Plan:
    return Plan(
        plan_id="plan-1",
        title="Backend engineer",
        job_description="Keeps the quokka ledger",
        competencies=(Competency(id="depth", name="Depth"),),
        questions=(Question(id="q1", text="What did you build?", competency="depth"),),
    )


def session(**changes: Any) -> Session:
    session_id = str(uuid4())
    values: dict[str, Any] = {
        "session_id": session_id,
        "owner_id": "owner-1",
        "candidate": Candidate(name="Zephyrine Quokka", email="zephyrine@quokka.example"),
        "plan": plan(),
        "livekit_room_name": room_name(session_id),
        "created_at": NOON,
        "updated_at": NOON,
        "not_after": NOON + timedelta(days=7),
        "progress": Progress(total=1),
    }
    return Session(**{**values, **changes})


def in_status(status: Status) -> Session:
    started = status not in (Status.INITIALIZED, Status.QUEUED, Status.EXPIRED)
    return session(status=status, attempt=1 if started else 0)


def turn(session_id: str, seq: int = 0, **changes: Any) -> Turn:
    words = tuple(
        Word(
            text=text,
            started_at=NOON + timedelta(milliseconds=400 * place),
            ended_at=NOON + timedelta(milliseconds=400 * place + 333),
            confidence=0.1 + 0.2,
        )
        for place, text in enumerate(WORDS.split())
    )
    values: dict[str, Any] = {
        "turn_id": turn_id(session_id, seq),
        "session_id": session_id,
        "seq": seq,
        "attempt": 1,
        "speaker": Speaker.CANDIDATE,
        "text": WORDS,
        "words": words,
        "confidence": 0.93,
        "stage": Stage.QUESTIONS,
        "question_id": "q1",
        "started_at": words[0].started_at,
        "ended_at": words[-1].ended_at,
    }
    return Turn(**{**values, **changes})


def dialogue_event(session_id: str, seq: int = 0) -> DialogueEvent:
    event = {"type": "finished", "text": WORDS, "confidence": 0.5, "words": [None, 1, 2.25]}
    return DialogueEvent(session_id=session_id, seq=seq, attempt=1, at=NOON, event=event)


def segment(session_id: str, seq: int = 0, attempt: int = 1) -> RecordingSegment:
    return RecordingSegment(
        session_id=session_id,
        attempt=attempt,
        seq=seq,
        started_at=NOON + timedelta(seconds=5 * seq),
        duration_s=5,
        sample_rate=48000,
        file_id=f"recording:{session_id}:{attempt}:{seq}",
    )


def incident(session_id: str, **changes: Any) -> Incident:
    values: dict[str, Any] = {
        "incident_id": incident_id(session_id, IncidentKind.NO_FACE, NOON),
        "session_id": session_id,
        "attempt": 1,
        "kind": IncidentKind.NO_FACE,
        "severity": Severity.MEDIUM,
        "started_at": NOON,
        "confidence": 0.8,
        "detector": "yunet",
        "detector_version": "2023mar",
        "threshold": 0.8,
        "filed_at": NOON + timedelta(seconds=2),
        "stills": (still("before"),),
        # as it is once stored
        "announce": Announce.DUE,
        "rank": 1,
    }
    return Incident(**{**values, **changes})


def still(moment: str) -> Still:
    return Still(moment=moment, taken_at=NOON, file_id=f"still:{moment}")

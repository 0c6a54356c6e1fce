"""What agents would have stored, for tests of what the API makes of it."""

from datetime import timedelta
from typing import Any

import numpy as np

from interview.audio import encode_segment
from interview.incident import Incident, Severity, Still, incident_id
from interview.plan import IncidentKind
from interview.recording import RecordingSegment
from interview.session import Session, Stage
from interview.storage import Storage
from interview.transcript import Speaker, Turn, turn_id

JPEG = b"\xff\xd8 a picture \xff\xd9"


async def store_turn(storage: Storage, session: Session, speaker: Speaker, text: str) -> Turn:
    seq = await storage.sessions.claim_turn_seq(session.session_id, session.attempt)
    began = session.created_at + timedelta(seconds=10 * seq)
    turn = Turn(
        turn_id=turn_id(session.session_id, seq),
        session_id=session.session_id,
        seq=seq,
        attempt=session.attempt,
        speaker=speaker,
        text=text,
        stage=Stage.QUESTIONS,
        question_id="q1",
        started_at=began,
        ended_at=began + timedelta(seconds=5),
    )
    await storage.turns.append(turn)
    return turn


async def store_segment(storage: Storage, session: Session, seq: int, level: tuple[int, int]) -> RecordingSegment:
    """Store one second of two tones: the candidate's and the interviewer's peak levels."""
    phase = np.arange(48_000) * 2 * np.pi * 440 / 48_000
    samples = np.stack([np.sin(phase) * level[0], np.sin(phase) * level[1]], axis=1).astype(np.int16)
    segment = RecordingSegment(
        session_id=session.session_id,
        attempt=session.attempt,
        seq=seq,
        started_at=session.created_at + timedelta(seconds=seq),
        duration_s=1.0,
        sample_rate=48_000,
        file_id=f"recording:{session.session_id}:{session.attempt}:{seq}",
    )
    await storage.recordings.add(segment, encode_segment(samples, 48_000))
    return segment


async def store_incident(storage: Storage, session: Session, second: float = 3, **given: Any) -> Incident:
    """Store an incident that began so many seconds after the session was made, with one still."""
    at = session.created_at + timedelta(seconds=second)
    key = incident_id(session.session_id, given.get("kind", IncidentKind.NO_FACE), at)
    file_id = f"still:{key}:at"
    await storage.files.put(file_id, JPEG, session_id=session.session_id, content_type="image/jpeg")
    values: dict[str, Any] = {
        "incident_id": key,
        "session_id": session.session_id,
        "attempt": session.attempt,
        "kind": IncidentKind.NO_FACE,
        "severity": Severity.MEDIUM,
        "started_at": at,
        "ended_at": at + timedelta(seconds=4),
        "confidence": 0.9,
        "detector": "yunet",
        "detector_version": "2023mar",
        "threshold": 0.8,
        "stills": (Still(moment="at", taken_at=at, file_id=file_id),),
        "filed_at": at + timedelta(seconds=4),
    }
    incident = Incident(**(values | given))
    await storage.incidents.file(incident)
    return incident

"""What the interviewer writes down: turns, dialogue events, progress, presence and audio, in order as they happen."""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from interview.clock import from_epoch
from interview.engines import EngineChange
from interview.outbox import Outbox
from interview.plan import Difficulty
from interview.recording import RecordingSegment
from interview.session import Progress, Stage
from interview.transcript import DialogueEvent, Latency, LineKind, Speaker, TurnKind, Word
from interview.usage import Usage
from interview.writes import Write, WriteKind
from providers.meter import Meter

log = logging.getLogger(__name__)


class Memory:
    """Queues one attempt's writes for the database."""

    def __init__(
        self,
        outbox: Outbox,
        session_id: str,
        attempt: int,
        *,
        evaluate_after_s: float,
        meter: Meter | None = None,
    ) -> None:
        self._outbox = outbox
        self._session_id = session_id
        self._attempt = attempt
        self._event_seq = 0
        self._evaluate_after_s = evaluate_after_s
        self._done: set[str] = set()
        self._meter = meter

    def goes_on_after(self, told: Iterable[DialogueEvent]) -> None:
        """Number events from here on after those that earlier attempts were told."""
        self._event_seq = max((event.seq for event in told), default=-1) + 1

    def turn(
        self,
        speaker: Speaker,
        text: str,
        *,
        started_at: float,
        ended_at: float,
        stage: Stage,
        question_id: str | None,
        kind: TurnKind = TurnKind.SPOKEN,
        line: LineKind | None = None,
        words: tuple[Word, ...] = (),
        confidence: float | None = None,
        interrupted: bool = False,
        instructs: bool = False,
        difficulty: Difficulty | None = None,
        latency: Latency | None = None,
    ) -> None:
        """Store a turn; times are seconds since 1970. Its number is claimed once, however often writing is tried.

        What providers were used for since the turn before is this one's usage.
        """
        usage = self._meter.take() if self._meter else None
        self._put(
            WriteKind.TURN,
            {
                "session_id": self._session_id,
                "attempt": self._attempt,
                "speaker": speaker,
                "kind": kind,
                "text": text,
                "words": [word.model_dump(mode="json") for word in words],
                "confidence": confidence,
                "stage": stage,
                "question_id": question_id,
                "line": line,
                "started_at": from_epoch(started_at).isoformat(),
                "ended_at": from_epoch(max(started_at, ended_at)).isoformat(),
                "interrupted": interrupted,
                "instructs": instructs,
                "difficulty": difficulty,
                "usage": None if usage is None else usage.model_dump(mode="json"),
                "latency": None if latency is None else latency.model_dump(mode="json"),
            },
        )
        if usage is not None:
            self.usage(usage)
        if speaker is Speaker.CANDIDATE and question_id in self._done:
            self.question_done(question_id)  # the answer has grown

    def question_done(self, question_id: str) -> None:
        """Queue the answer to a question to be evaluated, elsewhere; words that still come queue it again."""
        self._done.add(question_id)
        self._put(WriteKind.EVALUATE, {"question_id": question_id, "after_s": self._evaluate_after_s})

    def event(self, event: dict[str, Any], actions: tuple[dict[str, Any], ...], at: datetime) -> None:
        """Store what the dialogue machine was told, and what it did; both are JSON-ready."""
        told = {
            "session_id": self._session_id,
            "seq": self._event_seq,
            "attempt": self._attempt,
            "at": at.isoformat(),
            "event": event,
            "actions": actions,
        }
        self._event_seq += 1
        self._put(WriteKind.EVENT, told)

    def progress(self, progress: Progress) -> None:
        """Store how far the interview has come."""
        self._put(WriteKind.PROGRESS, progress.model_dump(mode="json"))

    def joined(self, at: datetime) -> None:
        """Store that the candidate came."""
        self._put(WriteKind.JOINED, {"at": at.isoformat()})

    def left(self, at: datetime) -> None:
        """Store that the candidate went."""
        self._put(WriteKind.LEFT, {"at": at.isoformat()})

    def engines(self, change: EngineChange) -> None:
        """Store that a kind of engine fares otherwise than before."""
        self._put(WriteKind.ENGINES, change.model_dump(mode="json"))

    def usage(self, used: Usage) -> None:
        """Add to what the session has used of its providers."""
        if used != Usage():
            self._put(WriteKind.USAGE, used.model_dump(mode="json"))

    def audio(self, segment: RecordingSegment, ogg: bytes) -> None:
        """Store a segment of the room's audio."""
        self._put(WriteKind.AUDIO, segment.model_dump(mode="json"), ogg)

    def _put(self, kind: WriteKind, record: dict[str, Any], blob: bytes = b"") -> None:
        self._outbox.put(Write(kind, self._session_id, self._attempt, record, blob))

"""What the interviewer writes down: turns, dialogue events, progress and audio, in order and as they happen."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from interview.clock import from_epoch
from interview.errors import StaleAttempt
from interview.outbox import Outbox
from interview.plan import Difficulty
from interview.recording import RecordingSegment
from interview.session import Progress, Stage
from interview.storage import Storage
from interview.transcript import DialogueEvent, Latency, LineKind, Speaker, Turn, TurnKind, Word, turn_id
from providers.meter import Meter

log = logging.getLogger(__name__)


class Memory:
    """Queues writes for the database; `on_stale` is called once when a newer attempt has taken over."""

    def __init__(
        self,
        storage: Storage,
        outbox: Outbox,
        session_id: str,
        attempt: int,
        *,
        events_so_far: int,
        evaluate_after_s: float,
        on_stale: Callable[[], None],
        meter: Meter | None = None,
    ) -> None:
        self._storage = storage
        self._outbox = outbox
        self._session_id = session_id
        self._attempt = attempt
        self._event_seq = events_so_far
        self._evaluate_after_s = evaluate_after_s
        self._done: set[str] = set()
        self._on_stale = on_stale
        self._meter = meter

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
        claimed: list[int] = []
        usage = self._meter.take() if self._meter else None

        async def write() -> None:
            try:
                if not claimed:
                    claimed.append(await self._storage.sessions.claim_turn_seq(self._session_id, self._attempt))
                await self._storage.turns.append(
                    Turn(
                        turn_id=turn_id(self._session_id, claimed[0]),
                        session_id=self._session_id,
                        seq=claimed[0],
                        attempt=self._attempt,
                        speaker=speaker,
                        kind=kind,
                        text=text,
                        words=words,
                        confidence=confidence,
                        stage=stage,
                        question_id=question_id,
                        line=line,
                        started_at=from_epoch(started_at),
                        ended_at=from_epoch(max(started_at, ended_at)),
                        interrupted=interrupted,
                        instructs=instructs,
                        difficulty=difficulty,
                        latency=latency,
                        usage=usage,
                    )
                )
            except StaleAttempt:
                self._on_stale()
                raise

        self._outbox.put("a turn", write)
        if usage:
            self._outbox.put("usage", lambda: self._storage.session_edits.add_usage(self._session_id, usage))
        if speaker is Speaker.CANDIDATE and question_id in self._done:
            self.question_done(question_id)  # the answer has grown

    def question_done(self, question_id: str) -> None:
        """Queue the answer to a question to be evaluated, elsewhere; words that still come queue it again."""
        self._done.add(question_id)

        async def write() -> None:
            await self._storage.evaluations.enqueue(self._session_id, question_id, self._evaluate_after_s)

        # who builds the report queues what is missing, so that this may be given up for what may not
        self._outbox.put("an answer to evaluate", write, replaceable=True)

    def event(self, event: dict[str, Any], actions: tuple[dict[str, Any], ...], at: datetime) -> None:
        """Store what the dialogue machine was told, and what it did."""
        record = DialogueEvent(
            session_id=self._session_id,
            seq=self._event_seq,
            attempt=self._attempt,
            at=at,
            event=event,
            actions=actions,
        )
        self._event_seq += 1
        self._outbox.put("a dialogue event", lambda: self._storage.dialogue_events.append(record))

    def progress(self, progress: Progress) -> None:
        """Store how far the interview has come."""
        self._outbox.put(
            "progress",
            lambda: self._storage.sessions.set_progress(self._session_id, self._attempt, progress),
            replaceable=True,
        )

    def audio(self, segment: RecordingSegment, ogg: bytes) -> None:
        """Store a segment of the room's audio."""
        self._outbox.put("an audio segment", lambda: self._storage.recordings.add(segment, ogg))

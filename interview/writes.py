"""Writes as data: what is to be stored about a session, and how each kind of it is stored.

Data and not closures, so that a write survives the process that wanted it (`interview.spool`). Every kind may be
performed twice: its key is derived, or the later of two times wins. Only what was used is a sum: a process that is
killed between the write and the removal of its file costs a few cents on paper, counted twice.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from interview.disturbance import Disturbance
from interview.engines import EngineChange
from interview.errors import StaleAttempt
from interview.incident import Incident, ObservationBatch
from interview.recording import RecordingSegment
from interview.session import Progress
from interview.storage import Storage
from interview.transcript import DialogueEvent, Turn, turn_id
from interview.usage import Usage

Remember = Callable[[int], Awaitable[None]]
"""Is told a turn's number before the turn is stored under it."""


class WriteKind(StrEnum):
    """What is written."""

    TURN = "turn"
    EVENT = "event"
    PROGRESS = "progress"
    EVALUATE = "evaluate"
    JOINED = "joined"
    LEFT = "left"
    AUDIO = "audio"
    OBSERVATIONS = "observations"
    STILL = "still"
    INCIDENT = "incident"
    DISTURBANCE = "disturbance"
    ENGINES = "engines"
    USAGE = "usage"


REPLACEABLE = frozenset({WriteKind.PROGRESS, WriteKind.OBSERVATIONS, WriteKind.EVALUATE})
"""What the next of its kind replaces, or somebody else does: who builds the report queues missing evaluations."""
GIVEN_UP_FIRST: tuple[frozenset[WriteKind], ...] = (REPLACEABLE, frozenset({WriteKind.AUDIO}))
"""Where too much waits: first what can be replaced, then audio, and nothing else ever."""


@dataclass(frozen=True)
class Write:
    """One write. `record` is JSON-ready, and checked when it is performed; `blob` is a file's content."""

    kind: WriteKind
    session_id: str
    attempt: int
    record: dict[str, Any]
    blob: bytes = field(default=b"", repr=False)
    number: int | None = None
    """A turn's `seq`, once one is claimed for it: then it is stored under that one, however often that is tried."""

    def numbered(self, number: int) -> "Write":
        """Return it with the number under which its turn is stored."""
        return replace(self, number=number)

    @property
    def size(self) -> int:
        """How many bytes it is when encoded."""
        return 4 + len(self._head()) + len(self.blob)

    def encoded(self) -> bytes:
        """Return it as bytes: the length of its JSON (4 bytes), the JSON, and the blob."""
        head = self._head()
        return len(head).to_bytes(4, "big") + head + self.blob

    def _head(self) -> bytes:
        head = {
            "kind": self.kind,
            "session_id": self.session_id,
            "attempt": self.attempt,
            "record": self.record,
            "number": self.number,
        }
        return json.dumps(head, separators=(",", ":")).encode()

    @classmethod
    def decoded(cls, content: bytes) -> "Write":
        """Read what `encoded` made. Raises `ValueError`, `KeyError` or `TypeError` for anything else."""
        end = 4 + int.from_bytes(content[:4], "big")
        head = cast(dict[str, Any], json.loads(content[4:end]))
        return cls(
            kind=WriteKind(head["kind"]),
            session_id=str(head["session_id"]),
            attempt=int(head["attempt"]),
            record=head["record"],
            blob=content[end:],
            number=None if head["number"] is None else int(head["number"]),
        )


class Writer:
    """Performs writes. `on_stale` is called whenever one shows that a newer attempt has begun."""

    def __init__(self, storage: Storage, on_stale: Callable[[], None] = lambda: None) -> None:
        self._storage = storage
        self._on_stale = on_stale

    async def perform(self, write: Write, remember: Remember) -> None:
        """Store it. Raises what the repositories raise, and pydantic's `ValidationError` for what is no such record."""
        storage, session_id, record = self._storage, write.session_id, write.record
        match write.kind:
            case WriteKind.TURN:
                await self._turn(write, remember)
            case WriteKind.EVENT:
                await storage.dialogue_events.append(DialogueEvent.model_validate(record))
            case WriteKind.PROGRESS:
                await self._progress(write)
            case WriteKind.EVALUATE:
                await storage.evaluations.enqueue(session_id, record["question_id"], record["after_s"])
            case WriteKind.JOINED:
                await storage.sessions.note_joined(session_id, datetime.fromisoformat(record["at"]))
            case WriteKind.LEFT:
                await storage.sessions.note_left(session_id, datetime.fromisoformat(record["at"]))
            case WriteKind.AUDIO:
                await storage.recordings.add(RecordingSegment.model_validate(record), write.blob)
            case WriteKind.OBSERVATIONS:
                await storage.observations.append(ObservationBatch.model_validate(record))
            case WriteKind.STILL:
                await storage.files.put(
                    record["file_id"], write.blob, session_id=session_id, content_type=record["content_type"]
                )
            case WriteKind.INCIDENT:
                await storage.incidents.file(Incident.model_validate(record))
            case WriteKind.ENGINES:
                await storage.session_edits.note_engines(session_id, write.attempt, EngineChange.model_validate(record))
            case WriteKind.USAGE:
                await storage.session_edits.add_usage(session_id, Usage.model_validate(record))
            case WriteKind.DISTURBANCE:
                await storage.disturbances.append(Disturbance.model_validate(record))

    async def _turn(self, write: Write, remember: Remember) -> None:
        """Store a turn under a number of its own. What was said before a newer attempt began is stored all the same."""
        unnumbered = Turn.model_validate({**write.record, "seq": 0, "turn_id": turn_id(write.session_id, 0)})
        number = write.number
        if number is None:
            number = await self._claim(unnumbered)
            await remember(number)
        named = {"seq": number, "turn_id": turn_id(write.session_id, number)}
        await self._storage.turns.append(unnumbered.model_copy(update=named))

    async def _claim(self, turn: Turn) -> int:
        sessions = self._storage.sessions
        try:
            return await sessions.claim_turn_seq(turn.session_id, turn.attempt)
        except StaleAttempt:
            self._on_stale()
            return await sessions.claim_late_turn_seq(turn.session_id, turn.attempt, turn.started_at)

    async def _progress(self, write: Write) -> None:
        progress = Progress.model_validate(write.record)
        try:
            await self._storage.sessions.set_progress(write.session_id, write.attempt, progress)
        except StaleAttempt:
            self._on_stale()
            raise

"""One attempt being watched: frames in, observations and incidents out. Knows no LiveKit."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from interview.clock import Clock
from interview.disturbance import Disturbance, DisturbanceKind
from interview.incident import Incident, Observation, ObservationBatch, incident_id
from interview.incident_kind import IncidentKind
from interview.outbox import Outbox
from interview.rules import IncidentChange, RuleSet, State, resume, step
from interview.signals import CAMERA, PAUSED
from interview.storage import Storage
from interview.writes import Write, WriteKind
from proctoring import evidence
from proctoring.analysis import Analysis, Grab, Look, Sound
from proctoring.detectors.eyes import Eyes
from proctoring.detectors.frame import Frame, Pixels
from proctoring.detectors.voice import SAMPLE_RATE, VoiceWatch
from proctoring.evidence import (
    AFTER,
    AT,
    BEFORE,
    CONTENT_TYPE,
    SOUND_TYPE,
    Filing,
    Snapshot,
    SoundRing,
    StillRing,
    with_sound,
)
from proctoring.telling import Telling

logger = logging.getLogger(__name__)

_BATCH_S = 2.0
_BEFORE_SOUND = timedelta(seconds=1)


@dataclass(frozen=True)
class Assignment:
    """Whom to watch, and for what."""

    session_id: str
    attempt: int
    rules: RuleSet
    blurs: bool = False
    """Whether bystanders are made unrecognisable in stills."""


class Watch:
    """Looks at frames, tells the rules, stores what they were told, and files what they find.

    All writes go through `outbox`, which the owner runs. `resume()` comes first, `finish()` last.
    """

    def __init__(
        self, assignment: Assignment, analysis: Analysis, storage: Storage, outbox: Outbox, clock: Clock
    ) -> None:
        self._assignment = assignment
        self._analysis = analysis
        self._storage = storage
        self._outbox = outbox
        self._clock = clock
        self._state = State()
        self._ring = StillRing()
        self._sounds = SoundRing(SAMPLE_RATE)
        self._eyes = Eyes(frozenset(assignment.rules.watched), blurs=assignment.blurs)
        self._voices = VoiceWatch()
        self._telling = Telling(assignment.rules)
        self._open: dict[str, Incident] = {}
        self._told: list[Observation] = []
        self._seq = 0
        self._last_frame_at: datetime | None = None
        self._stops = 0
        self.frames = 0
        """How many frames were looked at."""

    async def resume(self) -> None:
        """Go on where a worker of the same attempt stopped: sequence, rules' state, incidents not yet filed.

        Raises `StorageUnavailable`.
        """
        session_id, attempt = self._assignment.session_id, self._assignment.attempt
        batches = [b for b in await self._storage.observations.of(session_id) if b.attempt == attempt]
        if not batches:
            return
        self._seq = max(batch.seq for batch in batches) + 1
        told = [observation for batch in batches for observation in batch.observations]
        for observation in told:
            self._eyes.baseline.restore(observation)
        self._state, found = resume(told, self._assignment.rules)
        filed = {incident.incident_id: incident for incident in await self._storage.incidents.of(session_id)}
        for change in found:
            known = filed.get(self._key(change))
            if known is None:
                self._file(self._opened(change, {}))
            elif known.ended_at != change.ended_at:
                self._file(evidence.closed(known, change, {}))
            elif not change.closed:
                self._open[known.incident_id] = known
        logger.info("session %s attempt %d: resumed after %d batches", session_id, attempt, len(batches))

    async def look(self, at: datetime, pixels: Pixels | Grab) -> None:
        """Look at a frame that was received `at`; see `Analysis.look` for `pixels`."""
        stops = self._stops
        look = await self._analysis.look(at, pixels, self._eyes, with_still=self._ring.wants(at))
        self.frames += 1
        if stops != self._stops:
            return  # the camera stopped meanwhile: what it sent before does not say that it is on
        if self._last_frame_at is None:
            self._tell(Observation(at=look.frame.at, detector=CAMERA, version="1", values={"on": 1}), look)
        self._last_frame_at = look.frame.at
        if look.still is not None:
            self._ring.keep(look.still)
        for observation in look.observations:
            if self._telling.wants(observation):
                self._tell(observation, look)
        self._store_if_due(look.frame.at)

    async def hear(self, at: datetime, sound: Sound) -> None:
        """Listen to the candidate's microphone: sound that ended `at`."""
        self._sounds.keep(at, sound)
        for observation in await self._analysis.hear(at, sound, self._voices):
            self._tell(observation, None)
        self._store_if_due(at)

    @property
    def listens(self) -> bool:
        """Whether anything of this watch needs the microphone."""
        kind = IncidentKind.SECOND_VOICE
        return kind in self._assignment.rules.watched and kind not in self._analysis.off

    def tell_what_is_off(self) -> None:
        """Store which of the kinds that should be watched for cannot be, because a model is missing or altered."""
        now = self._clock.now()
        for kind in self._assignment.rules.watched:
            if kind in self._analysis.off:
                logger.warning("session %s: %s is off", self._assignment.session_id, kind)
                gap = Disturbance(
                    session_id=self._assignment.session_id,
                    attempt=self._assignment.attempt,
                    kind=DisturbanceKind.NOT_WATCHED,
                    started_at=now,
                    ended_at=now,
                    what=kind,
                )
                self._put(WriteKind.DISTURBANCE, gap.model_dump(mode="json"))

    def hearing_paused(self) -> None:
        """Say that the microphone's sound does not follow on what was heard before."""
        self._voices.pause()

    def camera_off(self) -> None:
        """Say that the candidate is there and their camera does not send: muted, unpublished, or never begun."""
        self._stopped({"on": 0})

    def camera_paused(self) -> None:
        """Say that nobody looks now (paused, disconnected, gone); what is open ends at its last frame."""
        self._sounds.clear()
        if self._last_frame_at is not None:
            self._stopped({PAUSED: 1})

    def silent_for_s(self) -> float:
        """Return how long no frame has come although the camera was on; 0 where it is off."""
        if self._last_frame_at is None:
            return 0.0
        return (self._clock.now() - self._last_frame_at).total_seconds()

    def finish(self) -> None:
        """End what is open and queue the last observations."""
        self._stopped({PAUSED: 1})
        self._store_told()

    def _stopped(self, values: dict[str, float]) -> None:
        self._last_frame_at = None
        self._stops += 1
        self._ring.clear()
        self._eyes.camera_stopped()
        self._tell(Observation(at=self._clock.now(), detector=CAMERA, version="1", values=values), None)
        self._store_told()

    def _store_if_due(self, at: datetime) -> None:
        if self._told and (at - self._told[0].at).total_seconds() >= _BATCH_S:
            self._store_told()

    def _tell(self, observation: Observation, look: Look | None) -> None:
        self._told.append(observation)
        self._state, changes = step(self._state, observation, self._assignment.rules)
        for change in changes:
            self._act_on(change, look.frame if look else None)

    def _act_on(self, change: IncidentChange, frame: Frame | None) -> None:
        key = self._key(change)
        logger.info(
            "session %s: incident %s %s %s",
            self._assignment.session_id,
            key,
            change.kind,
            "ended" if change.closed else "found",
        )
        now = evidence.snapshot(frame) if frame is not None else None
        if not change.closed:
            before = self._ring.before(change.started_at)
            filing = self._opened(change, _present({BEFORE: before, AT: now}))
            if change.kind is IncidentKind.SECOND_VOICE:
                filing = with_sound(filing, self._sounds.clip(change.started_at - _BEFORE_SOUND, self._clock.now()))
            self._file(filing)
            return
        incident = self._open.pop(key, None)
        if incident is None:
            self._file(self._opened(change, {}))
        else:
            self._file(evidence.closed(incident, change, _present({AFTER: now})))

    def _opened(self, change: IncidentChange, stills: dict[str, Snapshot]) -> Filing:
        return evidence.opened(
            change,
            session_id=self._assignment.session_id,
            attempt=self._assignment.attempt,
            at=self._clock.now(),
            stills=stills,
        )

    def _file(self, filing: Filing) -> None:
        """Queue the evidence and then the incident, so that no stored incident names a file that is not there."""
        incident = filing.incident
        if incident.ended_at is None:
            self._open[incident.incident_id] = incident
        for files, content_type in ((filing.pictures, CONTENT_TYPE), (filing.sounds, SOUND_TYPE)):
            for file_id, content in files:
                self._put(WriteKind.STILL, {"file_id": file_id, "content_type": content_type}, content)
        self._put(WriteKind.INCIDENT, incident.model_dump(mode="json"))

    def _store_told(self) -> None:
        if not self._told:
            return
        batch = ObservationBatch(
            session_id=self._assignment.session_id,
            attempt=self._assignment.attempt,
            seq=self._seq,
            observations=tuple(self._told),
        )
        self._seq += 1
        self._told = []
        self._put(WriteKind.OBSERVATIONS, batch.model_dump(mode="json"))

    def _put(self, kind: WriteKind, record: dict[str, Any], blob: bytes = b"") -> None:
        self._outbox.put(Write(kind, self._assignment.session_id, self._assignment.attempt, record, blob))

    def _key(self, change: IncidentChange) -> str:
        return incident_id(self._assignment.session_id, change.kind, change.started_at)


def _present(stills: dict[str, Snapshot | None]) -> dict[str, Snapshot]:
    return {moment: still for moment, still in stills.items() if still is not None}

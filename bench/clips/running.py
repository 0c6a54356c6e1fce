"""Clips through the worker's own pipeline (`Watch`: analysis, rules, filing), faster than real time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import numpy as np

from bench.clips.scenes import Clip
from bench.clips.scoring import Filed, Truth
from bench.clips.voices import VoiceClip
from interview.accommodation import Accommodations
from interview.clock import VirtualClock
from interview.incident import Incident
from interview.incident_kind import IncidentKind
from interview.outbox import Outbox
from interview.plan import ProctoringPolicy
from interview.rules import house_rules, rules_for
from interview.signals import OF_THE_ROOM
from interview.storage import Storage
from interview.writes import Write, WriteKind
from proctoring.analysis import Analysis
from proctoring.watch import Assignment, Watch

FRAMES_PER_S = 5
_START = datetime(2026, 1, 1, 9, tzinfo=UTC)
_CHUNK_S = 0.2


@dataclass
class _Kept:
    """Stands where an outbox would: keeps each incident as it was filed last, and when first."""

    incidents: dict[str, tuple[Incident, datetime]] = field(default_factory=dict)
    now: datetime = _START

    def put(self, write: Write) -> None:
        if write.kind is WriteKind.INCIDENT:
            incident = Incident.model_validate(write.record)
            first = self.incidents.get(incident.incident_id, (None, self.now))[1]
            self.incidents[incident.incident_id] = (incident, first)


@dataclass(frozen=True)
class Outcome:
    """What a clip's events were, what was filed, and what it cost."""

    clip: str
    identity: str
    truths: tuple[Truth, ...]
    filed: tuple[Filed, ...]
    clean_s: float
    length_s: float
    cpu_s: float
    frames: int
    material: str
    """What its clean time shows or sounds like, so that repetitions can be told."""
    material_s: float


def watch_for(name: str, analysis: Analysis, clock: VirtualClock, kept: Any) -> Watch:
    """Return the watch of a session that looks for everything a camera and a microphone show."""
    rules = rules_for(house_rules(None), ProctoringPolicy(kinds=tuple(OF_THE_ROOM)), Accommodations()).only(OF_THE_ROOM)
    # nothing is resumed here, so no storage is asked
    return Watch(Assignment(name, 1, rules), analysis, cast(Storage, None), cast(Outbox, kept), clock)


async def run_clip(clip: Clip, analysis: Analysis) -> Outcome:
    """Show a clip, as many frames a second as the worker takes of a camera."""
    clock, kept, before = VirtualClock(_START), _Kept(), analysis.cpu_s
    watch = watch_for(clip.name, analysis, clock, kept)
    for number in range(int(clip.length_s * FRAMES_PER_S)):
        at_s = number / FRAMES_PER_S
        image = clip.draw(at_s)
        kept.now = clock.now()
        await watch.look(clock.now(), image)
        clock.advance(1 / FRAMES_PER_S)
    watch.finish()
    truths = tuple(
        Truth(clip.name, event.kind, event.start_s, event.end_s, _width(event.what), clip.held_out)
        for event in clip.events
        if event.kind is not None
    )
    return Outcome(
        clip.name,
        clip.person.name,
        truths,
        _filed(clip.name, kept, clip.held_out),
        clip.clean_s,
        clip.length_s,
        analysis.cpu_s - before,
        watch.frames,
        clip.person.material,
        clip.person.material_s or clip.length_s,
    )


async def run_voices(clip: VoiceClip, analysis: Analysis) -> Outcome:
    """Play a clip of voices."""
    clock, kept, before = VirtualClock(_START), _Kept(), analysis.cpu_s
    watch = watch_for(clip.name, analysis, clock, kept)
    size = int(_CHUNK_S * 16_000)
    for start in range(0, len(clip.samples) - size, size):
        clock.advance(_CHUNK_S)
        kept.now = clock.now()
        await watch.hear(clock.now(), np.ascontiguousarray(clip.samples[start : start + size]))
    watch.finish()
    length_s = len(clip.samples) / 16_000
    truths = tuple(
        Truth(clip.name, IncidentKind.SECOND_VOICE, start_s, end_s, 0, clip.held_out) for start_s, end_s in clip.others
    )
    clean_s = length_s - sum(end_s - start_s for start_s, end_s in clip.others)
    filed = _filed(clip.name, kept, clip.held_out)
    cpu_s = analysis.cpu_s - before
    return Outcome(clip.name, clip.speaker, truths, filed, clean_s, length_s, cpu_s, 0, clip.speaker, clip.material_s)


def _filed(name: str, kept: _Kept, apart: bool) -> tuple[Filed, ...]:
    return tuple(
        Filed(
            name,
            incident.kind,
            incident.severity,
            _since(incident.started_at),
            None if incident.ended_at is None else _since(incident.ended_at),
            _since(first),
            apart,
        )
        for incident, first in kept.incidents.values()
    )


def _since(moment: datetime) -> float:
    return (moment - _START) / timedelta(seconds=1)


def _width(what: str) -> int:
    digits = [word for word in what.split() if word.isdigit()]
    return int(digits[0]) if digits else 0

"""From observations to incidents. Pure: the same observations give the same incidents, live and on replay.

Each kind has a *condition* that an observation fulfils, does not fulfil, or leaves unknown (too dark). A condition
that holds long enough becomes an incident; it is said to begin at the first frame that fulfilled it and to end at
the first frame that no longer did, or at the last one that did where nothing could be seen any more. Short gaps
inside an incident belong to it, so that one event gives one incident.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from interview.incident import Observation
from interview.plan import IncidentKind, ProctoringPolicy

FACES = "yunet"
BRIGHTNESS = "brightness"
CAMERA = "camera"
"""The detector name under which the rules are told that no more frames come."""

_HITS_PER_MISS = 2


@dataclass(frozen=True)
class Thresholds:
    """When something counts, and for how long it must. Scores are 0 to 1, luma 0 to 255, times in seconds."""

    face_score: float = 0.6
    """Under this nobody is seen. Lower than `second_score`: a turned or moving head scores low and is still there."""
    second_score: float = 0.8
    """From this a second face is one."""
    dark_luma: float = 20.0
    """Under this (8 % of white) faces are not found any more, so nothing is known about them."""
    no_face_after_s: float = 2.0
    second_face_after_s: float = 1.0
    min_frames: int = 3
    """Frames that must fulfil a condition, however far apart a busy machine looks at them."""
    flicker_s: float = 0.5
    """A condition that is not yet an incident starts afresh after being unfulfilled for longer than this."""
    merge_gap_s: float = 1.5
    """An incident goes on over gaps shorter than this."""
    cooldown_s: float = 5.0
    """A condition that begins within this time after an incident of its kind must last twice as long."""
    hole_s: float = 5.0
    """Without any observation for this long the camera counts as gone."""

    def after_s(self, kind: IncidentKind) -> float:
        """Return how long a condition must hold to be an incident."""
        return self.no_face_after_s if kind is IncidentKind.NO_FACE else self.second_face_after_s

    def score(self, kind: IncidentKind) -> float:
        """Return the detector score that decides about this kind."""
        return self.face_score if kind is IncidentKind.NO_FACE else self.second_score


WATCHED = (IncidentKind.NO_FACE, IncidentKind.SECOND_FACE)
"""The kinds that these rules can find."""


@dataclass(frozen=True)
class IncidentChange:
    """An incident that was found (`ended_at` is None) or that is over.

    `confidence` is the mean certainty of the detector over the frames that fulfilled the condition; `threshold` is
    the score that decided; `detector` and `version` say who measured.
    """

    kind: IncidentKind
    started_at: datetime
    ended_at: datetime | None
    confidence: float
    threshold: float
    detector: str
    version: str

    @property
    def closed(self) -> bool:
        """Tell whether the incident is over."""
        return self.ended_at is not None


class _Signal(Enum):
    HOLDS = "holds"
    CLEAR = "clear"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class _Track:
    """One kind's condition over time. `since` is None while it does not hold."""

    since: datetime | None = None
    last_held: datetime | None = None
    over_at: datetime | None = None
    hits: int = 0
    misses: int = 0
    certainty: float = 0.0
    open: bool = False
    last_ended: datetime | None = None
    version: str = ""


@dataclass(frozen=True)
class State:
    """What the rules remember between two observations."""

    tracks: dict[IncidentKind, _Track] = field(default_factory=dict)
    last_at: datetime | None = None


def step(
    state: State, observation: Observation, policy: ProctoringPolicy, thresholds: Thresholds
) -> tuple[State, list[IncidentChange]]:
    """Tell the rules one observation; returns the new state and what was found or is over because of it."""
    changes: list[IncidentChange] = []
    tracks = dict(state.tracks)
    stopped = observation.detector == CAMERA
    for kind in _switched_on(policy):
        track = tracks.get(kind, _Track())
        if stopped or _hole(state, observation, thresholds):
            track, found = _stop(track, kind, thresholds)
            changes += found
        signal, certainty = _read(kind, observation, thresholds)
        if signal is not None:
            if signal is _Signal.HOLDS:
                track = replace(track, version=observation.version)
            track, found = _advance(track, kind, observation.at, signal, certainty, thresholds)
            changes += found
        tracks[kind] = track
    return State(tracks, observation.at), changes


def replay(
    observations: Iterable[Observation], policy: ProctoringPolicy, thresholds: Thresholds
) -> list[IncidentChange]:
    """Return the incidents that these observations give, each once in its last form, in order of their beginning.

    An incident that nothing ended has `ended_at` None.
    """
    return resume(observations, policy, thresholds)[1]


def resume(
    observations: Iterable[Observation], policy: ProctoringPolicy, thresholds: Thresholds
) -> tuple[State, list[IncidentChange]]:
    """Replay, and also return the state in which a restarted worker goes on."""
    state = State()
    found: dict[tuple[IncidentKind, datetime], IncidentChange] = {}
    for observation in observations:
        state, changes = step(state, observation, policy, thresholds)
        found.update({(change.kind, change.started_at): change for change in changes})
    return state, sorted(found.values(), key=lambda change: (change.started_at, change.kind))


def _switched_on(policy: ProctoringPolicy) -> list[IncidentKind]:
    return [kind for kind in WATCHED if policy.enabled and kind in policy.kinds]


def _hole(state: State, observation: Observation, thresholds: Thresholds) -> bool:
    return state.last_at is not None and _seconds(state.last_at, observation.at) > thresholds.hole_s


def _read(kind: IncidentKind, observation: Observation, thresholds: Thresholds) -> tuple[_Signal | None, float]:
    """Say what an observation means for a kind's condition, and how sure that is; None where it says nothing."""
    values = observation.values
    if observation.detector == BRIGHTNESS and values["luma"] < thresholds.dark_luma:
        return _Signal.UNKNOWN, 0.0
    if observation.detector != FACES:
        return None, 0.0
    if kind is IncidentKind.NO_FACE:
        holds, certainty = values["best"] < thresholds.face_score, 1 - values["best"]
    else:
        holds, certainty = values["second"] >= thresholds.second_score, values["second"]
    return (_Signal.HOLDS if holds else _Signal.CLEAR), certainty


def _advance(
    track: _Track, kind: IncidentKind, at: datetime, signal: _Signal, certainty: float, thresholds: Thresholds
) -> tuple[_Track, list[IncidentChange]]:
    if signal is _Signal.HOLDS:
        return _held(track, kind, at, certainty, thresholds)
    last_held = track.last_held
    if last_held is None:
        return track, []
    if track.open:
        over_at = track.over_at or (at if signal is _Signal.CLEAR else last_held)
        track = replace(track, over_at=over_at)
        if _seconds(over_at, at) >= thresholds.merge_gap_s:
            return _stop(track, kind, thresholds)
        return track, []
    track = replace(track, misses=track.misses + 1)
    too_many = track.misses > max(1, track.hits // _HITS_PER_MISS)
    if too_many or _seconds(last_held, at) > thresholds.flicker_s:
        return _Track(last_ended=track.last_ended), []
    return track, []


def _held(
    track: _Track, kind: IncidentKind, at: datetime, certainty: float, thresholds: Thresholds
) -> tuple[_Track, list[IncidentChange]]:
    since = track.since or at
    track = replace(
        track,
        since=since,
        last_held=at,
        over_at=None,
        hits=track.hits + 1,
        certainty=track.certainty + certainty,
    )
    if track.open:
        return track, []
    needed_s = thresholds.after_s(kind)
    if track.last_ended is not None and _seconds(track.last_ended, since) < thresholds.cooldown_s:
        needed_s *= 2
    if _seconds(since, at) < needed_s or track.hits < thresholds.min_frames:
        return track, []
    return replace(track, open=True), [_change(track, kind, since, None, thresholds)]


def _stop(track: _Track, kind: IncidentKind, thresholds: Thresholds) -> tuple[_Track, list[IncidentChange]]:
    """End what is open, and forget what was only beginning."""
    if not track.open or track.since is None:
        return _Track(last_ended=track.last_ended), []
    ended_at = track.over_at or track.last_held
    return _Track(last_ended=ended_at), [_change(track, kind, track.since, ended_at, thresholds)]


def _change(
    track: _Track, kind: IncidentKind, since: datetime, ended_at: datetime | None, thresholds: Thresholds
) -> IncidentChange:
    return IncidentChange(
        kind=kind,
        started_at=since,
        ended_at=ended_at,
        confidence=round(min(1.0, max(0.0, track.certainty / max(1, track.hits))), 3),
        threshold=thresholds.score(kind),
        detector=FACES,
        version=track.version,
    )


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()

"""From observations to incidents. Pure: the same observations give the same incidents, live and on replay.

Each kind has a *condition* (`interview.signals`) that an observation fulfils, does not fulfil, or leaves unknown. A
condition that holds long enough becomes an incident; it is said to begin at the first observation that fulfilled it and
to end at the first that no longer did, or at the last that did where nothing could be seen any more. Short gaps inside
an incident belong to it, so that one event gives one incident.

What is told once and holds until something else is told (a hidden tab; `Rule.hole_s` None) is *standing*. It becomes an
incident when its time has come, which is noticed at the next observation, or by `tick`. Its end is reported as soon as
it is over, and again, later, where it went on after a gap.

Time never runs backwards for a kind: an observation that comes late counts as of the latest moment that was told about
its kind. So incidents of a kind never overlap, whatever the order of what is told.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from interview.incident import Observation, Severity
from interview.incident_kind import IncidentKind
from interview.rules.rule import Rule, RuleSet
from interview.signals import BLINDS, CAMERA, OF_THE_PICTURE, PAUSED, SIGNALS, WINDOW, Sense

_HITS_PER_MISS = 2
_PICTURE_FIGURES = frozenset(SIGNALS[kind].figure for kind in OF_THE_PICTURE)


@dataclass(frozen=True)
class IncidentChange:
    """An incident that was found (`ended_at` is None) or that is over.

    `confidence` is the mean certainty of the detector over the observations that fulfilled the condition; `threshold`
    is the figure that decided; `detector` and `version` say who measured.
    """

    kind: IncidentKind
    started_at: datetime
    ended_at: datetime | None
    severity: Severity
    confidence: float
    threshold: float
    detector: str
    version: str

    @property
    def closed(self) -> bool:
        """Tell whether the incident is over."""
        return self.ended_at is not None


class _Says(Enum):
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
    told_at: datetime | None = None
    """The latest moment about which anything was told."""
    free_from: datetime | None = None
    """Nothing of this kind may be said to have begun before: the last one had ended, or it was not so."""
    last_ended: datetime | None = None
    detector: str = ""
    version: str = ""

    def free(self, at: datetime) -> "_Track":
        """Return the track, on which nothing can have begun before `at`."""
        return replace(self, free_from=max(filter(None, (self.free_from, at))))

    def forgotten(self, ended_at: datetime | None = None) -> "_Track":
        """Return the track with nothing held on it, after an incident that ended then, or without one."""
        free_from = max(filter(None, (self.free_from, ended_at)), default=None)
        return _Track(told_at=self.told_at, free_from=free_from, last_ended=ended_at or self.last_ended)


@dataclass(frozen=True)
class State:
    """What the rules remember between two observations."""

    tracks: dict[IncidentKind, _Track] = field(default_factory=dict[IncidentKind, _Track])
    blinding: dict[IncidentKind, datetime] = field(default_factory=dict[IncidentKind, datetime])
    """Conditions that hold and keep others from being known, and when each was last told."""


Changes = list[IncidentChange]


def step(state: State, observation: Observation, rules: RuleSet) -> tuple[State, Changes]:
    """Tell the rules one observation; returns the new state and what was found or is over because of it."""
    changes: Changes = []
    blinding = _blinding(state.blinding, observation, rules)
    tracks = dict(state.tracks)
    for kind in rules.watched:
        track, found = _tell(tracks.get(kind, _Track()), kind, observation, blinding, rules.rules[kind])
        tracks[kind] = track
        changes += found
    return State(tracks, blinding), changes


def tick(state: State, at: datetime, rules: RuleSet) -> tuple[State, Changes]:
    """Tell the rules that it is `at` and that what stands still stands; returns as `step` does."""
    changes: Changes = []
    tracks = dict(state.tracks)
    for kind, track in state.tracks.items():
        rule = rules.rules[kind]
        if rule.hole_s is None and not rule.momentary:
            tracks[kind], found = _ripened(track, kind, _not_before(track, at), rule)
            changes += found
    return State(tracks, state.blinding), changes


def due_at(state: State, rules: RuleSet) -> datetime | None:
    """Return when the next standing condition becomes an incident if nothing else is told, or None."""
    waiting = [
        track.since + timedelta(seconds=_needed_s(track, rule))
        for kind, track in state.tracks.items()
        for rule in (rules.rules[kind],)
        if track.since is not None and not track.open and rule.hole_s is None and track.hits >= rule.min_observations
    ]
    return min(waiting, default=None)


def replay(observations: Iterable[Observation], rules: RuleSet) -> Changes:
    """Return the incidents that these observations give, each once in its last form, in order of their beginning.

    An incident that nothing ended has `ended_at` None.
    """
    return resume(observations, rules)[1]


def resume(observations: Iterable[Observation], rules: RuleSet) -> tuple[State, Changes]:
    """Replay, and also return the state in which a restarted worker goes on."""
    state = State()
    found: dict[tuple[IncidentKind, datetime], IncidentChange] = {}
    for observation in observations:
        state, changes = step(state, observation, rules)
        found.update({(change.kind, change.started_at): change for change in changes})
    return state, in_order(found.values())


def in_order(changes: Iterable[IncidentChange]) -> Changes:
    """Sort by beginning, then by kind."""
    return sorted(changes, key=lambda change: (change.started_at, change.kind))


def _blinding(
    known: dict[IncidentKind, datetime], observation: Observation, rules: RuleSet
) -> dict[IncidentKind, datetime]:
    """Return which conditions keep others from being known now, whether or not they are filed themselves."""
    if observation.detector == CAMERA or PAUSED in observation.values:
        return {}
    blinding: dict[IncidentKind, datetime] = {}
    for kind in BLINDS:
        rule = rules.rules[kind]
        if SIGNALS[kind].figure in observation.values:
            if _fulfils(kind, observation.values[SIGNALS[kind].figure], rule.threshold):
                blinding[kind] = observation.at
        elif kind in known and (rule.hole_s is None or _seconds(known[kind], observation.at) <= rule.hole_s):
            blinding[kind] = known[kind]
    return blinding


def _tell(
    track: _Track, kind: IncidentKind, observation: Observation, blinding: dict[IncidentKind, datetime], rule: Rule
) -> tuple[_Track, Changes]:
    changes: Changes = []
    at = _not_before(track, observation.at)
    stops = _stops(kind, observation)
    if stops and rule.hole_s is None and not rule.momentary:
        track, changes = _ripened(track, kind, at, rule)  # it stood until now, whether or not anybody noticed
    if stops or _hole(track, at, rule):
        track, found = _stop(track, kind, at, rule)
        changes = changes + found
    if stops:
        track = replace(track, told_at=at)
    says = _read(track, kind, observation, blinding, rule)
    if says is None:
        return track, changes
    track = replace(track, told_at=at)
    if rule.momentary:
        track, found = _happened(track, kind, observation, at, rule) if says is _Says.HOLDS else (track, [])
    else:
        track, found = _advance(track, kind, observation, at, says, rule)
    return track, changes + found


def _stops(kind: IncidentKind, observation: Observation) -> bool:
    """Tell whether nobody sees anything about a kind any more."""
    if observation.values.get(PAUSED):
        return True
    return observation.detector == CAMERA and observation.values.get("on") == 0 and kind in OF_THE_PICTURE


def _hole(track: _Track, at: datetime, rule: Rule) -> bool:
    return rule.hole_s is not None and track.told_at is not None and _seconds(track.told_at, at) > rule.hole_s


def _read(
    track: _Track, kind: IncidentKind, observation: Observation, blinding: dict[IncidentKind, datetime], rule: Rule
) -> _Says | None:
    """Say what an observation means for a kind's condition; None where it says nothing."""
    values = observation.values
    if values.get(PAUSED):
        return None
    blinded_by = [blinder for blinder in blinding if kind in BLINDS[blinder]]
    figure = SIGNALS[kind].figure
    if blinded_by:
        spoken = figure in values or any(SIGNALS[blinder].figure in values for blinder in blinded_by)
        return _Says.UNKNOWN if spoken else None
    if figure in values:
        bound = rule.clear_at if track.open else rule.threshold
        return _Says.HOLDS if _fulfils(kind, values[figure], bound) else _Says.CLEAR
    if kind is IncidentKind.CAMERA_OFF and _PICTURE_FIGURES & values.keys():
        return _Says.CLEAR  # a frame was looked at
    return None


def _fulfils(kind: IncidentKind, value: float, bound: float) -> bool:
    return value >= bound if SIGNALS[kind].sense is Sense.AT_LEAST else value < bound


def _advance(
    track: _Track, kind: IncidentKind, observation: Observation, at: datetime, says: _Says, rule: Rule
) -> tuple[_Track, Changes]:
    standing = rule.hole_s is None
    track, changes = _ripened(track, kind, at, rule) if standing else (track, [])
    if track.over_at is not None and _seconds(track.over_at, at) >= rule.merge_gap_s:
        track, found = _stop(track, kind, at, rule)
        changes = changes + found
    if says is _Says.HOLDS:
        track, found = _held(track, kind, observation, at, rule)
        return track, changes + found
    if track.last_held is None:
        return track.free(at), changes
    if not track.open:
        return _doubted(track, at, says, rule), changes
    if track.over_at is None:
        # what stands does so until something else is told, whatever stretch that was measured over
        clear_s = 0.0 if standing else observation.values.get(WINDOW, 0.0)
        seen_until = at if standing else track.last_held
        over_at = max(track.last_held, at - timedelta(seconds=clear_s)) if says is _Says.CLEAR else seen_until
        track = replace(track, over_at=over_at)
        if standing:
            changes = [*changes, _change(track, kind, over_at, rule)]
    assert track.over_at is not None
    if _seconds(track.over_at, at) >= rule.merge_gap_s:
        track, found = _stop(track, kind, at, rule)
        return track.free(at), changes + found
    return track, changes


def _doubted(track: _Track, at: datetime, says: _Says, rule: Rule) -> _Track:
    """Return the track of what is no incident yet, after an observation that did not fulfil the condition."""
    assert track.last_held is not None
    gone_s = _seconds(track.last_held, at)
    if says is _Says.UNKNOWN:
        return track if gone_s < rule.flicker_s else track.forgotten().free(at)
    track = replace(track, misses=track.misses + 1)
    too_many = track.misses > max(1, track.hits // _HITS_PER_MISS)
    return track.forgotten().free(at) if too_many or gone_s > rule.flicker_s else track


def _held(
    track: _Track, kind: IncidentKind, observation: Observation, at: datetime, rule: Rule
) -> tuple[_Track, Changes]:
    signal = SIGNALS[kind]
    certainty = 1.0 if rule.hole_s is None else signal.certainty(observation.values[signal.figure])
    track = replace(
        track,
        since=track.since or _begun(track, observation, at),
        last_held=at,
        over_at=None,
        hits=track.hits + 1,
        certainty=track.certainty + certainty,
        detector=observation.detector,
        version=observation.version,
    )
    return _ripened(track, kind, at, rule)


def _begun(track: _Track, observation: Observation, at: datetime) -> datetime:
    """Return when what holds at `at` began: at the start of what was measured, but not while it was not so."""
    began = at - timedelta(seconds=observation.values.get(WINDOW, 0.0))
    return max(filter(None, (began, track.free_from)))


def _ripened(track: _Track, kind: IncidentKind, at: datetime, rule: Rule) -> tuple[_Track, Changes]:
    """Make an incident of what has held for long enough."""
    if track.since is None or track.open:
        return track, []
    if _seconds(track.since, at) < _needed_s(track, rule) or track.hits < rule.min_observations:
        return track, []
    track = replace(track, open=True)
    return track, [_change(track, kind, None, rule)]


def _needed_s(track: _Track, rule: Rule) -> float:
    soon = (
        track.since is not None
        and track.last_ended is not None
        and _seconds(track.last_ended, track.since) < rule.cooldown_s
    )
    return rule.after_s * 2 if soon else rule.after_s


def _happened(
    track: _Track, kind: IncidentKind, observation: Observation, at: datetime, rule: Rule
) -> tuple[_Track, Changes]:
    """Take note of an event: one more of the incident before, or a new one, which is over at once."""
    goes_on = track.open and track.last_held is not None and _seconds(track.last_held, at) <= rule.merge_gap_s
    track = replace(
        track if goes_on else track.forgotten(track.last_held),
        since=track.since if goes_on else at,
        last_held=at,
        open=True,
        hits=1,
        certainty=1.0,
        detector=observation.detector,
        version=observation.version,
    )
    return track, [_change(track, kind, at, rule)]


def _stop(track: _Track, kind: IncidentKind, at: datetime, rule: Rule) -> tuple[_Track, Changes]:
    """End what is open, and forget what was only beginning."""
    if not track.open:
        return track.forgotten(), []
    standing = rule.hole_s is None
    ended_at = track.over_at or (at if standing and not rule.momentary else track.last_held)
    told = standing and (rule.momentary or track.over_at is not None)
    return track.forgotten(ended_at), [] if told else [_change(track, kind, ended_at, rule)]


def _change(track: _Track, kind: IncidentKind, ended_at: datetime | None, rule: Rule) -> IncidentChange:
    assert track.since is not None
    return IncidentChange(
        kind=kind,
        started_at=track.since,
        ended_at=ended_at,
        severity=rule.severity,
        confidence=round(min(1.0, max(0.0, track.certainty / max(1, track.hits))), 3),
        threshold=rule.threshold,
        detector=track.detector,
        version=track.version,
    )


def _not_before(track: _Track, at: datetime) -> datetime:
    return at if track.told_at is None else max(at, track.told_at)


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()

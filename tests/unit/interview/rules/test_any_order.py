"""Whatever is told, in whatever order and at whatever rate: one event is one incident, live and on replay."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from interview.accommodation import Accommodations
from interview.incident import Observation
from interview.plan import IncidentKind, ProctoringPolicy
from interview.rules import (
    IncidentChange,
    RuleSet,
    State,
    default_rules,
    in_order,
    replay,
    resume,
    rules_for,
    step,
    tick,
)
from interview.signals import CAMERA, PAUSED, SIGNALS, WINDOW

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
RULES = rules_for(default_rules(), ProctoringPolicy(kinds=tuple(IncidentKind)), Accommodations())


def beside(kind: IncidentKind) -> st.SearchStrategy[float]:
    """A figure of a kind: its extremes, and what lies close to where the rule decides."""
    signal, rule = SIGNALS[kind], RULES.rules[kind]
    return st.sampled_from(
        [signal.lowest, signal.highest, rule.threshold, rule.clear_at, (rule.threshold + rule.clear_at) / 2]
    )


@st.composite
def observations(draw: st.DrawFn) -> list[Observation]:
    """A minute of anything: frames of a few kinds, windows, the camera going, pauses, late ones, holes."""
    kinds = draw(st.lists(st.sampled_from(list(IncidentKind)), min_size=1, max_size=4, unique=True))
    told: list[Observation] = []
    at_ms = 0
    for _ in range(draw(st.integers(1, 60))):
        at_ms += draw(st.sampled_from([0, 20, 200, 200, 200, 1000, 3000, 12_000]))
        late_ms = draw(st.sampled_from([0, 0, 0, 300, 8000]))
        values = {SIGNALS[kind].figure: draw(beside(kind)) for kind in kinds if draw(st.booleans())}
        detector = "any"
        match draw(st.integers(0, 20)):
            case 0:
                detector, values = CAMERA, {"on": draw(st.sampled_from([0.0, 1.0]))}
            case 1:
                values = {PAUSED: 1.0}
            case 2 | 3:
                values[WINDOW] = draw(st.sampled_from([1.0, 5.0]))
            case _:
                pass
        at = START + timedelta(milliseconds=max(0, at_ms - late_ms))
        told.append(Observation(at=at, detector=detector, version="1", values=values))
    return told


def live(told: list[Observation], rules: RuleSet) -> list[IncidentChange]:
    """What is filed when each observation is acted on as it comes: the last word about each incident."""
    state, filed = State(), dict[tuple[IncidentKind, datetime], IncidentChange]()
    for observation in told:
        state, changes = step(state, observation, rules)
        for change in changes:
            filed[change.kind, change.started_at] = change
    return in_order(filed.values())


@settings(max_examples=150, deadline=None)
@given(observations())
def test_replay_finds_what_was_filed_live(told: list[Observation]) -> None:
    assert replay(told, RULES) == live(told, RULES)


@settings(max_examples=150, deadline=None)
@given(observations())
def test_incidents_of_a_kind_never_overlap_and_have_lasted_long_enough(told: list[Observation]) -> None:
    found = replay(told, RULES)
    latest = max(observation.at for observation in told)
    for kind in IncidentKind:
        of_kind = [change for change in found if change.kind is kind]
        for one, other in pairwise(of_kind):
            assert one.ended_at is not None, "an open incident is the last of its kind"
            assert one.ended_at <= other.started_at
        for change in of_kind:
            assert change.started_at <= (change.ended_at or latest) <= latest
            assert 0 <= change.confidence <= 1
            if change.ended_at is not None:
                assert (change.ended_at - change.started_at).total_seconds() >= RULES.rules[kind].after_s


@settings(max_examples=80, deadline=None)
@given(observations(), st.integers(0, 60))
def test_a_worker_that_is_replaced_in_between_files_the_same(told: list[Observation], cut: int) -> None:
    state, filed = resume(told[:cut], RULES)
    known = {(change.kind, change.started_at): change for change in filed}
    for observation in told[cut:]:
        state, changes = step(state, observation, RULES)
        known.update({(change.kind, change.started_at): change for change in changes})
    assert in_order(known.values()) == replay(told, RULES)


@settings(max_examples=80, deadline=None)
@given(observations())
def test_one_kind_is_found_alike_whatever_else_is_looked_for(told: list[Observation]) -> None:
    together = replay(told, RULES)
    for kind in {change.kind for change in together}:
        assert replay(told, RULES.only([kind])) == [change for change in together if change.kind is kind]


@settings(max_examples=80, deadline=None)
@given(observations(), st.sampled_from(sorted(default_rules().relax)))
def test_an_accommodation_never_adds_time_to_what_is_filed(told: list[Observation], switch: str) -> None:
    relaxed = rules_for(
        default_rules(), ProctoringPolicy(kinds=tuple(IncidentKind)), Accommodations.model_validate({switch: True})
    )
    for kind in IncidentKind:
        assert relaxed.rules[kind].after_s >= RULES.rules[kind].after_s
        assert relaxed.rules[kind].severity.rank >= RULES.rules[kind].severity.rank
        if kind not in relaxed.watched:
            assert all(change.kind is not kind for change in replay(told, relaxed))


@settings(max_examples=50, deadline=None)
@given(observations(), st.integers(0, 60_000))
def test_the_passing_of_time_alone_ends_nothing_and_finds_only_what_stands(
    told: list[Observation], later_ms: int
) -> None:
    state, _ = resume(told, RULES)
    _, changes = tick(state, max(o.at for o in told) + timedelta(milliseconds=later_ms), RULES)
    assert all(not change.closed and RULES.rules[change.kind].hole_s is None for change in changes)

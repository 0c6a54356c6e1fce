"""How engines fared, as changes and as stretches; told once, and carried over to the next attempt."""

from datetime import timedelta

from interview.clock import VirtualClock
from interview.engines import EngineChange, EngineKind, EngineState, conditions, last_states
from providers.state import EngineStates
from tests.storage.builders import NOON


def change(state: EngineState, after_s: float, kind: EngineKind = EngineKind.STT) -> EngineChange:
    return EngineChange(kind=kind, state=state, at=NOON + timedelta(seconds=after_s))


def test_each_change_is_told_once() -> None:
    told: list[EngineState] = []
    states = EngineStates(VirtualClock(NOON), lambda change: told.append(change.state))
    for state in (EngineState.OK, EngineState.DEGRADED, EngineState.DEGRADED, EngineState.DOWN, EngineState.OK):
        states.note(EngineKind.STT, state)
    assert told == [EngineState.DEGRADED, EngineState.DOWN, EngineState.OK]


def test_a_new_attempt_ends_what_the_one_before_has_left_open() -> None:
    before = [change(EngineState.DOWN, 5)]
    told: list[EngineChange] = []
    clock = VirtualClock(NOON)
    clock.advance(20)
    states = EngineStates(clock, told.append, last_states(before))
    assert states.of(EngineKind.STT) is EngineState.DOWN
    states.note(EngineKind.STT, EngineState.OK)
    (only,) = conditions([*before, *told])
    assert ((only.since - NOON).seconds, only.until and (only.until - NOON).seconds) == (5, 20)


def test_changes_that_come_out_of_order_make_the_same_stretches() -> None:
    changes = [change(EngineState.OK, 9), change(EngineState.DEGRADED, 1), change(EngineState.DOWN, 4)]
    assert conditions(changes) == conditions(sorted(changes, key=lambda one: one.at))
    assert [one.state for one in conditions(changes)] == [EngineState.DEGRADED, EngineState.DOWN]

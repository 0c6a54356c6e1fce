"""How engines fared and what they cost is kept on the session, and by the day."""

from datetime import timedelta

from interview.clock import VirtualClock
from interview.engines import MAX_ENGINE_CHANGES, EngineChange, EngineKind, EngineState
from interview.storage import Storage
from interview.tallies import Notes
from interview.usage import Usage
from providers.usage import cost_of, day_of, note_cost
from tests.storage.builders import NOON, session


async def test_conditions_are_stretches_of_what_was_noted(timed: Storage) -> None:
    record = session(attempt=1)
    await timed.sessions.add(record)

    async def note(kind: EngineKind, state: EngineState, after_s: float, attempt: int = 1) -> None:
        change = EngineChange(kind=kind, state=state, at=NOON + timedelta(seconds=after_s))
        await timed.session_edits.note_engines(record.session_id, attempt, change)

    await note(EngineKind.STT, EngineState.DEGRADED, 1)
    await note(EngineKind.STT, EngineState.DEGRADED, 1)  # a write that is repeated makes no second one
    await note(EngineKind.TTS, EngineState.DOWN, 2)
    await note(EngineKind.STT, EngineState.DOWN, 3)
    await note(EngineKind.STT, EngineState.OK, 5)
    await note(EngineKind.LLM, EngineState.DOWN, 6, attempt=0)  # an attempt that was replaced

    found = (await timed.sessions.get(record.session_id)).conditions
    assert [
        (one.kind, one.state, (one.since - NOON).seconds, one.until and (one.until - NOON).seconds) for one in found
    ] == [
        (EngineKind.STT, EngineState.DEGRADED, 1, 3),
        (EngineKind.TTS, EngineState.DOWN, 2, None),
        (EngineKind.STT, EngineState.DOWN, 3, 5),
    ]


async def test_no_more_changes_are_kept_than_a_session_can_hold(timed: Storage) -> None:
    record = session(attempt=1)
    await timed.sessions.add(record)
    for n in range(MAX_ENGINE_CHANGES + 2):
        state = EngineState.OK if n % 2 else EngineState.DOWN
        change = EngineChange(kind=EngineKind.LLM, state=state, at=NOON + timedelta(seconds=n))
        await timed.session_edits.note_engines(record.session_id, 1, change)
    assert len((await timed.sessions.get(record.session_id)).engine_changes) == MAX_ENGINE_CHANGES


async def test_usage_adds_up_on_the_session(timed: Storage) -> None:
    record = session()
    await timed.sessions.add(record)
    used = Usage(calls=2, heard_ms=1500, input_tokens=7, cost_micro_usd=12)
    for _ in range(3):
        await timed.session_edits.add_usage(record.session_id, used)
    assert (await timed.sessions.get(record.session_id)).usage == used + used + used


async def test_a_days_cost_is_the_sum_of_all_processes(timed: Storage, clock: VirtualClock) -> None:
    today, tomorrow = day_of(clock.now()), day_of(clock.now() + timedelta(days=1))
    for _ in range(2):
        notes = Notes()
        note_cost("a", "m", 700, today, notes)
        note_cost("b", "m", 50, today, notes)
        note_cost("b", "m", 1, tomorrow, notes)
        await timed.tallies.flush(notes)
    assert cost_of(await timed.tallies.of_day(today)) == 1500
    assert cost_of(await timed.tallies.of_day(tomorrow)) == 2
    assert not any("2026-" in tally.tally_id for tally in await timed.tallies.all())

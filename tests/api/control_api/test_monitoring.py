"""The house in figures, for those who may see them."""

import asyncio
import uuid
from datetime import datetime
from typing import Any

from interview.processes import Self
from interview.replica import Load, ReplicaKind
from interview.session import Progress, Stage, Status
from interview.tallies import Notes
from interview.user import Role
from providers.usage import day_of, note_cost
from tests.api.control_api.house import BASE, Account, House, LiveKit, serving, settings_for


async def figures(house: House, who: Account) -> dict[str, Any]:
    """Read them anew: what was kept is a moment old."""
    house.app.state.parts.monitoring.house._kept._until = 0.0
    answer = await house.http.get("/api/monitoring", headers=who.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_an_interview_that_runs_is_shown_to_its_owner_and_to_admins_only(house: House) -> None:
    owner, other, admin = await house.account(), await house.account(), await house.account(Role.ADMIN)
    session_id = await house.started(owner)
    await house.storage.sessions.note_joined(session_id, house.clock.now())
    house.clock.advance(90)
    progress = Progress(answered=1, total=4, stage=Stage.QUESTIONS, question_id="q2")
    await house.storage.sessions.set_progress(session_id, 1, progress)
    said_at = house.clock.now()
    house.clock.advance(10)

    (shown,) = (await figures(house, owner))["interviews"]

    assert shown["session_id"] == session_id
    assert shown["progress"] == {"answered": 1, "total": 4, "percent": 25, "stage": "questions"}
    assert shown["duration_s"] == 100
    assert datetime.fromisoformat(shown["last_activity_at"]) == said_at
    assert "ada" not in str(shown).lower()
    assert (await figures(house, other))["interviews"] == []
    assert session_id in {row["session_id"] for row in (await figures(house, admin))["interviews"]}


async def test_what_was_made_and_completed_is_counted(house: House) -> None:
    owner = await house.account()
    before = await figures(house, owner)
    session_id = await house.started(owner)
    await house.storage.sessions.note_joined(session_id, house.clock.now())
    house.clock.advance(600)
    assert (await figures(house, owner))["active"] == before["active"] + 1

    await house.storage.sessions.complete(session_id, attempt=1, by="interviewer:1", reason="finished")

    after = await figures(house, owner)
    assert after["created"] == before["created"] + 1
    assert after["completed"] == before["completed"] + 1
    assert after["active"] == before["active"]
    assert after["seats"]["maximum"] == house.settings.max_concurrent_interviews
    assert 0 < after["completion_rate"] <= 1
    assert after["average_duration_s"] > 0


async def test_deleting_sets_no_count_back(house: House) -> None:
    owner = await house.account()
    session_id = await house.started(owner)
    await house.storage.sessions.complete(session_id, attempt=1, by="interviewer:1", reason="finished")
    before = await figures(house, owner)

    await house.http.delete(f"{BASE}/session/{session_id}", headers=owner.headers)

    after = await figures(house, owner)
    assert (after["created"], after["completed"]) == (before["created"], before["completed"])


async def test_requests_and_errors_of_all_replicas_are_summed(house: House) -> None:
    owner = await house.account()
    before = await figures(house, owner)
    load = Load(requests=1000, errors=100, requests_last_minute=60)
    other = Self(ReplicaKind.CONTROL_API, lambda: load, house.clock)
    await house.storage.replicas.beat(other.described(house.storage))

    after = await figures(house, owner)

    await house.storage.replicas.forget(other.replica_id)
    assert after["replicas"] == before["replicas"] + 1
    assert after["requests"] >= before["requests"] + 1000
    assert after["errors"] >= 100
    assert after["requests_per_minute"] >= 60
    assert 0 < after["error_rate"] < 1
    assert after["pool"]["maximum"] == before["pool"]["maximum"] + 20


async def test_a_process_that_is_not_heard_of_any_more_is_not_counted(house: House) -> None:
    owner = await house.account()
    worker = Self(ReplicaKind.AGENT, lambda: Load(jobs=2, capacity=4), house.clock)
    await house.storage.replicas.beat(worker.described(house.storage))
    assert (await figures(house, owner))["workers"]["agent"] == {"processes": 1, "ready": 1, "jobs": 2, "capacity": 4}

    house.clock.advance(16)

    assert (await figures(house, owner))["workers"]["agent"]["processes"] == 0


async def test_the_queue_says_how_long_the_first_has_waited(house: House) -> None:
    owner = await house.account()
    session_id = await house.ready(owner)
    await house.storage.sessions.move(session_id, Status.QUEUED, by="system:test")
    house.clock.advance(42)

    queue = (await figures(house, owner))["queue"]

    await house.storage.sessions.move(session_id, Status.EXPIRED, by="system:test")
    assert queue["length"] == 1
    assert queue["longest_wait_s"] == 42


async def test_many_pages_cost_one_reading(house: House) -> None:
    owner = await house.account()
    await figures(house, owner)
    reads = 0
    outlines = house.storage.outlines
    watched = outlines.watched

    async def counted() -> Any:
        nonlocal reads
        reads += 1
        return await watched()

    outlines.watched = counted  # type: ignore[method-assign]
    try:
        house.app.state.parts.monitoring.house._kept._until = 0.0
        await asyncio.gather(*(house.http.get("/api/monitoring", headers=owner.headers) for _ in range(20)))
    finally:
        outlines.watched = watched  # type: ignore[method-assign]
    assert reads == 1


async def test_the_pool_counts_what_is_in_use(house: House) -> None:
    pool = house.storage.pool
    assert pool.maximum == 20
    busy = [asyncio.create_task(house.storage.ping()) for _ in range(40)]
    seen = 0
    while not all(task.done() for task in busy):
        seen = max(seen, pool.in_use)
        await asyncio.sleep(0)
    assert 1 <= seen <= 20
    assert pool.waiting >= 0


async def test_slots_and_costs_of_all_processes_are_shown(mongo_uri: str, livekit: LiveKit, password_hash: str) -> None:
    hosted = {"deepgram_base_url": "https://stt.example/v1/listen", "stt_slots": 3}
    settings = settings_for(mongo_uri, livekit, mongodb_database=f"cost_{uuid.uuid4().hex[:12]}", **hosted)
    async with serving(settings, password_hash) as house:
        take = house.storage.provider_slots.take
        for owner in ("a", "b"):
            assert await take("stt.stt.example", {"settings": 3}, owner=owner, ttl_s=60)
        notes = Notes()
        note_cost("stt.example", "nova-3", 1_250_000, day_of(house.clock.now()), notes)
        await house.storage.tallies.flush(notes)

        shown = await figures(house, await house.account())
        assert shown["provider_slots"] == [{"provider": "stt.stt.example", "in_use": 2, "maximum": 3}]
        assert shown["cost_today"] == 1.25
        metrics = (await house.http.get("/metrics")).text
        assert 'provider_slots_in_use{provider="stt.stt.example"} 2.0' in metrics
        assert 'cost_usd_total{model="nova-3",provider="stt.example"} 1.25' in metrics

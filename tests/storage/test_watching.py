"""What is stored for those who watch: counts, processes, and which sessions have changed."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from motor.motor_asyncio import AsyncIOMotorDatabase

from interview.clock import VirtualClock
from interview.errors import StorageUnavailable
from interview.processes import Self, alive, tallying
from interview.replica import Load, ReplicaKind
from interview.session import Progress, Stage, Status
from interview.storage import Storage
from interview.storage.outlines import UPDATED_IN, ten, tens
from interview.tallies import COMPLETED_S, SESSIONS_CREATED, SESSIONS_ENDED, Notes
from tests.storage.builders import NOON, in_status, session, settings


async def counted(storage: Storage) -> dict[str, int]:
    await storage.tallies.flush()
    return {tally.tally_id: tally.n for tally in await storage.tallies.all()}


# counts


async def test_sessions_are_counted_as_they_are_made_and_end(timed: Storage, clock: VirtualClock) -> None:
    completed, never, failed = session(), session(), session()
    for record in (completed, never, failed):
        await timed.sessions.add(record)
    await timed.sessions.start(completed.session_id, by="x")
    await timed.sessions.note_joined(completed.session_id, clock.now())
    clock.advance(100)
    changes = {"paused_total_s": 30.0}
    await timed.sessions.move(completed.session_id, Status.PAUSED, by="x", changes=changes)
    await timed.sessions.move(completed.session_id, Status.IN_PROGRESS, by="x")
    for _ in range(2):  # a repeat is no second end
        await timed.sessions.complete(completed.session_id, attempt=1, by="x", reason="")
    await timed.sessions.move(never.session_id, Status.EXPIRED, by="x")
    await timed.sessions.start(failed.session_id, by="x")
    await timed.sessions.move(failed.session_id, Status.FAILED, by="x")

    assert await counted(timed) == {
        SESSIONS_CREATED: 3,
        f"{SESSIONS_ENDED}|started=yes|status=COMPLETED": 1,
        f"{SESSIONS_ENDED}|started=no|status=EXPIRED": 1,
        f"{SESSIONS_ENDED}|started=no|status=FAILED": 1,
        COMPLETED_S: 70,
    }


async def test_many_processes_count_together(timed: Storage) -> None:
    async def process() -> None:
        for _ in range(5):
            notes = Notes()
            notes.add("things", 2, kind="a")
            await timed.tallies.flush(notes)

    await asyncio.gather(*(process() for _ in range(8)))

    assert (await counted(timed))["things|kind=a"] == 80


async def test_what_cannot_be_written_is_written_later(timed: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        timed.tallies.notes.add(name)
    change = timed.tallies.collection.change
    calls = 0

    async def sometimes(*given: object, **more: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise StorageUnavailable("away")
        return await change(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(timed.tallies.collection, "change", sometimes)
    with pytest.raises(StorageUnavailable):
        await timed.tallies.flush()
    timed.tallies.notes.add("c")

    assert await counted(timed) == {"a": 1, "b": 1, "c": 2}


async def test_a_child_writes_its_last_counts_when_it_ends(timed: Storage) -> None:
    async with tallying(timed, 3600):
        timed.tallies.notes.add("things")

    assert {tally.name: tally.n for tally in await timed.tallies.all()} == {"things": 1}


# processes


async def test_a_process_says_that_it_lives_until_it_ends(
    mongo_uri: str, timed: Storage, timed_raw: AsyncIOMotorDatabase, clock: VirtualClock
) -> None:
    jobs = 0
    me = Self(ReplicaKind.AGENT, lambda: Load(jobs=jobs, capacity=4), clock)
    notes = Notes()
    notes.add("things")
    async with alive(me, settings(mongo_uri, timed_raw.name, process_beat_s=0.05), clock, notes):
        (first,) = await seen(timed, lambda replicas: len(replicas) == 1)
        jobs = 3
        (later,) = await seen(timed, lambda replicas: replicas[0].load.jobs == 3)
    assert (first.replica_id, later.replica_id) == (me.replica_id, me.replica_id)
    assert first.pool_max == 2
    assert await timed.replicas.alive(60) == []
    assert {tally.name: tally.n for tally in await timed.tallies.all()} == {"things": 1}


async def seen(storage: Storage, condition: object) -> list:
    async with asyncio.timeout(10):
        while True:
            replicas = await storage.replicas.alive(3600)
            if replicas and condition(replicas):  # type: ignore[operator]
                return replicas
            await asyncio.sleep(0.01)


async def test_the_dead_are_not_shown_and_then_dropped(timed: Storage, clock: VirtualClock) -> None:
    old, young = (Self(ReplicaKind.REPORTS, Load, clock) for _ in range(2))
    await timed.replicas.beat(old.described(timed))
    clock.advance(20)
    await timed.replicas.beat(young.described(timed))

    assert [replica.replica_id for replica in await timed.replicas.alive(15)] == [young.replica_id]
    assert await timed.replicas.drop_unseen(30) == 0
    assert await timed.replicas.drop_unseen(15) == 1
    assert len(await timed.replicas.alive(3600)) == 1


async def test_a_database_that_is_away_does_not_keep_a_process_from_working(clock: VirtualClock) -> None:
    me = Self(ReplicaKind.AGENT, Load, clock)
    nowhere = settings("mongodb://127.0.0.1:9", "nothing", mongodb_wait_s=0.05, process_beat_s=0.01)
    async with asyncio.timeout(10), alive(me, nowhere, clock):
        await asyncio.sleep(0)


# what has changed


@pytest_asyncio.fixture
async def known(timed: Storage) -> AsyncIterator[str]:
    record = session()
    await timed.sessions.add(record)
    yield record.session_id


async def changed(storage: Storage, clock: VirtualClock) -> list[str]:
    now = clock.now()
    return [outline.session_id for outline in await storage.outlines.changed(now - timedelta(seconds=1), now)]


async def test_every_change_that_is_watched_is_found_and_nothing_old(
    timed: Storage, clock: VirtualClock, known: str
) -> None:
    sessions = timed.sessions
    acts = [
        lambda: sessions.start(known, by="x"),
        lambda: sessions.note_joined(known, clock.now()),
        lambda: sessions.note_left(known, clock.now()),
        lambda: sessions.note_joined(known, clock.now()),
        lambda: sessions.set_progress(known, 1, Progress(total=1, stage=Stage.CLOSE)),
        lambda: sessions.complete(known, attempt=1, by="x", reason=""),
        lambda: sessions.tombstone(known, by="x"),
    ]
    assert await changed(timed, clock) == [known]
    for act in acts:
        clock.advance(60)
        assert await changed(timed, clock) == []
        await act()
        assert await changed(timed, clock) == [known]


async def test_the_field_that_finds_them_always_fits(
    timed: Storage, timed_raw: AsyncIOMotorDatabase, clock: VirtualClock, known: str
) -> None:
    clock.advance(33)
    await timed.sessions.start(known, by="x")
    document = await timed_raw["sessions"].find_one({"_id": known})
    assert document is not None
    assert document[UPDATED_IN] == ten(document["updated_at"]) == "2026-11-22T12:00:3"
    assert (await timed.sessions.get(known)).updated_at == clock.now()


async def test_those_that_run_pause_or_wait_are_watched_in_outline(timed: Storage) -> None:
    records = {status: in_status(status) for status in Status}
    for record in records.values():
        await timed.sessions.add(record)

    watched = await timed.outlines.watched()

    statuses = (Status.QUEUED, Status.IN_PROGRESS, Status.PAUSED)
    assert {outline.session_id for outline in watched} == {records[status].session_id for status in statuses}
    assert "Zephyrine" not in str(watched)
    assert watched[0].title == "Backend engineer"


def test_tens_of_seconds_leave_no_gap() -> None:
    start = NOON + timedelta(seconds=55)
    assert tens(start, start + timedelta(seconds=11)) == [
        "2026-11-22T12:00:5",
        "2026-11-22T12:01:0",
    ]
    assert tens(NOON, NOON) == ["2026-11-22T12:00:0"]
    assert len(tens(NOON - timedelta(days=30), NOON)) == 60


@pytest.mark.skipif(bool(os.environ.get("MONGODB_URI")), reason="the plans are the embedded database's")
@pytest.mark.parametrize("query", [{"status": {"$in": ["QUEUED"]}}, {UPDATED_IN: {"$in": ["2026-11-22T12:00:3"]}}])
async def test_looking_does_not_read_every_session(
    storage: Storage, raw: AsyncIOMotorDatabase, query: dict[str, object]
) -> None:
    answer = await raw.command({"explain": {"find": "sessions", "filter": query}})
    assert "SEARCH" in str(answer["queryPlanner"]["Plan"])
    assert "SCAN" not in str(answer["queryPlanner"]["Plan"])

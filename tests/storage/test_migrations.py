"""Documents of older versions are brought up to date at connect, once, by whoever comes."""

import asyncio
from datetime import timedelta

from motor.motor_asyncio import AsyncIOMotorDatabase

from interview.clock import VirtualClock
from interview.session import SESSION_SCHEMA, Candidate, Session, Status
from interview.storage import Storage
from interview.storage.migrations import BATCH
from interview.storage.verify import verify
from tests.storage.builders import NOON, session, settings

ASKED = "zephyrine@quokka.example"


async def make_old(storage: Storage, raw: AsyncIOMotorDatabase, written: Session) -> None:
    """Store a session as the version before would have, and forget that migrations have run."""
    await storage.sessions.add(written)
    old = {"$unset": {"candidate_email": "", "retention_mark": "", "anonymised_at": ""}, "$set": {"schema_version": 1}}
    await raw["sessions"].update_one({"_id": written.session_id}, old)
    await raw["migrations"].delete_many({})


def in_capitals(**changes: object) -> Session:
    return session(candidate=Candidate(name="Z", email="Zephyrine@Quokka.example"), **changes)


async def test_an_email_is_found_in_any_case_and_only_its_own(timed: Storage) -> None:
    written = in_capitals(owner_id="a"), session(owner_id="b"), session(candidate=Candidate(name="O", email="o@x.com"))
    for one in written:
        await timed.sessions.add(one)
    assert {one.session_id for one in await timed.sessions.of_email(" ZEPHYRINE@quokka.EXAMPLE ")} == {
        one.session_id for one in written[:2]
    }
    assert await timed.sessions.of_email(ASKED, owner_id="b") == [written[1]]
    assert await timed.sessions.of_email("nobody@quokka.example") == []


async def test_the_searchable_email_follows_the_candidate(timed: Storage) -> None:
    changed = session().model_copy(update={"candidate": Candidate(name="O", email="Other@X.com")})
    await timed.sessions.add(changed)
    assert (await timed.sessions.get(changed.session_id)).candidate_email == "other@x.com"


async def test_old_sessions_read_as_they_were_and_are_found_after_connecting(
    timed: Storage, timed_raw: AsyncIOMotorDatabase, mongo_uri: str, clock: VirtualClock
) -> None:
    old, ended = in_capitals(), in_capitals(status=Status.COMPLETED, ended_at=NOON)
    for one in (old, ended):
        await make_old(timed, timed_raw, one)
    assert (await timed.sessions.get(old.session_id)).candidate_email == ASKED
    assert await timed.sessions.of_email(ASKED) == []

    clock.advance(60)
    again = await Storage.connect(settings(mongo_uri, timed_raw.name), clock)
    found = await again.sessions.of_email(ASKED)
    assert {one.session_id: one.retention_mark for one in found} == {
        old.session_id: None,
        ended.session_id: "house:2026-W47",
    }
    assert {one.schema_version for one in found} == {SESSION_SCHEMA}
    assert await again.migrate() == 0
    assert await verify(again) == []
    await again.close()


async def test_several_processes_at_once_change_each_document_once(
    timed: Storage, timed_raw: AsyncIOMotorDatabase, mongo_uri: str, clock: VirtualClock
) -> None:
    for _ in range(10):
        await make_old(timed, timed_raw, in_capitals())
    asked = settings(mongo_uri, timed_raw.name)
    connected = await asyncio.gather(*(Storage.connect(asked, clock) for _ in range(3)))
    for one in connected:
        await one.migrate()
        assert len(await one.sessions.of_email(ASKED)) == 10
        await one.close()


async def test_what_one_connection_does_not_come_to_the_next_goes_on_with(
    timed: Storage, timed_raw: AsyncIOMotorDatabase
) -> None:
    one = in_capitals()
    await make_old(timed, timed_raw, one)
    document = await timed_raw["sessions"].find_one({"_id": one.session_id})
    assert document is not None
    await timed_raw["sessions"].insert_many([{**document, "_id": f"{n:04}"} for n in range(BATCH)])

    assert await timed.migrate(limit=1) == BATCH
    assert await timed.migrate(limit=1) == 1
    assert await timed.migrate(limit=1) == 0
    assert len(await timed.sessions.of_email(ASKED)) == BATCH + 1


async def test_a_damaged_document_is_left_and_does_not_stop_the_rest(
    timed: Storage, timed_raw: AsyncIOMotorDatabase, clock: VirtualClock
) -> None:
    damaged, whole = in_capitals(), in_capitals(created_at=NOON + timedelta(seconds=1))
    for one in (damaged, whole):
        await make_old(timed, timed_raw, one)
    await timed_raw["sessions"].update_one({"_id": damaged.session_id}, {"$set": {"status": "NONSENSE"}})
    assert await timed.migrate() == 1
    assert [one.session_id for one in await timed.sessions.of_email(ASKED)] == [whole.session_id]

"""Reports in other forms on the real database: made once, kept encrypted, gone with the session."""

import asyncio
import json
from pathlib import Path

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from interview.clock import VirtualClock
from interview.errors import StaleAttempt
from interview.rendering import RENDERER, Rendering, RenderingStatus, ReportFormat
from interview.report import digest_of
from interview.storage import Storage
from interview.storage.verify import verify
from reports.lease_worker import Limits
from reports.rendering import Renderer
from tests.unit.reports.records import SESSION_ID, session
from tests.unit.reports.render.samples import empty_report, full_report

LIMITS = Limits(lease_s=30, poll_s=0.01, max_attempts=3, retry_s=5, deadline_s=20)
PDF, CSV = ReportFormat.PDF, ReportFormat.CSV


@pytest.fixture
def storage(timed: Storage) -> Storage:
    return timed


def renderer(storage: Storage, clock: VirtualClock, owner: str = "renderer-1", fonts: Path | None = None) -> Renderer:
    return Renderer(storage, clock, LIMITS, owner, fonts)


async def with_report(storage: Storage, content: object | None = None) -> None:
    await storage.sessions.add(session())
    await storage.reports.enqueue(SESSION_ID)
    report = await storage.reports.claim("worker", 60)
    assert report is not None
    values = json.loads(full_report().model_dump_json()) if content is None else content
    await storage.reports.finish(report.report_id, "worker", values, b"<p>")  # pyright: ignore[reportArgumentType]


async def asked(storage: Storage, form: ReportFormat = PDF) -> Rendering:
    report = await storage.reports.latest(SESSION_ID)
    digest = digest_of(report.content) if report and report.content else ""
    return await storage.renderings.ask(SESSION_ID, 1, form, digest)


async def test_what_is_asked_for_is_made_once_and_kept(storage: Storage, clock: VirtualClock) -> None:
    await with_report(storage)
    assert (await asked(storage)).status is RenderingStatus.QUEUED
    assert (await asked(storage)).rendering_id == (await asked(storage)).rendering_id
    worker = renderer(storage, clock)
    assert await worker.work_once()
    ready = await asked(storage)
    assert ready.is_made
    assert (await storage.renderings.made(ready)).startswith(b"%PDF-")
    assert not await worker.work_once(), "it is not made again"
    await asked(storage, CSV)
    assert await worker.work_once()
    assert b"we lost no invoice" in await storage.renderings.made(await asked(storage, CSV))
    assert await verify(storage) == []


async def test_it_lies_encrypted(storage: Storage, timed_raw: AsyncIOMotorDatabase, clock: VirtualClock) -> None:
    await with_report(storage)
    await asked(storage, CSV)
    await renderer(storage, clock).work_once()
    chunks = await timed_raw["files.chunks"].find({}).to_list(None)
    assert chunks
    assert not any(b"we lost no invoice" in bytes(chunk["data"]) for chunk in chunks)
    assert "invoice" not in str(await timed_raw["renderings"].find({}).to_list(None))


async def test_what_an_older_renderer_made_is_made_anew_and_the_old_file_goes(
    storage: Storage, timed_raw: AsyncIOMotorDatabase, clock: VirtualClock
) -> None:
    await with_report(storage)
    await asked(storage, CSV)
    await renderer(storage, clock).work_once()
    first = await asked(storage, CSV)
    await timed_raw["renderings"].update_one({"_id": first.rendering_id}, {"$set": {"renderer": RENDERER - 1}})
    assert (await asked(storage, CSV)).status is RenderingStatus.QUEUED
    await timed_raw["renderings"].update_one({"_id": first.rendering_id}, {"$set": {"file_id": "rendering:old"}})
    await storage.files.put("rendering:old", b"old", session_id=SESSION_ID, content_type="text/csv")
    await renderer(storage, clock, "renderer-2").work_once()
    again = await asked(storage, CSV)
    assert again.is_made
    assert again.renderer == RENDERER
    assert not await storage.files.exists("rendering:old")
    assert await verify(storage) == []


async def test_what_was_built_anew_is_made_anew(
    storage: Storage, timed_raw: AsyncIOMotorDatabase, clock: VirtualClock
) -> None:
    await with_report(storage)
    await asked(storage, CSV)
    await renderer(storage, clock).work_once()
    first = await asked(storage, CSV)
    assert (await asked(storage, CSV)).file_id == first.file_id, "the same content is not made again"
    content = json.loads(empty_report().model_dump_json())
    key = f"{SESSION_ID}:1"
    sealed = storage.reports.collection.seal(key, {"content": content})
    await timed_raw["reports"].update_one({"_id": key}, {"$set": {"sealed": sealed}})
    assert (await asked(storage, CSV)).status is RenderingStatus.QUEUED
    await renderer(storage, clock).work_once()
    again = await asked(storage, CSV)
    assert again.is_made
    assert b"we lost no invoice" not in await storage.renderings.made(again)
    assert not await storage.files.exists(first.file_id or "")


async def test_a_worker_that_dies_delays_it_and_what_it_brings_late_is_refused(
    storage: Storage, clock: VirtualClock
) -> None:
    await with_report(storage)
    await asked(storage, CSV)
    dead = await storage.renderings.claim("dead", LIMITS.lease_s)
    assert dead is not None
    assert not await renderer(storage, clock).work_once()
    clock.advance(LIMITS.lease_s)
    assert await renderer(storage, clock).work_once()
    ready = await asked(storage, CSV)
    assert (ready.is_made, ready.attempts) == (True, 2)
    with pytest.raises(StaleAttempt):
        await storage.renderings.finish(dead, b"late", "")
    assert await storage.renderings.made(ready) != b"late"
    assert await storage.files.ids_of(SESSION_ID) == sorted([ready.file_id or "", f"report:{SESSION_ID}:1:0.1"])


async def test_content_that_cannot_be_rendered_is_given_up_with_the_reason_and_asked_again(
    storage: Storage, clock: VirtualClock
) -> None:
    await with_report(storage, {"summary": "of another form"})
    await asked(storage)
    await renderer(storage, clock).work_once()
    key = (await storage.renderings.collection.find({}, [("_id", 1)]))[0].rendering_id
    failed = await storage.renderings.get(key)
    assert failed.status is RenderingStatus.FAILED
    assert "of another form" in failed.failure
    assert (await asked(storage)).status is RenderingStatus.QUEUED, "asking again tries again"


async def test_fonts_that_are_not_there_fail_with_what_to_do(storage: Storage, clock: VirtualClock) -> None:
    await with_report(storage)
    await asked(storage)
    worker = renderer(storage, clock, fonts=Path("/nonexistent"))
    for attempt in range(1, LIMITS.max_attempts + 1):
        assert await worker.work_once(), attempt
        clock.advance(60)
    (failed,) = await storage.renderings.collection.find({}, [("_id", 1)])
    assert failed.status is RenderingStatus.FAILED
    assert "REPORT_FONTS_DIR" in failed.failure


async def test_nothing_of_it_is_left_when_the_session_is_erased(storage: Storage, clock: VirtualClock) -> None:
    await with_report(storage)
    await asked(storage, CSV)
    await renderer(storage, clock).work_once()
    waiting = await asked(storage, PDF)
    assert waiting.status is RenderingStatus.QUEUED
    await storage.erase_session(SESSION_ID)
    assert await storage.renderings.collection.find({}, [("_id", 1)]) == []
    assert await storage.files.ids_of(SESSION_ID) == []
    assert not await renderer(storage, clock).work_once()
    with pytest.raises(StaleAttempt):
        await asked(storage)


async def test_of_an_anonymised_session_none_is_left_and_none_is_made(storage: Storage, clock: VirtualClock) -> None:
    await with_report(storage)
    await asked(storage, CSV)
    await renderer(storage, clock).work_once()
    await storage.anonymise_session(SESSION_ID)
    assert await storage.renderings.collection.find({}, [("_id", 1)]) == []
    assert await storage.files.ids_of(SESSION_ID) == []
    with pytest.raises(StaleAttempt):
        await asked(storage, CSV)


async def test_many_who_ask_at_once_share_one(storage: Storage, clock: VirtualClock) -> None:
    await with_report(storage)
    await asyncio.gather(*(asked(storage, CSV) for _ in range(10)))
    workers = [renderer(storage, clock, f"renderer-{n}") for n in range(3)]
    assert sum(await asyncio.gather(*(worker.work_once() for worker in workers))) == 1

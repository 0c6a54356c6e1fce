"""A reports worker that is killed after each of its steps in turn: the report arrives once, and complete."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import pytest

from interview.clock import VirtualClock
from interview.outgoing import Announce
from interview.report import ReportStatus
from interview.storage import Storage
from local.inference.llm import scripted
from providers.chat import ChatClient
from reports.content import ReportContent
from reports.evaluator import Evaluator
from reports.worker import ReportsWorker
from tests.storage.builders import settings
from tests.storage.reports.working import LIMITS, finished_session, report_of
from tests.unit.providers.chat_server import ChatServer

T = TypeVar("T")


class Killed(BaseException):
    """The process is gone: nothing that it would have done happens any more."""


WRITES_OF_A_REPORT = 3
"""Its page, the page's entry, and the report itself: when they are written, every reply has been kept."""
READS = ("_found", "keys", "find_one", "count", "_uploads", "_download", "owner_of", "has")


class Mortal:
    """Dies with the write of that number: it is done, and nobody hears of it. What only reads changes nothing."""

    def __init__(self, storage: Storage, dies_at: int) -> None:
        self.writes = 0
        self._dies_at = dies_at
        self.lives = storage.database.run
        storage.database.run = self.run  # type: ignore[method-assign]

    async def run(self, operation: Callable[[], Awaitable[T]]) -> T:
        if self.writes >= self._dies_at:
            raise Killed
        result = await self.lives(operation)
        self.writes += operation.__qualname__.split(".<locals>")[0].rsplit(".", 1)[-1] not in READS
        if self.writes >= self._dies_at:
            raise Killed
        return result


@pytest.fixture
async def chat(chat_server: ChatServer) -> AsyncIterator[ChatClient]:
    chat_server.answer = scripted.answer
    client = ChatClient(chat_server.url, "", "scripted-one-in-five", timeout_s=20)
    yield client
    await client.aclose()


async def test_the_report_arrives_once_and_complete_whenever_its_worker_is_killed(
    timed: Storage, timed_raw: Any, mongo_uri: str, chat: ChatClient, chat_server: ChatServer, clock: VirtualClock
):
    def worker_on(storage: Storage, owner: str) -> ReportsWorker:
        evaluator = Evaluator(storage, chat, clock, LIMITS, f"{owner}.e", 2)
        return ReportsWorker(storage, chat, clock, LIMITS, owner, evaluator=evaluator)

    mortal = await Storage.connect(settings(mongo_uri, timed_raw.name), clock, timed.keyring)
    unharmed = session_of(0)
    await finished_session(timed, unharmed)
    counting = Mortal(mortal, 10_000)
    assert await worker_on(mortal, "unharmed").work_once()
    steps = counting.writes
    assert steps > 20
    expected = await content_of(timed, unharmed)
    calls = len(chat_server.bodies)
    for step in range(1, steps + 1):
        session_id = session_of(step)
        await finished_session(timed, session_id)
        chat_server.bodies.clear()
        mortal.database.run = counting.lives  # type: ignore[method-assign]
        Mortal(mortal, step)
        with contextlib.suppress(Killed, asyncio.CancelledError):
            await worker_on(mortal, f"dies-{step}").work_once()
        clock.advance(LIMITS.lease_s + 1)
        lives = worker_on(timed, f"lives-{step}")
        while await lives.work_once():
            pass
        report = await report_of(timed, session_id)
        assert report.status is ReportStatus.READY, step
        assert report.attempts <= 2
        assert report.announce is Announce.DUE
        assert await content_of(timed, session_id) == expected, step
        assert b"</html>" in await timed.reports.html(report)
        assert len(await timed.reports.versions(session_id)) == 1
        under_way = 4 if step <= steps - WRITES_OF_A_REPORT else 0
        assert len(chat_server.bodies) <= calls + under_way, f"{step}: more than what was under way was asked again"
    await mortal.close()


def session_of(step: int) -> str:
    return f"0b5f7a52-8f0e-4f5e-9a55-{step:012d}"


async def content_of(storage: Storage, session_id: str) -> dict[str, Any]:
    """A report's content without what is of one session or one building alone."""
    report = await report_of(storage, session_id)
    content = ReportContent.model_validate(report.content)
    text = content.model_dump_json(exclude={"built_at", "model_use", "cost", "incidents"}).replace(session_id, "ID")
    assert content.competencies[0].level is not None
    return {"text": text, "incidents": len(content.incidents)}

"""What the tests of the reports worker share: sessions to report on, and looks at what became of them."""

import asyncio
from collections.abc import Awaitable, Callable

from interview.report import Report
from interview.storage import Storage
from reports.lease_worker import Limits
from reports.worker import ReportsWorker
from tests.unit.providers.chat_server import BOUND_S
from tests.unit.reports.records import SESSION_ID, incident, segment, session, usual_talk

LIMITS = Limits(lease_s=30, poll_s=0.01, max_attempts=3, retry_s=5, deadline_s=20)
MakeWorker = Callable[..., ReportsWorker]


async def finished_session(storage: Storage, session_id: str = SESSION_ID) -> None:
    await storage.sessions.add(session(session_id))
    for turn in usual_talk(session_id):
        await storage.turns.append(turn)
    await storage.incidents.file(incident(12, 15, session_id))
    await storage.recordings.add(segment(0, 0, session_id), b"audio")
    await storage.reports.enqueue(session_id)


async def report_of(storage: Storage, session_id: str = SESSION_ID) -> Report:
    report = await storage.reports.latest(session_id)
    assert report is not None
    return report


async def until(holds: Callable[[], Awaitable[bool]], bound_s: float = BOUND_S) -> None:
    async with asyncio.timeout(bound_s):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.01)

"""`python -m reports` as a process: it becomes ready, works, and stops when asked."""

import asyncio
import signal
import socket
import sys
from asyncio.subprocess import PIPE
from uuid import uuid4

import httpx

from interview.evaluation import EvaluationStatus
from interview.report import ReportStatus
from interview.session import Status
from interview.settings import Settings
from interview.storage import Storage
from local.inference.llm import scripted
from tests.storage.reports.working import finished_session, report_of, until
from tests.unit.providers.chat_server import HANG, ChatServer
from tests.unit.reports.records import SESSION_ID, session, usual_talk

BOUND_S = 60.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


async def test_the_process_becomes_ready_builds_and_stops_cleanly(
    storage: Storage, storage_settings: Settings, chat_server: ChatServer
):
    chat_server.answer = scripted.answer
    port = free_port()
    variables = variables_of(storage_settings, chat_server) | {"WORKER_HEALTH_PORT": str(port)}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "reports", env=variables, stderr=PIPE)
    try:
        await until(lambda: answers(port), BOUND_S)
        await finished_session(storage)

        async def ready() -> bool:
            answers = {one.status for one in await storage.evaluations.of(SESSION_ID)}
            return (await report_of(storage)).status is ReportStatus.READY and answers == {EvaluationStatus.READY}

        await until(ready, BOUND_S)
        process.send_signal(signal.SIGTERM)
        _, log = await asyncio.wait_for(process.communicate(), BOUND_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    assert SESSION_ID in log.decode()
    assert "Ada" not in log.decode()
    assert "invoice" not in log.decode()


def variables_of(settings: Settings, chat_server: ChatServer) -> dict[str, str]:
    """The environment of a worker that asks the chat server."""
    return {
        "MONGODB_URI": settings.mongodb_uri,
        "MONGODB_DATABASE": settings.mongodb_database,
        "ENCRYPTION_KEYS": settings.encryption_keys.get_secret_value(),
        "LIVEKIT_API_KEY": "unused",
        "LIVEKIT_API_SECRET": "unused",
        "JWT_SECRET": "unused",
        "OPENAI_BASE_URL": chat_server.url,
        "LLM_MODEL": "scripted",
        "REPORT_POLL_S": "0.05",
        "REPORT_LEASE_S": "1",
    }


async def test_a_worker_that_is_killed_while_it_evaluates_costs_a_delay_and_nothing_else(
    storage: Storage, storage_settings: Settings, chat_server: ChatServer
):
    chat_server.answer = lambda body: HANG
    session_id = str(uuid4())
    await storage.sessions.add(session(session_id, status=Status.IN_PROGRESS, ended_at=None))
    for turn in usual_talk(session_id):
        await storage.turns.append(turn)
    await storage.evaluations.enqueue(session_id, "q1")
    variables = variables_of(storage_settings, chat_server)
    first = await asyncio.create_subprocess_exec(sys.executable, "-m", "reports", env=variables)
    second = None
    try:
        await asyncio.wait_for(chat_server.asked.wait(), BOUND_S)
        first.kill()
        await first.wait()
        chat_server.answer = scripted.answer
        second = await asyncio.create_subprocess_exec(sys.executable, "-m", "reports", env=variables)

        async def ready() -> bool:
            (one,) = await storage.evaluations.of(session_id)
            return one.status is EvaluationStatus.READY

        await until(ready, BOUND_S)
    finally:
        for process in (first, second):
            if process is not None and process.returncode is None:
                process.kill()
                await process.wait()
    (evaluation,) = await storage.evaluations.of(session_id)
    assert (evaluation.attempts, evaluation.revision) == (2, 1)
    assert len(chat_server.bodies) == 2


async def test_a_missing_setting_is_said_in_one_line():
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "reports", env={}, stderr=PIPE)
    _, log = await asyncio.wait_for(process.communicate(), BOUND_S)
    assert process.returncode == 1
    assert "ENCRYPTION_KEYS" in log.decode()
    assert "Traceback" not in log.decode()


async def answers(port: int) -> bool:
    async with httpx.AsyncClient() as client:
        try:
            return (await client.get(f"http://127.0.0.1:{port}/")).status_code == 200
        except httpx.ConnectError:
            return False

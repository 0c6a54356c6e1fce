"""`python -m reports` as a process: it becomes ready, works, and stops when asked."""

import asyncio
import signal
import socket
import sys
from asyncio.subprocess import PIPE

import httpx

from interview.report import ReportStatus
from interview.settings import Settings
from interview.storage import Storage
from local.inference.llm import scripted
from tests.storage.reports.test_worker import finished_session, report_of, until
from tests.unit.providers.chat_server import ChatServer
from tests.unit.reports.records import SESSION_ID

BOUND_S = 60.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


async def test_the_process_becomes_ready_builds_and_stops_cleanly(
    storage: Storage, storage_settings: Settings, chat_server: ChatServer
):
    chat_server.answer = scripted.answer
    port = free_port()
    variables = {
        "MONGODB_URI": storage_settings.mongodb_uri,
        "MONGODB_DATABASE": storage_settings.mongodb_database,
        "ENCRYPTION_KEYS": storage_settings.encryption_keys.get_secret_value(),
        "LIVEKIT_API_KEY": "unused",
        "LIVEKIT_API_SECRET": "unused",
        "JWT_SECRET": "unused",
        "OPENAI_BASE_URL": chat_server.url,
        "LLM_MODEL": "scripted",
        "REPORT_POLL_S": "0.05",
        "WORKER_HEALTH_PORT": str(port),
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "reports", env=variables, stderr=PIPE)
    try:
        await until(lambda: answers(port), BOUND_S)
        await finished_session(storage)

        async def ready() -> bool:
            return (await report_of(storage)).status is ReportStatus.READY

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

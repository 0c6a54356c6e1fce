"""A worker that cannot say that it is ready says so by ending."""

import asyncio

import pytest
from livekit.agents import JobContext, JobExecutorType
from livekit.agents.worker import AgentServer

from rooms.workers import run_worker


async def never(context: JobContext) -> None:
    """Take no job."""


async def test_a_health_port_that_is_taken_ends_the_worker_with_that_error():
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    server = AgentServer(
        job_executor_type=JobExecutorType.THREAD,
        ws_url="ws://127.0.0.1:9",
        api_key="key",
        api_secret="secret" * 8,
        num_idle_processes=0,
        host="127.0.0.1",
        port=0,
    )
    server.rtc_session(never, agent_name="test")
    asyncio.get_running_loop().call_later(0.3, server.emit, "worker_registered", "id", None)
    async with taken:
        with pytest.raises(OSError, match="address already in use"):
            async with asyncio.timeout(8):
                await run_worker(server, taken.sockets[0].getsockname()[1], lambda: None)

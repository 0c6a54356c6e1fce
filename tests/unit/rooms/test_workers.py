"""A worker takes as many jobs as it has places; one that cannot say that it is ready says so by ending."""

import asyncio

import pytest
from livekit.agents import JobContext, JobExecutorType
from livekit.agents.job import RunningJobInfo
from livekit.agents.worker import AgentServer

from rooms.workers import JobServer, run_worker

LIVEKIT_SENDS_NOTHING_FROM = 0.7
"""livekit-server's `agents.target_load` where its configuration says nothing (DefaultTargetLoad in pkg/agent)."""


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


class Occupied(JobServer):
    """A server with so many jobs at work, and so many just beginning."""

    def __init__(self, most: int, working: int, beginning: int) -> None:
        super().__init__(most, ws_url="ws://127.0.0.1:9", api_key="key", api_secret="secret" * 8, num_idle_processes=1)
        self._working = working
        self._reserved_slots, self._devmode = beginning, False

    @property
    def active_jobs(self) -> list[RunningJobInfo]:
        return [RunningJobInfo.__new__(RunningJobInfo) for _ in range(self._working)]


@pytest.mark.parametrize(("working", "beginning"), [(0, 0), (0, 3), (1, 2), (3, 0)])
async def test_a_worker_with_a_place_left_is_sent_a_job_and_takes_it(working: int, beginning: int):
    server = Occupied(4, working, beginning)
    await server._refresh_worker_load()
    assert server._worker_load < LIVEKIT_SENDS_NOTHING_FROM
    assert server._is_available()


@pytest.mark.parametrize(("working", "beginning"), [(4, 0), (0, 4), (2, 2)])
async def test_a_full_worker_takes_none(working: int, beginning: int):
    server = Occupied(4, working, beginning)
    await server._refresh_worker_load()
    assert not server._is_available()
    if working == 4:
        assert server._worker_load >= LIVEKIT_SENDS_NOTHING_FROM

"""Running a LiveKit agent worker as a process of its own: signals, readiness, orderly end."""

import asyncio
import signal
from collections.abc import Callable
from typing import Any

from livekit.agents.worker import AgentServer

from interview import health
from interview.replica import Load

_UNREGISTERED = "unregistered"

FULL = 0.7
"""The load from which LiveKit sends a worker nothing more: its `agents.target_load`, whatever a worker says itself."""


class JobServer(AgentServer):
    """An agent server that takes so many jobs, one as soon as the other, and no more.

    The framework goes by the machine's CPU, which on a busy machine leaves candidates without an agent; and a job that
    comes while the first one is just beginning it takes for as much as an idle worker has warm processes, so it would
    refuse the second of two candidates who start in the same second. A refused job is lost: LiveKit does not ask again.
    """

    def __init__(self, most: int, **options: Any) -> None:
        super().__init__(load_fnc=self._jobs_in_use, load_threshold=FULL, **options)
        self._most = most

    def _jobs_in_use(self) -> float:
        return FULL * len(self.active_jobs) / self._most

    def _get_effective_load(self) -> float:
        return FULL * (len(self.active_jobs) + self._reserved_slots) / self._most


def load_of(server: AgentServer, most: int) -> Load:
    """Say what a worker has to do, of the jobs that it may have, and whether it has ever been registered."""
    return Load(ready=server.id != _UNREGISTERED, jobs=len(server.active_jobs), capacity=most)


async def run_worker(server: AgentServer, health_port: int, on_registered: Callable[[], None]) -> None:
    """Run `server` until SIGTERM or SIGINT, or until LiveKit stays unreachable (`RuntimeError`).

    `on_registered` is called each time the worker has registered: also after it lost LiveKit. Raises `OSError` when
    `health_port` is taken.

    Answers on `health_port` once the worker is registered with LiveKit. The framework's own health page answers
    before that, and a dispatch that comes before any worker is registered is lost.
    """
    registered, stop = asyncio.Event(), asyncio.Event()

    def now_registered(*_: object) -> None:
        registered.set()
        on_registered()

    server.on("worker_registered", now_registered)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    running = asyncio.create_task(server.run(), name="agent-server")
    stopping = asyncio.create_task(stop.wait(), name="signal")
    answering = asyncio.create_task(_answer_once(registered, health_port), name="health")
    try:
        await asyncio.wait({running, stopping, answering}, return_when=asyncio.FIRST_COMPLETED)
        await server.aclose()
        await running
        if answering.done():
            answering.result()  # a worker that cannot say that it is ready would be waited for in vain
    finally:
        stopping.cancel()
        answering.cancel()
        await asyncio.gather(stopping, answering, return_exceptions=True)


async def _answer_once(registered: asyncio.Event, port: int) -> None:
    await registered.wait()
    async with health.answering(port):
        await asyncio.Event().wait()

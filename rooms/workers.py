"""Running a LiveKit agent worker as a process of its own: signals, readiness, orderly end."""

import asyncio
import signal
from collections.abc import Callable

from livekit.agents.worker import AgentServer

from interview import health
from interview.replica import Load

_UNREGISTERED = "unregistered"


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

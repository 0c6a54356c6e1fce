"""The proctoring process: an AgentServer whose jobs are threads that share one set of models."""

import asyncio
import ctypes
import logging
import os
from functools import partial
from urllib.parse import urlsplit

from livekit.agents import AutoSubscribe, JobContext, JobExecutorType, JobProcess, JobRequest
from livekit.agents.types import NOT_GIVEN
from livekit.agents.worker import AgentServer, WorkerPermissions

from interview import logs
from interview import settings as settings_module
from interview.clock import Clock, SystemClock
from interview.errors import Invalid, StorageUnavailable
from interview.names import PROCTOR_AGENT, proctor_identity
from interview.processes import Self, alive
from interview.replica import ReplicaKind
from interview.rules import house_rules
from interview.settings import Settings
from interview.storage import Storage
from proctoring.analysis import Analysis
from proctoring.detectors.shared import load
from proctoring.room import RoomProctor
from rooms.dispatches import read_dispatch
from rooms.workers import JobServer, load_of, run_worker

logger = logging.getLogger(__name__)

_NICENESS = 5
_FRAMEWORK = {
    # its turn detection models (244 MB) are of no use to a proctor
    "LIVEKIT_AGENTS_PRELOAD_LOCAL_INFERENCE": "0",
    # its watchdogs wake every idle job's thread a hundred times a second, for latency that nobody hears here
    "LIVEKIT_AGENTS_LOOP_BLOCK_WARN_MS": "0",
    # the rooms' tasks are small, and a thread a core wakes the others for each of them
    "TOKIO_WORKER_THREADS": "1",
}
_M_ARENA_MAX, _ARENAS = -8, 2
"""mallopt(3): how many pools of free memory the process keeps; the default is eight a core."""
_POOL_OF_A_ROOM = {"mongodb_pool_min": 0, "mongodb_pool_max": 4}
_CONNECT_TRIES = 6
_CONNECT_PAUSE_S = 2.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def main() -> None:
    """Run the proctoring worker until SIGTERM or SIGINT.

    Raises `ConfigurationError` when a setting is missing; a missing model only switches off what it finds.
    """
    settings = settings_module.load()
    logs.set_up(settings.log_level)
    for name, value in _FRAMEWORK.items():
        os.environ.setdefault(name, value)
    _keep_few_arenas()
    asyncio.run(serve(settings, SystemClock()))


def _keep_few_arenas() -> None:
    """Let all threads share their free memory: each room has some, and what one leaves the next one cannot take."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None and "MALLOC_ARENA_MAX" not in os.environ:  # other C libraries than glibc have none
        mallopt(_M_ARENA_MAX, _ARENAS)


async def serve(settings: Settings, clock: Clock) -> None:
    """Serve jobs until a signal to stop or until LiveKit stays unreachable (`RuntimeError`)."""
    house_rules(settings.proctor_rules_file)  # what is wrong in it is said now, and not in the first room
    analysis = Analysis(load(settings))
    # the candidate hears the interviewer, not the proctor: when cores are short, the proctor waits
    os.nice(_NICENESS)
    server = build_server(settings, analysis, clock)
    me = Self(ReplicaKind.PROCTORING, partial(load_of, server, settings.proctor_max_rooms), clock)
    try:
        async with alive(me, settings, clock):
            await run_worker(server, settings.worker_health_port, me.now_ready)
    finally:
        analysis.close()


def build_server(settings: Settings, analysis: Analysis, clock: Clock) -> AgentServer:
    """Wire the server: hidden, dispatched by name, counting rooms instead of CPU."""
    proxy = None if urlsplit(settings.livekit_url).hostname in _LOOPBACK else NOT_GIVEN
    server = JobServer(
        settings.proctor_max_rooms,
        job_executor_type=JobExecutorType.THREAD,
        ws_url=settings.livekit_url,
        api_key=settings.livekit_api_key,
        api_secret=settings.livekit_api_secret.get_secret_value(),
        permissions=WorkerPermissions(
            can_publish=False, can_publish_data=False, can_update_metadata=False, hidden=True
        ),
        # an idle thread costs nothing
        num_idle_processes=settings.proctor_max_rooms,
        setup_fnc=_nothing_to_prepare,
        # health is answered by `run_worker`; the framework's own page goes to any free port
        host="127.0.0.1",
        port=0,
        http_proxy=proxy,
    )
    entry = partial(_attend, settings=settings, analysis=analysis, clock=clock)
    server.rtc_session(entry, agent_name=PROCTOR_AGENT, on_request=_answer)
    return server


def _nothing_to_prepare(_process: JobProcess) -> None:
    """Models belong to the process and are loaded before the first job."""


async def _answer(request: JobRequest) -> None:
    """Accept a dispatch under the attempt's own hidden identity; refuse for good one that cannot be read."""
    try:
        dispatch = read_dispatch(request.job.metadata)
    except Invalid as error:
        logger.error("job %s in room %s refused: %s", request.id, request.room.name, error)
        await request.reject()
        return
    await request.accept(identity=proctor_identity(dispatch.attempt))


async def _attend(context: JobContext, *, settings: Settings, analysis: Analysis, clock: Clock) -> None:
    """Be the proctor of one job. Returns when the watch has begun: the framework tells a job of its end by callback."""
    dispatch = read_dispatch(context.job.metadata)
    logs.about(dispatch.session_id)
    storage = await _connect(settings, clock)
    proctor = RoomProctor(
        dispatch,
        context.room,
        settings=settings,
        analysis=analysis,
        storage=storage,
        clock=clock,
    )

    async def leave(reason: str) -> None:
        await proctor.stop(reason)
        await storage.close()

    context.add_shutdown_callback(leave)
    await proctor.start(partial(context.connect, auto_subscribe=AutoSubscribe.SUBSCRIBE_NONE), context.shutdown)


async def _connect(settings: Settings, clock: Clock) -> Storage:
    """Open this job's own storage: each job has its own event loop, and the driver's client belongs to one.

    Raises `StorageUnavailable` when the database stays away.
    """
    own = settings.model_copy(update=_POOL_OF_A_ROOM)
    for _ in range(_CONNECT_TRIES):
        try:
            return await Storage.connect(own, clock)
        except StorageUnavailable as error:
            logger.warning("a proctor waits for the database: %s", error)
            await asyncio.sleep(_CONNECT_PAUSE_S)
    return await Storage.connect(own, clock)

"""The agent process: a `JobServer` that runs one interview a child process, counting jobs instead of CPU."""

import asyncio
import logging
import os
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from livekit.agents import AutoSubscribe, JobContext, JobExecutorType, JobProcess, JobRequest
from livekit.agents.types import NOT_GIVEN
from livekit.agents.worker import AgentServer

from agent import captions, engines, turn_model
from agent.collecting import collecting
from agent.job import InterviewJob
from interview import logs
from interview import settings as settings_module
from interview.clock import SystemClock
from interview.errors import ConfigurationError, Invalid, VivaError
from interview.names import INTERVIEWER_AGENT, interviewer_identity
from interview.processes import Self, alive, tallying
from interview.replica import ReplicaKind
from interview.session import Session, Status
from interview.settings import Settings
from interview.spool import spool_root
from interview.storage import Storage
from providers.usage import CALLS
from rooms.dispatches import Dispatch, read_dispatch
from rooms.rooms import Rooms
from rooms.workers import JobServer, load_of, run_worker

log = logging.getLogger(__name__)

_POOL_OF_A_JOB = {"mongodb_pool_min": 0, "mongodb_pool_max": 4}
_SESSION_END_S = 60.0
_ENVIRONMENT = {
    # the framework's watch over the event loop wakes every interview about 100 times a second
    "LIVEKIT_AGENTS_LOOP_BLOCK_WARN_MS": "0",
    # the room's tasks are small, and a thread a core wakes the others for each of them
    "TOKIO_WORKER_THREADS": "1",
    # each of a job's twenty threads would keep free memory of its own
    "MALLOC_ARENA_MAX": "2",
}
"""What the processes of jobs read when they begin, unless the operator says otherwise. See docs/decisions/0012."""

IMPORTED_LATE = (
    "anyio._backends._asyncio",
    "av.subtitles.stream",
    "livekit.agents.llm.async_toolset",
    "numpy.fft",
    "openai.lib.streaming.chat",
    "openai.resources.audio",
    "openai.resources.chat",
)
"""Modules that libraries import when they are first used: by each interview for itself, if not before the fork."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def main() -> None:
    """Run the agent worker until SIGTERM or SIGINT. Raises `ConfigurationError` when a setting is missing."""
    settings = settings_module.load()
    logs.set_up(settings.log_level)
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    asyncio.run(serve(settings))


async def serve(settings: Settings) -> None:
    """Serve jobs until a signal to stop or until LiveKit stays unreachable."""
    server = build_server(settings)
    clock = SystemClock()
    me = Self(ReplicaKind.AGENT, partial(load_of, server, settings.agent_max_jobs), clock)
    async with alive(me, settings, clock), collecting(settings, clock):
        await run_worker(server, settings.worker_health_port, me.now_ready)


def build_server(settings: Settings) -> AgentServer:
    """Wire the server: dispatched by name, a process per interview, as many as the settings say."""
    turn_model.share()
    proxy = None if urlsplit(settings.livekit_url).hostname in _LOOPBACK else NOT_GIVEN
    server = JobServer(
        settings.agent_max_jobs,
        job_executor_type=JobExecutorType.PROCESS,
        ws_url=settings.livekit_url,
        api_key=settings.livekit_api_key,
        api_secret=settings.livekit_api_secret.get_secret_value(),
        num_idle_processes=settings.agent_idle_processes,
        initialize_process_timeout=60.0,
        session_end_timeout=_SESSION_END_S,
        # an interview that is told to stop still writes what it has heard
        shutdown_process_timeout=_SESSION_END_S,
        setup_fnc=prepare,
        # imported once, before any job: a process that is forked then has 5 MB of its own instead of 44
        preload_modules=[__name__, *IMPORTED_LATE],
        host="127.0.0.1",
        port=0,
        http_proxy=proxy,
    )
    server.rtc_session(interview, agent_name=INTERVIEWER_AGENT, on_request=_answer)
    return server


def prepare(process: JobProcess) -> None:
    """Make the voice activity detection, before a job comes. What this child logs goes to the worker."""
    logs.stamp_records()
    captions.make_cheap()
    process.userdata["vad"] = engines.load_vad()


async def _answer(request: JobRequest) -> None:
    """Accept a dispatch under the attempt's own identity; refuse for good one that cannot be read."""
    try:
        dispatch = read_dispatch(request.job.metadata)
    except Invalid as error:
        log.error("job %s in room %s refused: %s", request.id, request.room.name, error)
        await request.reject()
        return
    await request.accept(identity=interviewer_identity(dispatch.attempt), name="Interviewer")


async def interview(context: JobContext) -> None:
    """Run the interview that the job's metadata names. This is the entry point of a job process."""
    settings = settings_module.load()
    logging.getLogger().setLevel(settings.log_level.upper())
    logs.calm_down()
    dispatch = read_dispatch(context.job.metadata)
    logs.only_about(dispatch.session_id)
    clock = SystemClock()
    # entering the room and reading the session take about as long: the candidate is waiting
    connected = asyncio.ensure_future(context.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY))
    storage = await Storage.connect(settings.model_copy(update=_POOL_OF_A_JOB), clock)
    rooms = Rooms.of(settings)
    try:
        record = await storage.sessions.get(dispatch.session_id)
        if record.attempt != dispatch.attempt or record.status is not Status.IN_PROGRESS:
            log.info("session %s: nothing to do for attempt %d", dispatch.session_id, dispatch.attempt)
            return
        async with tallying(storage, settings.process_beat_s, CALLS):
            await _run(context, connected, dispatch, record, settings, storage, rooms, clock)
    finally:
        await asyncio.gather(connected, return_exceptions=True)
        await rooms.aclose()
        await storage.close()
        context.shutdown("the interview is over")


def _spool_of(settings: Settings) -> Path | None:
    """Return where this machine's spools lie; the worker has seen that it is good, but a disk may fail since."""
    try:
        return spool_root(settings)
    except ConfigurationError as error:
        log.error("nothing is kept on disk in this interview: %s", error.message)
        return None


async def _run(
    context: JobContext,
    connected: asyncio.Future[None],
    dispatch: Dispatch,
    record: Session,
    settings: Settings,
    storage: Storage,
    rooms: Rooms,
    clock: SystemClock,
) -> None:
    job = InterviewJob(
        context,
        connected,
        record,
        settings=settings,
        storage=storage,
        rooms=rooms,
        clock=clock,
        spool=_spool_of(settings),
        vad_model=context.proc.userdata["vad"],
    )
    try:
        await job.run()
    except Exception as error:
        # whatever went wrong is ours: the session says so, and can be started again
        log.exception("session %s attempt %d failed", dispatch.session_id, dispatch.attempt)
        try:
            await storage.sessions.move(
                dispatch.session_id,
                Status.FAILED,
                by=f"interviewer:{dispatch.attempt}",
                reason=f"the interviewer failed: {type(error).__name__}",
                attempt=dispatch.attempt,
            )
        except VivaError as refused:
            log.error("session %s: its failure could not be stored: %s", dispatch.session_id, refused.code)
        raise

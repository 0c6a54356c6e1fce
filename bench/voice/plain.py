"""The plain pipeline that Viva is compared with: livekit-agents as its examples use it, asking the same questions.

`python -m bench.voice.plain` is its worker. An `AgentSession` with the framework's defaults, at the version pinned in
`requirements.lock`: `DEFAULTS` says which they are, and a test that they are. Chosen by hand is only what would ask for
LiveKit's cloud otherwise: the turn model is the one on this machine (`v1-mini`), and interruptions go by voice
activity. Providers and plugins are Viva's own, with the plugins' defaults.

Its language model is told to ask the questions in order, one a turn. With `local.inference` that is the scripted model
(`local.inference.llm.scripted`), which answers at once with the next question after the delay of the profile.
"""

import asyncio
import json
import os
import sys
from typing import Any

from livekit.agents import Agent, AgentSession, AutoSubscribe, JobContext, JobExecutorType, JobProcess, JobRequest
from livekit.agents import inference as turn_models
from livekit.agents.voice import room_io
from livekit.agents.voice.turn import TurnHandlingOptions
from livekit.agents.worker import AgentServer
from livekit.plugins import deepgram, openai, silero

from interview import logs
from interview import settings as settings_module
from interview.settings import Settings
from rooms.workers import run_worker

DEFAULTS: dict[str, Any] = {
    "livekit_agents": "1.8.9",
    "vad": {"engine": "silero", "min_speech_duration": 0.05, "min_silence_duration": 0.55},
    "turn_detection": "turn-detector-v1-mini",
    "endpointing": {"mode": "fixed", "min_delay": 0.3, "max_delay": 2.5},
    "interruption": {
        "mode": "vad",
        "min_duration": 0.5,
        "resume_false_interruption": True,
        "false_interruption_timeout": 2.0,
    },
    "preemptive_generation": {"enabled": True, "preemptive_tts": False},
}
"""What the plain pipeline does, as written into `voice.json`; delays in seconds."""

AGENT = "plain"
IDENTITY = "interviewer-plain"
_INSTRUCTIONS = """You are a friendly interviewer who talks with a candidate. Ask the following questions, one a turn,
in this order and word for word, and say goodbye after the last one. Say nothing else.
<questions>
{questions}
</questions>"""


class Plain(Agent):
    """Asks the questions that its instructions hold; begins by itself."""

    async def on_enter(self) -> None:
        """Ask the first question."""
        self.session.generate_reply()


def session_of(settings: Settings, vad: Any) -> AgentSession[None]:
    """Build the framework's session over this house's providers."""
    return AgentSession(
        stt=deepgram.STT(base_url=settings.deepgram_base_url, api_key=settings.deepgram_api_key.get_secret_value()),
        llm=openai.LLM(
            model=settings.llm_model,
            base_url=settings.openai_base_url,
            api_key=settings.openai_api_key.get_secret_value(),
        ),
        tts=openai.TTS(
            model=settings.tts_model,
            voice=settings.tts_voice,
            base_url=settings.tts_base_url,
            api_key=settings.tts_api_key.get_secret_value(),
            response_format="pcm",
        ),
        vad=vad,
        turn_handling=TurnHandlingOptions(
            turn_detection=turn_models.TurnDetector(version="v1-mini"), interruption={"mode": "vad"}
        ),
    )


async def talk(context: JobContext) -> None:
    """Hold one conversation; the job's metadata are the questions, and whom to listen to."""
    told = json.loads(context.job.metadata)
    await context.connect(auto_subscribe=AutoSubscribe.AUDIO_ONLY)
    session = session_of(settings_module.load(), context.proc.userdata["vad"])
    await session.start(
        Plain(instructions=_INSTRUCTIONS.format(questions="\n".join(told["questions"]))),
        room=context.room,
        room_options=room_io.RoomOptions(participant_identity=told["candidate"]),
        record=False,
        session_host=False,
    )


def prepare(process: JobProcess) -> None:
    """Load what takes seconds, before a job comes."""
    process.userdata["vad"] = silero.VAD.load()


async def _accept(request: JobRequest) -> None:
    await request.accept(identity=IDENTITY, name="Interviewer")


async def serve(settings: Settings) -> None:
    """Serve jobs until a signal to stop."""
    server = AgentServer(
        job_executor_type=JobExecutorType.PROCESS,
        ws_url=settings.livekit_url,
        api_key=settings.livekit_api_key,
        api_secret=settings.livekit_api_secret.get_secret_value(),
        num_idle_processes=1,
        initialize_process_timeout=60.0,
        # like Viva's own: a busy machine is not to refuse the one job that there is
        load_fnc=lambda worker: float(len(worker.active_jobs)),
        load_threshold=1.0,
        setup_fnc=prepare,
        host="127.0.0.1",
        port=0,
        http_proxy=None,
    )
    server.rtc_session(talk, agent_name=AGENT, on_request=_accept)
    await run_worker(server, settings.worker_health_port, lambda: None)


def main() -> int:
    """Run the worker; returns the exit status."""
    settings = settings_module.load()
    logs.set_up(settings.log_level)
    os.environ.setdefault("LIVEKIT_AGENTS_LOOP_BLOCK_WARN_MS", "0")
    asyncio.run(serve(settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())

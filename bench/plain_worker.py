"""What a measurement is compared with: a plain livekit-agents pipeline with its defaults, on the same providers.

`python -m bench.plain_worker` reads the settings of the agent worker. It holds conversations in rooms to which
`AGENT` is dispatched, whatever the dispatch's metadata say.
"""

import asyncio

from livekit.agents import Agent, AgentSession, JobContext, JobProcess, inference
from livekit.plugins import deepgram, openai, silero

from interview import logs
from interview import settings as settings_module
from interview.settings import Settings
from rooms.workers import JobServer, run_worker

AGENT = "plain"
_INSTRUCTIONS = "You interview a candidate. Ask one short question at a time."


def build_session(settings: Settings, vad: silero.VAD) -> AgentSession[None]:
    """Build the session: everything as it comes, but the turn model, whose default is a service in the cloud."""
    return AgentSession(
        stt=deepgram.STT(
            model=settings.stt_model,
            api_key=settings.deepgram_api_key.get_secret_value(),
            base_url=settings.deepgram_base_url,
        ),
        llm=openai.LLM(
            model=settings.llm_model,
            api_key=settings.openai_api_key.get_secret_value(),
            base_url=settings.openai_base_url,
        ),
        tts=openai.TTS(
            model=settings.tts_model,
            voice=settings.tts_voice,
            api_key=settings.tts_api_key.get_secret_value(),
            base_url=settings.tts_base_url,
            response_format="pcm",
        ),
        vad=vad,
        turn_handling={"turn_detection": inference.TurnDetector(version="v1-mini"), "interruption": {"mode": "vad"}},
    )


def prepare(process: JobProcess) -> None:
    """Load what takes seconds, before a job comes."""
    process.userdata["vad"] = silero.VAD.load()


async def converse(context: JobContext) -> None:
    """Hold one conversation. This is the entry point of a job process."""
    await context.connect()
    session = build_session(settings_module.load(), context.proc.userdata["vad"])
    await session.start(Agent(instructions=_INSTRUCTIONS), room=context.room, record=False)
    await session.generate_reply()


def main() -> None:
    """Run the worker until SIGTERM or SIGINT."""
    settings = settings_module.load()
    logs.set_up(settings.log_level)
    server = JobServer(
        settings.agent_max_jobs,
        ws_url=settings.livekit_url,
        api_key=settings.livekit_api_key,
        api_secret=settings.livekit_api_secret.get_secret_value(),
        num_idle_processes=settings.agent_idle_processes,
        initialize_process_timeout=60.0,
        setup_fnc=prepare,
        host="127.0.0.1",
        port=0,
        http_proxy=None,
    )
    server.rtc_session(converse, agent_name=AGENT)
    asyncio.run(run_worker(server, settings.worker_health_port, lambda: None))


if __name__ == "__main__":
    main()

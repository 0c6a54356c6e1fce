"""The ears and the voice: the real Deepgram and OpenAI plugins, pointed where the settings say."""

from dataclasses import replace

from livekit.agents import APIConnectOptions, vad
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.agents.voice.turn import EndpointingOptions, TurnHandlingOptions
from livekit.plugins import deepgram, openai, silero

from agent.endings import Endings
from agent.speech_store import SpeechStore
from agent.turntaking import Tuning
from interview.plan import Plan
from interview.settings import Settings
from providers.chat import ChatClient
from providers.usage import provider_of

VAD_SILENCE_S = 0.25
"""Silence that ends a stretch of voice. Endpointing adds its own delay, so this can be short."""

INTERRUPTION_S = 0.1
"""Voice of this length makes the interviewer pause: 0.16 s after the first sound (0.54 s with the framework's 0.5)."""

FALSE_INTERRUPTION_S = 0.45
"""No words this long after the end of an interruption is noticed, 0.35 s after its last sound: go on from there."""

LOCAL_VOICE = "default"
"""What `local.inference` calls the voice of an engine; in German it is `default-de`."""

STT_ENDPOINTING_MS = 300
"""Silence after which the recogniser is to finish a segment; the plugin's 25 ms cuts sentences to pieces."""


def load_vad() -> vad.VAD:
    """Load silero's voice activity detection; takes seconds, so a process does it before its first job."""
    return silero.VAD.load(min_silence_duration=VAD_SILENCE_S, min_speech_duration=0.05)


def build_stt(settings: Settings, plan: Plan) -> deepgram.STT:
    """Build the streaming recogniser."""
    return deepgram.STT(
        model=settings.stt_model,
        language=plan.language,
        api_key=settings.deepgram_api_key.get_secret_value(),
        base_url=settings.deepgram_base_url,
        endpointing_ms=STT_ENDPOINTING_MS,
        interim_results=True,
        punctuate=True,
    )


def voice_of(settings: Settings, plan: Plan) -> str:
    """Return the voice of a plan: its own, or the house's in its language.

    A hosted voice speaks every language. `default` is `local.inference`'s name, whose voices have one language each.
    """
    if plan.voice:
        return plan.voice
    house = settings.tts_voice
    return f"{house}-{plan.language}" if house == LOCAL_VOICE and plan.language != "en" else house


def build_tts(settings: Settings, plan: Plan) -> openai.TTS:
    """Build the voice of a plan."""
    return openai.TTS(
        model=settings.tts_model,
        voice=voice_of(settings, plan),
        speed=plan.speaking_speed,
        base_url=settings.tts_base_url,
        api_key=settings.tts_api_key.get_secret_value(),
        response_format="pcm",
    )


def speech_store(settings: Settings, plan: Plan) -> SpeechStore | None:
    """Return where this voice's speech is shared between interviews; None where no folder is set."""
    if settings.speech_store_dir is None:
        return None
    engine = f"{provider_of(settings.tts_base_url)} {settings.tts_model}"
    voice = f"{engine} {voice_of(settings, plan)} {plan.speaking_speed}"
    return SpeechStore(settings.speech_store_dir, voice, settings.speech_store_max_mb * 1_000_000)


def build_chat(settings: Settings) -> ChatClient:
    """Build the client that judges answers."""
    return ChatClient(
        base_url=settings.openai_base_url,
        api_key=settings.openai_api_key.get_secret_value(),
        model=settings.llm_model,
        timeout_s=settings.llm_timeout_s,
    )


def build_endings(settings: Settings, language: str) -> Endings:
    """Build what ends the candidate's turns."""
    tuning = Tuning(reply_s=settings.endpointing_min_s, doubtful_s=settings.endpointing_max_s)
    return Endings(replace(tuning, sound_s=settings.listening_sound_s or tuning.open_s), language=language)


def turn_handling(endings: Endings) -> TurnHandlingOptions:
    """Say how turns are taken: by `endings`, VAD interruption, and no generation ahead of the dialogue."""
    tuning = endings.tuning
    return TurnHandlingOptions(
        turn_detection=endings,
        # the framework's own delays come on top of what `endings` waits for: none
        endpointing=EndpointingOptions(mode="fixed", min_delay=tuning.reply_s, max_delay=tuning.open_s),
        interruption={
            "enabled": True,
            "mode": "vad",
            "min_duration": INTERRUPTION_S,
            "min_words": 0,
            "resume_false_interruption": True,
            "false_interruption_timeout": FALSE_INTERRUPTION_S,
        },
        preemptive_generation={"enabled": False},
    )


def connect_options() -> SessionConnectOptions:
    """Say how often providers are tried: an engine that fails must never end the interview by itself."""
    quick = APIConnectOptions(max_retry=2, retry_interval=0.5, timeout=5.0)
    return SessionConnectOptions(stt_conn_options=quick, tts_conn_options=quick, max_unrecoverable_errors=10_000)

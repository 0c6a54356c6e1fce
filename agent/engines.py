"""The ears and the voice: the real Deepgram and OpenAI plugins, one for each provider that the house has."""

from dataclasses import replace

from livekit.agents import AgentSession, APIConnectOptions, vad
from livekit.agents.voice.agent_session import SessionConnectOptions
from livekit.agents.voice.turn import EndpointingOptions, TurnHandlingOptions
from livekit.plugins import deepgram, openai

from agent.ears import Ears
from agent.endings import Endings
from agent.speech_store import SpeechStore
from agent.turn_model import Ask, TurnModel
from agent.turntaking import Tuning, quick
from agent.voice_activity import VoiceActivity
from agent.voices import Voices
from interview.engines import EngineKind
from interview.plan import Plan
from interview.settings import Settings
from providers.directory import Key, Provider
from providers.providers import Providers

VAD_SILENCE_S = 0.25
"""Silence that ends a stretch of voice. Endpointing adds its own delay, so this can be short."""

SPEECH_S = 0.05
"""Voice of this length is a beginning, and makes the interviewer pause (the framework's interruptions take 0.5 s).
It has to be the same for both: a soft beginning counts as so much voice, and pauses a line by that."""

FALSE_INTERRUPTION_S = 0.45
"""No words this long after the end of an interruption is noticed, 0.35 s after its last sound: go on from there."""

LOCAL_VOICE = "default"
"""What `local.inference` calls the voice of an engine; in German it is `default-de`."""

STT_ENDPOINTING_MS = 300
"""Silence after which the recogniser is to finish a segment; the plugin's 25 ms cuts sentences to pieces."""


DEFAULT_VOICE = "default"
"""What `local.inference` calls its own voice; a hosted provider in the file names one."""


def load_vad() -> VoiceActivity:
    """Return the voice activity detection; its model is in the library that the framework has loaded."""
    return VoiceActivity(speech_s=SPEECH_S, silence_s=VAD_SILENCE_S)


def build_ears(providers: Providers, plan: Plan) -> Ears:
    """Build the streaming recogniser over all providers."""

    def engine(provider: Provider, key: Key) -> deepgram.STT:
        return deepgram.STT(
            model=provider.model,
            language=plan.language,
            api_key=key.key.get_secret_value(),
            base_url=provider.base_url,
            endpointing_ms=STT_ENDPOINTING_MS,
            interim_results=True,
            punctuate=True,
        )

    return Ears(providers.chain(EngineKind.STT), providers.meter, engine)


def build_voices(providers: Providers, plan: Plan) -> Voices:
    """Build the voice of a plan over all providers."""

    def engine(provider: Provider, key: Key, rank: int) -> openai.TTS:
        return openai.TTS(
            model=provider.model,
            voice=voice_of(provider, rank, plan),
            speed=plan.speaking_speed,
            base_url=provider.base_url,
            api_key=key.key.get_secret_value(),
            response_format="pcm",
        )

    return Voices(providers.chain(EngineKind.TTS), providers.meter, engine)


def voice_of(provider: Provider, rank: int, plan: Plan) -> str:
    """Return the voice that a provider is asked for: the plan's, where it can be expected to have that one.

    A hosted voice speaks every language. `default` is `local.inference`'s name, whose voices have one language each.
    """
    if plan.voice and (rank == 0 or plan.voice in provider.voices):
        return plan.voice
    own = provider.voice or DEFAULT_VOICE
    return f"{own}-{plan.language}" if own == DEFAULT_VOICE and plan.language != "en" else own


def speech_store(settings: Settings, plan: Plan, voices: Voices) -> SpeechStore | None:
    """Return where this voice's speech is shared between interviews; None where no folder is set."""
    if settings.speech_store_dir is None:
        return None
    first = voices.chain.providers()[0]
    engine = f"{first.host} {first.model} {voice_of(first, 0, plan)} {plan.speaking_speed}"
    return SpeechStore(settings.speech_store_dir, engine, settings.speech_store_max_mb * 1_000_000)


def build_endings(settings: Settings, language: str, ask: Ask | None = None) -> Endings:
    """Build what ends the candidate's turns; `ask` asks the process that runs the turn model."""
    tuning = Tuning(reply_s=settings.endpointing_min_s, doubtful_s=settings.endpointing_max_s)
    sound_s = settings.listening_sound_s
    tuning = replace(tuning, sound_s=sound_s) if sound_s else quick(tuning)
    return Endings(tuning, language=language, model=TurnModel(ask))


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
            "min_duration": SPEECH_S,
            "min_words": 0,
            "resume_false_interruption": True,
            "false_interruption_timeout": FALSE_INTERRUPTION_S,
        },
        preemptive_generation={"enabled": False},
    )


def build_session(ears: Ears, vad_model: vad.VAD, endings: Endings) -> AgentSession[None]:
    """Build the framework's session: it hears, and ends turns; what is said it is given."""
    return AgentSession(
        stt=ears,
        vad=vad_model,
        turn_handling=turn_handling(endings),
        conn_options=connect_options(),
        user_away_timeout=None,
    )


def connect_options() -> SessionConnectOptions:
    """Say how often providers are tried: an engine that fails must never end the interview by itself."""
    quick = APIConnectOptions(max_retry=2, retry_interval=0.5, timeout=5.0)
    return SessionConnectOptions(stt_conn_options=quick, tts_conn_options=quick, max_unrecoverable_errors=10_000)

"""Settings of `python -m local.inference`, read from the environment in one place."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from interview.errors import ConfigurationError


class InferenceSettings(BaseSettings):
    """Every setting; the field name in capitals with `VIVA_` before it is the environment variable."""

    model_config = SettingsConfigDict(env_prefix="VIVA_", env_ignore_empty=True, extra="ignore", frozen=True)

    inference_host: str = "127.0.0.1"
    """Loopback only, unless told otherwise: nothing here is meant to face a network."""
    inference_port: int = Field(default=8090, ge=0, le=65535)
    inference_key: SecretStr | None = None
    """When set, `Authorization: Token <key>` or `Bearer <key>` must carry it."""

    stt: Literal["whisper", "none"] = "whisper"
    stt_model: Path | None = None
    """A folder with a CTranslate2 Whisper model; empty means the packaged tiny.en."""
    stt_multilingual_model: Path | None = None
    """The same, for languages that the first one does not hear; empty means the packaged base."""
    stt_threads: int = Field(default=2, ge=1, le=16)
    stt_max_streams: int = Field(default=16, ge=1, le=256)

    llm: Literal["qwen", "scripted", "none"] = "qwen"
    llm_model: Path | None = None
    """A GGUF file for the `qwen` engine; empty means the packaged weights."""
    llm_context_tokens: int = Field(default=8192, ge=1024, le=131072)
    llm_background_wait_s: float = Field(default=60, ge=0)
    """How long background requests wait for silence before they start all the same."""

    tts: Literal["hibari", "espeak"] = "hibari"

    delay_profile: Literal["none", "hosted"] = "none"
    """`hosted` answers after fixed times like a provider far away; for benchmarks only."""

    log_level: str = "INFO"


def load() -> InferenceSettings:
    """Read the settings from the environment.

    Raises `ConfigurationError` naming each variable that is wrong.
    """
    try:
        return InferenceSettings()
    except ValidationError as error:
        lines = [f"VIVA_{'.'.join(str(part) for part in e['loc']).upper()}: {e['msg']}" for e in error.errors()]
        raise ConfigurationError("settings of local.inference are wrong: " + "; ".join(lines)) from error

"""What the user of this machine chose: the shell's variables over the project's `.env`."""

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import TypeAdapter, ValidationError

from interview.errors import ConfigurationError
from local.environment import Engines

PROJECT = Path(__file__).parents[1]
"""The project's root folder."""

_ENGINES = TypeAdapter(Engines)


def user_environment(project: Path = PROJECT) -> dict[str, str]:
    """The variables of `.env`, and over them those of the shell."""
    file = {name: value for name, value in dotenv_values(project / ".env").items() if value is not None}
    return file | dict(os.environ)


def state_dir_of(user: Mapping[str, str]) -> Path:
    """Where state, secrets and logs lie: `VIVA_STATE_DIR`, or `.viva` in the project."""
    return Path(user.get("VIVA_STATE_DIR") or PROJECT / ".viva").resolve()


def engines_of(user: Mapping[str, str]) -> Engines:
    """The engines of `local.inference` that `VIVA_STT`, `VIVA_LLM`, `VIVA_TTS` and `VIVA_DELAY_PROFILE` name.

    Raises `ConfigurationError` for a name that does not exist.
    """
    names = {"stt": "VIVA_STT", "llm": "VIVA_LLM", "tts": "VIVA_TTS", "delay_profile": "VIVA_DELAY_PROFILE"}
    chosen = {field: user[variable] for field, variable in names.items() if user.get(variable)}
    try:
        return _ENGINES.validate_python(chosen)
    except ValidationError as error:
        wrong = "; ".join(f"{names[str(e['loc'][0])]}={e['input']}: {e['msg']}" for e in error.errors())
        raise ConfigurationError(f"an engine's name is wrong: {wrong}") from error

"""The environment of every process on one machine: generated secrets, picked ports, and what the user set.

Pure: values in, values out. The names are those of `interview.settings` and `local.inference.settings`, in capitals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from interview.settings import Settings

_DEEPGRAM_URL = "https://api.deepgram.com/v1/listen"
_OPENAI_URL = "https://api.openai.com/v1"

# Where the user names only a key, the service that the key is for: setting -> value.
_HOSTED: dict[str, dict[str, str]] = {
    "DEEPGRAM_API_KEY": {"DEEPGRAM_BASE_URL": _DEEPGRAM_URL},
    "OPENAI_API_KEY": {"OPENAI_BASE_URL": _OPENAI_URL, "LLM_MODEL": "gpt-4.1-mini"},
    "TTS_API_KEY": {"TTS_BASE_URL": _OPENAI_URL, "TTS_MODEL": "gpt-4o-mini-tts", "TTS_VOICE": "ash"},
}

SETTING_NAMES = frozenset(name.upper() for name in Settings.model_fields)
"""The environment variables that `interview.settings` reads."""


@dataclass(frozen=True)
class Ports:
    """The ports of one machine; the defaults are the usual ones."""

    mongo: int = 27117
    livekit: int = 7880
    livekit_rtc_tcp: int = 7881
    livekit_rtc_udp: int = 7882
    inference: int = 8090
    control_api: int = 8000
    control_api_2: int = 8001
    agent: int = 8091
    proctoring: int = 8092
    reports: int = 8093


@dataclass(frozen=True)
class Engines:
    """What `local.inference` runs: the names of its own settings."""

    stt: Literal["whisper", "none"] = "whisper"
    llm: Literal["qwen", "scripted", "none"] = "qwen"
    tts: Literal["hibari", "espeak"] = "hibari"
    delay_profile: Literal["none", "hosted"] = "none"


PROCTORING_MODELS: dict[str, tuple[str, str]] = {
    "FACE_DETECTOR_MODEL": ("yunet", ""),
    "PERSON_MODEL": ("human", "faceres.json"),
    "PHONE_MODEL": ("human", "nanodet.json"),
    "VOICE_MODEL": ("campplus", ""),
}
"""The settings that name the proctor's models: the asset, and the file in it where it has several."""
PROCTORING_ASSETS = frozenset(asset for asset, _ in PROCTORING_MODELS.values())


def settings_environment(
    *,
    ports: Ports,
    engines: Engines,
    secrets: Mapping[str, str],
    admin_password_file: Path,
    models: Mapping[str, Path],
    user: Mapping[str, str],
    pages_dir: Path | None = None,
) -> dict[str, str]:
    """All settings of `interview.settings`, as the processes get them; `user` (`.env` and the shell) has the last word.

    A key without an address means the provider's own address; see `_HOSTED`.
    """
    api = f"http://127.0.0.1:{ports.control_api}"
    inference = f"http://127.0.0.1:{ports.inference}/v1"
    values = {
        **secrets,
        "MONGODB_URI": f"mongodb://127.0.0.1:{ports.mongo}/",
        "MONGODB_DATABASE": "viva",
        "LIVEKIT_URL": f"ws://127.0.0.1:{ports.livekit}",
        "API_HOST": "127.0.0.1",
        "API_PORT": str(ports.control_api),
        "API_PUBLIC_URL": api,
        "ADMIN_PASSWORD_FILE": str(admin_password_file),
        "DISK_WATCH_DIR": str(admin_password_file.parent),  # the state folder
        "SPEECH_STORE_DIR": str(admin_password_file.parent / "speech"),
        "SPOOL_DIR": str(admin_password_file.parent / "spool"),
        "DEEPGRAM_BASE_URL": f"{inference}/listen",
        "OPENAI_BASE_URL": inference,
        "TTS_BASE_URL": inference,
        "LLM_MODEL": engines.llm,
        "TTS_MODEL": engines.tts,
        "LOCAL_INFERENCE_URL": inference,
        "LOCAL_INFERENCE_STT": engines.stt,
        "LOCAL_INFERENCE_LLM": engines.llm,
        "LOCAL_INFERENCE_TTS": engines.tts,
    }
    if pages_dir is not None:
        values["WEB_ASSETS_DIR"] = str(pages_dir)
    for setting, (asset, member) in PROCTORING_MODELS.items():
        if asset in models:
            values[setting] = str(models[asset] / member)
    if "fonts" in models:
        values["REPORT_FONTS_DIR"] = str(models["fonts"])
    given = {name: value for name, value in user.items() if name in SETTING_NAMES and value}
    if "ENCRYPTION_KEYS" in given:
        del values["ENCRYPTION_KEYS_FILE"]  # keys of the user's own, instead of the generated ones
    for key, hosted in _HOSTED.items():
        if key in given:
            values |= hosted
    if (values | given)["LLM_MODEL"] == "qwen":
        values["REPORT_PASSES"] = "2"  # what a model on this machine has the time for, behind whoever is talking
    return values | given


def inference_environment(ports: Ports, engines: Engines, models: Mapping[str, Path]) -> dict[str, str]:
    """The settings of `local.inference`."""
    values = {
        "VIVA_INFERENCE_PORT": str(ports.inference),
        "VIVA_STT": engines.stt,
        "VIVA_LLM": engines.llm,
        "VIVA_TTS": engines.tts,
        "VIVA_DELAY_PROFILE": engines.delay_profile,
    }
    if "whisper" in models:
        values["VIVA_STT_MODEL"] = str(models["whisper"])
    if "whisper_base" in models:
        values["VIVA_STT_MULTILINGUAL_MODEL"] = str(models["whisper_base"])
    if "qwen" in models:
        values["VIVA_LLM_MODEL"] = str(models["qwen"])
    return values


def livekit_config(template: str, ports: Ports, api_key: str, api_secret: str) -> str:
    """`livekit.yaml` with this machine's ports and keys, and the address of the control API's webhook."""
    config: dict[str, Any] = yaml.safe_load(template)
    config["port"] = ports.livekit
    config["rtc"] |= {"tcp_port": ports.livekit_rtc_tcp, "udp_port": ports.livekit_rtc_udp}
    config["keys"] = {api_key: api_secret}
    hook = f"http://127.0.0.1:{ports.control_api}/api/webhooks/livekit"
    config["webhook"] = {"api_key": api_key, "urls": [hook]}
    return yaml.safe_dump(config, sort_keys=False)


def process_environment(base: Mapping[str, str], settings: Mapping[str, str], stack_id: str) -> dict[str, str]:
    """The whole environment of a child: the shell's, without settings that this machine decides, and ours."""
    kept = {name: value for name, value in base.items() if name not in SETTING_NAMES}
    return {**kept, **settings, "PYTHONUNBUFFERED": "1", STACK_MARK: stack_id}


STACK_MARK = "VIVA_STACK"
"""Each child carries it, so that what a killed supervisor left behind can be found and ended."""

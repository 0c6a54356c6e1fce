"""A running Viva to work with: the one that `viva up` keeps running in a state folder, or one started for now."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from interview.errors import MachineError, ProviderUnavailable
from interview.settings import Settings
from local import keys, runtime
from local.environment import Engines
from local.recruiter import Recruiter
from local.services import Stack
from local.tls import TLS

_HEALTH_TIMEOUT_S = 10


@dataclass(frozen=True)
class EnginesInUse:
    """Which engines speak, listen and think, and what had to be replaced and why."""

    stt: str
    llm: str
    tts: str
    notices: tuple[str, ...]

    def as_dict(self) -> dict[str, str]:
        """The names only."""
        return {"stt": self.stt, "llm": self.llm, "tts": self.tts}


@dataclass(frozen=True)
class House:
    """Where a running Viva is reached. `started_here` tells that it stops with us."""

    api_url: str
    inference_url: str
    admin_email: str
    admin_password: str
    started_here: bool
    user_environment: Mapping[str, str]

    async def sign_in(self) -> Recruiter:
        """Sign in as the generated admin."""
        return await Recruiter.sign_in(self.api_url, self.admin_email, self.admin_password)

    async def break_engines(self, mode: str, kinds: Iterable[str] = ("stt", "llm", "tts")) -> None:
        """Break engines of the local inference service on purpose, or mend them (`well`): `local.inference.breaking`.

        Raises `MachineError` where it runs without a delay profile.
        """
        async with httpx.AsyncClient(timeout=_HEALTH_TIMEOUT_S, verify=TLS) as http:
            for kind in kinds:
                answer = await http.post(f"{self.inference_url}/v1/bench/breaking", json={"kind": kind, "mode": mode})
                if answer.is_error:
                    raise MachineError(f"the engines cannot be broken on purpose: {answer.status_code}")

    async def engines(self) -> EnginesInUse:
        """Ask the local inference service what it runs; a provider of the user's own stands by its setting's name.

        Raises `ProviderUnavailable` when the service does not answer.
        """
        try:
            async with httpx.AsyncClient(timeout=_HEALTH_TIMEOUT_S, verify=TLS) as http:
                health = (await http.get(f"{self.inference_url}/healthz")).json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderUnavailable(
                f"local.inference at {self.inference_url} does not tell its health: {error}"
            ) from error
        # An engine may add its model, as in `whisper:tiny.en`.
        local = {part: str(name or "missing").split(":")[0] for part, name in health["engines"].items()}
        own = {
            "stt": ("DEEPGRAM_API_KEY", "DEEPGRAM_BASE_URL", "deepgram"),
            "llm": ("OPENAI_API_KEY", "OPENAI_BASE_URL", "openai"),
            "tts": ("TTS_API_KEY", "TTS_BASE_URL", "openai"),
        }
        for part, (key, url, name) in own.items():
            if self.user_environment.get(key) or self.user_environment.get(url):
                local[part] = name
        return EnginesInUse(local["stt"], local["llm"], local["tts"], tuple(map(str, health["notices"])))


@asynccontextmanager
async def open_house(
    state_dir: Path,
    *,
    engines: Engines | None = None,
    overrides: Mapping[str, str] | None = None,
    user_environment: Mapping[str, str] | None = None,
) -> AsyncIterator[House]:
    """Use the Viva that runs in `state_dir`, or start one and stop it afterwards.

    Raises `MachineError` when one is just starting or stopping there, or cannot be started.
    """
    user = user_environment or {}
    running = runtime.read(state_dir)
    if running is not None:
        if running.state != "ready":
            raise MachineError(f"Viva in {state_dir} is {running.state}; wait, then try again")
        urls = {name: service.url for name, service in running.services.items()}
        yield _house(state_dir, urls["control_api"], urls["inference"], user, started_here=False)
        return
    async with Stack(state_dir, engines=engines, overrides=overrides, user_environment=user, usual_ports=True) as stack:
        yield house_of(stack, user)


def house_of(stack: Stack, user_environment: Mapping[str, str]) -> House:
    """Return a started stack as a house; `user_environment` is what the stack was given."""
    api_url, inference_url = stack.url("control_api"), stack.url("inference")
    return _house(stack.state_dir, api_url, inference_url, user_environment, started_here=True)


def _house(state_dir: Path, api_url: str, inference_url: str, user: Mapping[str, str], *, started_here: bool) -> House:
    password = keys.load_or_create(state_dir).admin_password_file.read_text().splitlines()[0]
    email = user.get("ADMIN_EMAIL") or str(Settings.model_fields["admin_email"].default)
    return House(api_url, inference_url, email, password, started_here, user)

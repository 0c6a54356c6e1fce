"""Everything that runs on one machine, started in order and kept running.

    async with Stack(state_dir, services=["mongo", "livekit", "control_api"]) as stack:
        stack.url("control_api"), stack.settings(), stack.kill("mongo")

Each process is waited for by asking it, never by time; one that dies is started again; all of them die with the
supervisor. State, secrets and logs lie in `state_dir`; `runtime.json` there says what runs (see `local.runtime`).
"""

import asyncio
import logging
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from interview.errors import MachineError
from interview.private_file import write_private
from interview.settings import Settings
from local import keys, leftovers, models, pages, ports, runtime
from local.caches import require_free_space
from local.environment import (
    PROCTORING_ASSETS,
    Engines,
    Ports,
    inference_environment,
    livekit_config,
    process_environment,
    settings_environment,
)
from local.processes import Probe, Service, Supervised, accepts_tcp, answers_http
from local.servers.build import ensure_server
from local.user import PROJECT

logger = logging.getLogger(__name__)

WAVES = (("mongo", "livekit", "inference"), ("control_api",), ("agent", "proctoring", "reports"))
"""The order of starting; those of one wave do not need one another."""

SERVICES = tuple(name for wave in WAVES for name in wave)
"""All services, in the order of starting."""

REPLICAS = {"control_api_2": "control_api"}
"""Further processes of a service, and of which; started only where they are asked for by name."""

_BUILT = ("mongo", "livekit")
# A setting by which the user names a server of their own, which is then not started here.
_OF_ONES_OWN = {"mongo": "MONGODB_URI", "livekit": "LIVEKIT_URL"}
_MODULES = {name: name for name in SERVICES} | {"inference": "local.inference"}
_STATE_BYTES = 500_000_000


class Stack:
    """The processes of one machine, as an async context manager.

    `overrides` are settings (names in capitals) that have the last word for every process; `user_environment` is
    what the user set in the shell and in `.env` (nothing for tests, so that they are the same everywhere).
    `usual_ports` takes the well-known ports where they are free.
    """

    def __init__(
        self,
        state_dir: Path | str,
        *,
        services: Iterable[str] = SERVICES,
        engines: Engines | None = None,
        overrides: Mapping[str, str] | None = None,
        user_environment: Mapping[str, str] | None = None,
        usual_ports: bool = False,
        progress: bool = True,
    ) -> None:
        self.state_dir = Path(state_dir).resolve()
        self.engines = engines or Engines()
        self.ports = Ports()
        self._reservations = ports.Reservations()
        self._overrides = dict(overrides or {})
        self._user = dict(user_environment or {})
        given = {name for name, setting in _OF_ONES_OWN.items() if self._user.get(setting)}
        self.names = tuple(name for name in known(services) if name not in given)
        self._usual_ports = usual_ports
        self._progress = progress
        self._settings: dict[str, str] = {}
        self._models: dict[str, Path] = {}
        self._programs: dict[str, Path] = {}
        self._running: dict[str, Supervised] = {}
        self._claim: runtime.Claim | None = None
        self._state: runtime.State = "starting"

    async def __aenter__(self) -> "Stack":
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Prepare and start everything, and return when all of it is ready.

        Raises `MachineError` in words where something is missing or does not become ready; then nothing is left
        running.
        """
        self._claim = runtime.claim(self.state_dir)
        self._state = "starting"
        try:
            await asyncio.to_thread(self._prepare)
            for wave in WAVES:
                await self._start_wave([name for name in self.names if REPLICAS.get(name, name) in wave])
            self._state = "ready"
            self._tell()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop everything in the reverse order."""
        if self._claim is None:
            return
        try:
            self._state = "stopping"
            self._tell()
            for wave in reversed(WAVES):
                started = [each for name, each in self._running.items() if REPLICAS.get(name, name) in wave]
                await asyncio.gather(*(supervised.stop() for supervised in started))
        finally:
            runtime.forget(self.state_dir)
            self._reservations.release()
            self._claim.release()
            self._claim = None

    @property
    def env(self) -> dict[str, str]:
        """The environment that the processes get, for a child of one's own."""
        return process_environment(os.environ, self._settings, str(self.state_dir))

    def settings(self) -> Settings:
        """The settings that the processes get."""
        return Settings.model_validate({name.lower(): value for name, value in self._settings.items()})

    def url(self, name: str) -> str:
        """Where a service is reached: an HTTP, WebSocket or MongoDB address."""
        if name == "mongo":
            return self._settings["MONGODB_URI"]
        if name == "livekit":
            return self._settings["LIVEKIT_URL"]
        return f"http://127.0.0.1:{getattr(self.ports, name)}"

    def pid(self, name: str) -> int:
        """The process id of a service. Raises `MachineError` while it does not run."""
        pid = self._supervised(name).pid
        if pid is None:
            raise MachineError(f"{name} is not running")
        return pid

    def log_path(self, name: str) -> Path:
        """The log of a service."""
        return self.state_dir / "logs" / f"{name}.log"

    def restarts(self, name: str) -> int:
        """How often a service has been started again."""
        return self._supervised(name).restart_count

    def kill(self, name: str) -> None:
        """Kill a service with SIGKILL, as a crash would; the supervisor starts it again (see `wait_restarted`)."""
        self._supervised(name).kill()

    async def halt(self, name: str) -> None:
        """Kill a service with all its children, and leave it dead until `revive`: an outage."""
        supervised = self._supervised(name)
        supervised.kill()
        await supervised.stop()

    async def revive(self, name: str) -> None:
        """Start a service that was halted, and return when it is ready."""
        self._supervised(name).start()
        await self._supervised(name).wait_ready()

    async def wait_ready(self, name: str, timeout_s: float | None = None) -> None:
        """Return when a service is ready; raises `MachineError` with the end of its log where it is not in time."""
        await self._supervised(name).wait_ready(timeout_s)

    async def wait_restarted(self, name: str, after: int, timeout_s: float = 60.0) -> None:
        """Return when a service has been restarted more than `after` times and is ready again."""
        await self._supervised(name).wait_restarted(after, timeout_s)

    def _supervised(self, name: str) -> Supervised:
        if name not in self._running:
            raise MachineError(f"{name} is not one of the services started here: {', '.join(self._running) or 'none'}")
        return self._running[name]

    def _prepare(self) -> None:
        """Everything before the first process; blocking, on a thread of its own."""
        for folder in ("data", "logs"):
            (self.state_dir / folder).mkdir(parents=True, exist_ok=True)
        self.state_dir.chmod(0o700)
        require_free_space(self.state_dir, _STATE_BYTES, "keeping interviews")
        leftovers.end(self.state_dir)
        generated = keys.load_or_create(self.state_dir)
        self._programs = {name: ensure_server(name, self._progress) for name in self.names if name in _BUILT}
        self._models = models.ensure(needed_models(self.names, self.engines), self._progress)
        self.ports = pick_ports(self._reservations, self._usual_ports)
        self._settings = settings_environment(
            ports=self.ports,
            engines=self.engines,
            secrets=generated.values,
            admin_password_file=generated.admin_password_file,
            models=self._models,
            user=self._user | self._overrides,
            pages_dir=self._pages(),
        )
        runtime.write_settings(self.state_dir, self._settings)
        template = (PROJECT / "livekit.yaml").read_text()
        api_key, api_secret = self._settings["LIVEKIT_API_KEY"], self._settings["LIVEKIT_API_SECRET"]
        write_private(self.state_dir / "livekit.yaml", livekit_config(template, self.ports, api_key, api_secret))

    def _pages(self) -> Path | None:
        """The built pages; for a person with a browser they are built where they are not there yet."""
        if "control_api" not in self.names:
            return None
        return pages.ensure_or_none() if self._usual_ports else pages.built()

    async def _start_wave(self, names: list[str]) -> None:
        for name in names:
            self._running[name] = Supervised(self._service(name), self.log_path(name), self._tell)
            self._running[name].start()
        await asyncio.gather(*(self._running[name].wait_ready() for name in names))

    def _service(self, name: str) -> Service:
        return Service(
            name=name,
            command=self._command(name),
            environment=self._environment(name),
            probe=self._probe(name),
            # Models are loaded and worker processes warmed up, on a machine that may be busy.
            ready_timeout_s=120.0,
        )

    def _command(self, name: str) -> tuple[str, ...]:
        if name == "mongo":
            address, data = f"127.0.0.1:{self.ports.mongo}", self.state_dir / "data" / "mongo"
            return (str(self._programs[name]), "--listen", address, "--state-dir", str(data))
        if name == "livekit":
            return (str(self._programs[name]), "--config", str(self.state_dir / "livekit.yaml"))
        return (sys.executable, "-m", _MODULES[REPLICAS.get(name, name)])

    def _environment(self, name: str) -> dict[str, str]:
        environment = self.env
        # The project is not installed; `-m` finds its packages by this, wherever the supervisor was started.
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH", "")]))
        if name == "inference":
            environment |= inference_environment(self.ports, self.engines, self._models)
            environment |= {key: value for key, value in self._overrides.items() if key.startswith("VIVA_")}
        if name in REPLICAS:
            environment["API_PORT"] = str(getattr(self.ports, name))
        if name in ("agent", "proctoring", "reports"):
            environment["WORKER_HEALTH_PORT"] = str(getattr(self.ports, name))
        return environment

    def _probe(self, name: str) -> Probe:
        if name == "mongo":
            return accepts_tcp(self.ports.mongo)
        path = "/healthz" if REPLICAS.get(name, name) in ("control_api", "inference") else "/"
        return answers_http(f"http://127.0.0.1:{getattr(self.ports, name)}{path}")

    def _tell(self) -> None:
        current = runtime.Runtime(
            state=self._state,
            supervisor_pid=os.getpid(),
            services={
                name: runtime.ServiceStatus(
                    state=supervised.state,
                    pid=supervised.pid,
                    started_at=supervised.started_at,
                    restarts=supervised.restart_count,
                    failure=supervised.failure,
                    url=self.url(name),
                    log=str(supervised.log_path),
                )
                for name, supervised in self._running.items()
            },
        )
        runtime.write(self.state_dir, current)


def known(services: Iterable[str]) -> tuple[str, ...]:
    """These services, each once, in the order of starting. Raises `MachineError` for one that does not exist."""
    wanted = set(services)
    if unknown := wanted - set(SERVICES) - set(REPLICAS):
        raise MachineError(f"there is no service {', '.join(sorted(unknown))}; known are {', '.join(SERVICES)}")
    return tuple(name for name in (*SERVICES, *REPLICAS) if name in wanted)


def needed_models(services: Iterable[str], engines: Engines) -> list[str]:
    """The assets that these services need with these engines."""
    chosen = set(services)
    wanted = {
        "whisper": "inference" in chosen and engines.stt == "whisper",
        "qwen": "inference" in chosen and engines.llm == "qwen",
        **dict.fromkeys(sorted(PROCTORING_ASSETS), "proctoring" in chosen),
        "fonts": "reports" in chosen,
    }
    return [name for name, needed in wanted.items() if needed]


def pick_ports(reservations: ports.Reservations, usual: bool) -> Ports:
    """Reserve a port for each purpose: the usual ones where they are wanted and free."""
    picked = Ports()
    for purpose, port in vars(picked).items():
        chosen = reservations.pick(port if usual else None, "udp" if purpose.endswith("udp") else "tcp")
        if usual and chosen != port:
            logger.warning("port %d (%s) is in use by %s; using %d", port, purpose, ports.holder(port), chosen)
        picked = replace(picked, **{purpose: chosen})
    return picked

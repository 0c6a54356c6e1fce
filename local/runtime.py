"""What runs on this machine, as files in the state folder: `runtime.json` (processes) and `settings.env`."""

import fcntl
import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from interview.errors import MachineError
from interview.private_file import write_private
from interview.settings import Settings

State = Literal["starting", "ready", "stopping"]

_FILE = "runtime.json"
_CLAIM = "supervisor.lock"
_SETTINGS = "settings.env"
_CLAIM_ATTEMPTS, _CLAIM_EVERY_S = 5, 0.1


class ServiceStatus(BaseModel):
    """One service as the supervisor sees it."""

    model_config = ConfigDict(frozen=True)

    state: str
    pid: int | None
    started_at: datetime | None
    restarts: int
    failure: str = ""
    url: str
    log: str


class Runtime(BaseModel):
    """The supervisor and its services."""

    model_config = ConfigDict(frozen=True)

    state: State
    supervisor_pid: int
    services: dict[str, ServiceStatus]


@dataclass(frozen=True)
class Claim:
    """The right to supervise a state folder; it ends with the process, however that ends."""

    _file: IO[str]

    def release(self) -> None:
        """Let another supervisor have it."""
        self._file.close()


def claim(state_dir: Path) -> Claim:
    """Claim a state folder for this process. Raises `MachineError` where another supervisor has it."""
    state_dir.mkdir(parents=True, exist_ok=True)
    file = (state_dir / _CLAIM).open("w")
    for _ in range(_CLAIM_ATTEMPTS):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_CLAIM_EVERY_S)  # a reader holds it for a moment, a supervisor for as long as it lives
        else:
            return Claim(file)
    file.close()
    running = read(state_dir)
    who = f" (pid {running.supervisor_pid})" if running else ""
    raise MachineError(
        f"Viva already runs with the state folder {state_dir}{who}: see `viva status`, or stop it with `viva down`.",
        code="already_running",
    )


def write(state_dir: Path, runtime: Runtime) -> None:
    """Write what runs, whole or not at all."""
    write_private(state_dir / _FILE, runtime.model_dump_json(indent=2))


def read(state_dir: Path) -> Runtime | None:
    """What runs now, or None where no supervisor is alive."""
    if not _is_claimed(state_dir):
        return None
    try:
        return Runtime.model_validate_json((state_dir / _FILE).read_text())
    except (FileNotFoundError, ValidationError):
        return None


def forget(state_dir: Path) -> None:
    """Remove the file: nothing runs any more."""
    (state_dir / _FILE).unlink(missing_ok=True)


def write_settings(state_dir: Path, settings: Mapping[str, str]) -> None:
    """Write the settings that the processes get, as lines that a shell can read too."""
    write_private(state_dir / _SETTINGS, "".join(f"{name}={shlex.quote(value)}\n" for name, value in settings.items()))


def read_settings(state_dir: Path) -> Settings:
    """The settings that the processes of the last start got. Raises `MachineError` before the first start."""
    try:
        text = (state_dir / _SETTINGS).read_text()
    except FileNotFoundError:
        raise MachineError(f"nothing was started with the state folder {state_dir} yet: run `viva up`") from None
    pairs = (line.split("=", 1) for line in text.splitlines())
    return Settings.model_validate({name.lower(): shlex.split(value)[0] for name, value in pairs if value != "''"})


def _is_claimed(state_dir: Path) -> bool:
    """Tell whether a living supervisor has the folder; its claim cannot outlive it, as a process id in a file can."""
    try:
        with (state_dir / _CLAIM).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False

"""What runs on this machine, as a file: `runtime.json` in the state folder, for `viva status` and `viva down`."""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import psutil
from pydantic import BaseModel, ConfigDict, ValidationError

from interview.errors import MachineError
from local.caches import write_private

State = Literal["starting", "ready", "stopping"]

_FILE = "runtime.json"
_CLAIM = "supervisor.lock"


class ServiceStatus(BaseModel):
    """One service as the supervisor sees it."""

    model_config = ConfigDict(frozen=True)

    state: str
    pid: int | None
    restarts: int
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
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        running = read(state_dir)
        who = f" (pid {running.supervisor_pid})" if running else ""
        raise MachineError(
            f"Viva already runs with the state folder {state_dir}{who}: see `viva status`, or stop it with `viva down`."
        ) from None
    return Claim(file)


def write(state_dir: Path, runtime: Runtime) -> None:
    """Write what runs, whole or not at all."""
    write_private(state_dir / _FILE, runtime.model_dump_json(indent=2))


def read(state_dir: Path) -> Runtime | None:
    """What runs now, or None where no supervisor is alive."""
    try:
        runtime = Runtime.model_validate_json((state_dir / _FILE).read_text())
    except (FileNotFoundError, ValidationError):
        return None
    return runtime if _alive(runtime.supervisor_pid) else None


def forget(state_dir: Path) -> None:
    """Remove the file: nothing runs any more."""
    (state_dir / _FILE).unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    if pid == os.getpid():
        return True
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

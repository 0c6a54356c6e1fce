"""`viva doctor`: what this machine has, what it lacks, and how to mend it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil
import typer
from rich.markup import escape

from cli.output import console
from interview.errors import MachineError
from local import keys, models, ports, runtime
from local.assets import ASSETS
from local.caches import cache_dir, size_words
from local.environment import PROCTORING_ASSETS, Ports
from local.servers.build import SERVERS, built
from local.services import SERVICES, needed_models
from local.user import engines_of, state_dir_of, user_environment

_NEEDED_DISK_BYTES = 2_000_000_000
_NEEDED_MEMORY_BYTES = 4_000_000_000

_NATIVE = ("cv2", "av", "ctranslate2", "livekit.rtc", "xllamacpp")

Verdict = Literal["good", "later", "bad"]
_MARKS = {"good": "[green]good [/]", "later": "[yellow]later[/]", "bad": "[bold red]bad  [/]"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `later` means that it is made when it is needed, and nothing is wrong."""

    what: str
    verdict: Verdict
    detail: str
    mend: str = ""


def doctor() -> None:
    """Look at this machine: what is good, what is made later, and what is bad and how to mend it."""
    user = user_environment()
    state_dir = state_dir_of(user)
    findings = [
        python_version(),
        *disks(state_dir),
        memory(),
        *system_libraries(),
        *servers(),
        *assets(needed_models(SERVICES, engines_of(user))),
        *secret_files(state_dir),
        *used_ports(runtime.read(state_dir)),
    ]
    for finding in findings:
        console.print(f"{_MARKS[finding.verdict]} {finding.what}: {escape(finding.detail)}", soft_wrap=True)
        if finding.mend:
            console.print(f"      → {escape(finding.mend)}", soft_wrap=True)
    if any(finding.verdict == "bad" for finding in findings):
        raise typer.Exit(1)


def python_version() -> Finding:
    """Viva's dependencies are pinned for Python 3.11."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] == (3, 11):
        return Finding("Python", "good", found)
    return Finding("Python", "bad", found, "install Python 3.11, delete .venv and run make")


def disks(state_dir: Path) -> Iterator[Finding]:
    """Room for servers, models and recordings."""
    for what, path in (("disk of the cache", cache_dir()), ("disk of the state", state_dir)):
        existing = next(parent for parent in (path, *path.parents) if parent.exists())
        free = shutil.disk_usage(existing).free
        detail = f"{size_words(free)} free at {path}"
        if free >= _NEEDED_DISK_BYTES:
            yield Finding(what, "good", detail)
        else:
            variable = "XDG_CACHE_HOME" if what == "disk of the cache" else "VIVA_STATE_DIR"
            yield Finding(what, "bad", detail, f"free {size_words(_NEEDED_DISK_BYTES)}, or set {variable} elsewhere")


def memory() -> Finding:
    """Room for the processes and the models."""
    total = psutil.virtual_memory().total
    if total >= _NEEDED_MEMORY_BYTES:
        return Finding("memory", "good", size_words(total))
    return Finding("memory", "bad", size_words(total), "use VIVA_LLM=scripted, or keys of hosted providers (.env)")


def system_libraries() -> Iterator[Finding]:
    """The packages that load libraries of the system, which a bare machine may lack."""
    for module in _NATIVE:
        loaded = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True, text=True, check=False)
        if loaded.returncode == 0:
            continue
        reason = (loaded.stderr.strip().splitlines() or ["no reason given"])[-1]
        mend = "run make again" if "No module named" in reason else "Debian and Ubuntu: apt install libgl1 libglib2.0-0"
        yield Finding(module, "bad", reason, mend)


def servers() -> Iterator[Finding]:
    """The two servers that are built here."""
    for name, server in SERVERS.items():
        program = built(name)
        if program:
            yield Finding(server.title, "good", str(program))
        else:
            yield Finding(server.title, "later", "not built yet", "`viva up` builds it (minutes, once)")


def assets(names: list[str]) -> Iterator[Finding]:
    """The models, checked against their pinned sha256."""
    for name in names:
        title = ASSETS[name].title
        try:
            found = models.path(name)
        except MachineError as error:
            yield Finding(title, "bad", error.message)
            continue
        if found is None:
            size = size_words(ASSETS[name].download_bytes)
            yield Finding(title, "later", "not fetched yet", f"`viva up` fetches it ({size}, once)")
        elif models.is_override(name) and name in PROCTORING_ASSETS and models.differs(name):
            detail = f"{found} is not the file whose thresholds are known: what it finds is off in proctoring"
            yield Finding(title, "bad", detail, f"unset {models.override_name(name)}")
        elif models.is_override(name):
            yield Finding(title, "good", f"{found} (your own, unchecked)")
        elif wrong := models.damaged(name):
            off = "; what it finds is off in proctoring" if name in PROCTORING_ASSETS else ""
            yield Finding(title, "bad", f"{', '.join(wrong)} damaged{off}", f"rm -r {models.home(name)}")
        else:
            yield Finding(title, "good", str(found))


def secret_files(state_dir: Path) -> Iterator[Finding]:
    """Secrets that only their owner can read."""
    files = keys.secret_files(state_dir)
    if not files:
        yield Finding("secrets", "later", "none yet", "`viva up` generates them")
    for file in files:
        if keys.too_open(file):
            yield Finding("secrets", "bad", f"others can read {file}", f"chmod 600 {file}")
        else:
            yield Finding("secrets", "good", f"{file} is yours alone")


def used_ports(running: runtime.Runtime | None) -> Iterator[Finding]:
    """The usual ports; where one is taken, another is used."""
    if running is not None:
        yield Finding("ports", "good", f"Viva runs (pid {running.supervisor_pid}); see `viva status`")
        return
    busy = False
    for purpose, port in vars(Ports()).items():
        if not ports.is_free(port, "udp" if purpose.endswith("udp") else "tcp"):
            busy = True
            detail = f"{port} ({purpose}) is in use by {ports.holder(port)}"
            yield Finding("ports", "later", detail, "another is picked; stop that program to keep the usual one")
    if not busy:
        yield Finding("ports", "good", "the usual ones are free")

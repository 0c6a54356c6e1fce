"""The packages of `web/` and the programs among them, run by the machine's Node or by the one of the `nodejs` wheel."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from interview.errors import MachineError
from local.caches import only_one
from local.fetch import node_program, npm_program, run_client

WEB = Path(__file__).parents[1] / "web"
_TIMEOUT_S = 600


def install() -> None:
    """Put the packages that `web/package-lock.json` names into `web/node_modules`, unless they are there.

    Raises `MachineError` where the registry cannot be reached.
    """
    lock, installed = WEB / "package-lock.json", WEB / "node_modules" / ".installed.json"
    with only_one(WEB.parent / "build" / ".node.lock"):
        if installed.is_file() and installed.read_bytes() == lock.read_bytes():
            return
        command = [*npm_program(), "ci", "--prefix", str(WEB), "--loglevel", "error"]
        run_client(command, environment(), "the packages of web/", lambda: None)
        shutil.copyfile(lock, installed)


def run(script: str, *arguments: str, more: Mapping[str, str] | None = None) -> str:
    """Run a script of an installed package in `web/` and return what it says.

    Raises `MachineError` with its words when it fails.
    """
    command = [node_program(), str(WEB / "node_modules" / script), *arguments]
    environment_ = {**environment(), **(more or {})}
    done = subprocess.run(command, env=environment_, cwd=WEB, capture_output=True, text=True, timeout=_TIMEOUT_S)
    if done.returncode != 0:
        raise MachineError(f"{script} failed:\n{(done.stdout + done.stderr).strip()[-6000:]}")
    return done.stdout


def environment() -> dict[str, str]:
    """The node that runs npm must be the one that its scripts find."""
    folder = str(Path(node_program()).parent)
    return {**os.environ, "PATH": os.pathsep.join([folder, os.environ.get("PATH", "")]), "NO_COLOR": "1"}

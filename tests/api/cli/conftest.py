"""`viva` as a person types it, with a state folder of its own."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from interview.errors import VivaError

PROJECT = Path(__file__).parents[3]

Viva = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def viva(tmp_path: Path) -> Iterator[Viva]:
    environment = {name: value for name, value in os.environ.items() if name not in ("MONGODB_URI", "LIVEKIT_URL")}
    environment["VIVA_STATE_DIR"] = str(tmp_path / "state")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(PROJECT / "viva"), *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    yield run
    run("down")


@pytest.fixture
def here(viva: Viva, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Viva:
    """The same commands in this process, on the same state folder: for those of a test after its first ones.

    That a process is started, and how it ends, is seen from the others; each costs more than what it does.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VIVA_STATE_DIR", str(tmp_path / "state"))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        result = CliRunner().invoke(app, arguments)
        words = result.stderr
        if isinstance(result.exception, VivaError):
            words += result.exception.message
        elif result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, words)

    return run

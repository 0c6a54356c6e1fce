"""`viva` as a person types it, with a state folder of its own."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

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

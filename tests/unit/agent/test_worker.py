"""What a worker's job processes share, and what they are told before they begin."""

import asyncio
import os
from collections.abc import Coroutine
from importlib.util import find_spec
from typing import Any

import pytest

from agent import worker
from interview import logs
from interview import settings as settings_module
from interview.settings import Settings


@pytest.mark.parametrize("module", worker.IMPORTED_LATE)
def test_what_is_imported_before_the_fork_exists(module: str) -> None:
    # the process that forks passes over what it cannot import, and says nothing
    assert find_spec(module) is not None


def test_jobs_are_told_to_be_sparing_unless_the_operator_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(coroutine: Coroutine[Any, Any, None]) -> None:
        coroutine.close()

    monkeypatch.setattr(asyncio, "run", nothing)
    monkeypatch.setattr(settings_module, "load", lambda: Settings.model_construct(log_level="info"))
    monkeypatch.setattr(logs, "set_up", lambda _: None)
    monkeypatch.setattr(os, "environ", {"MALLOC_ARENA_MAX": "8"})
    worker.main()
    assert (os.environ["MALLOC_ARENA_MAX"], os.environ["TOKIO_WORKER_THREADS"]) == ("8", "1")

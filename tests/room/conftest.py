"""One whole house for the room tier: every process, real servers, whisper and hibari, the scripted language model."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from interview.clock import SystemClock
from interview.storage import Storage
from local.environment import Engines
from local.house import House, house_of
from local.services import Stack


@dataclass(frozen=True)
class RunningHouse:
    """Everything running, seen from outside (`house`), from below (`stack`), and past the API (`storage`)."""

    stack: Stack
    house: House
    storage: Storage


WINDOWS = {"ENDPOINTING_MAX_S": "1.0", "RECORDING_SEGMENT_S": "2", "STT_DEADLINE_S": "30"}
"""Shorter than in production, but for the patience with a recogniser that shares two cores with other tests."""


@pytest_asyncio.fixture(scope="session")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHouse]:
    folder = tmp_path_factory.mktemp("house")
    async with Stack(folder, engines=Engines(llm="scripted"), overrides=WINDOWS) as stack:
        storage = await Storage.connect(stack.settings(), SystemClock())
        yield RunningHouse(stack, house_of(stack, {}), storage)
        await storage.close()

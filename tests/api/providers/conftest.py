"""Chains over real copies of `local.inference`, which tests stop, kill and slow down."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
import pytest_asyncio
from pydantic import SecretStr

from interview.clock import SystemClock
from interview.engines import EngineChange, EngineKind, EngineState
from interview.storage import Storage
from local import models
from local.ports import Reservations
from providers.breaker import Policy
from providers.chain import Chain
from providers.directory import Directory, Key, Provider
from providers.meter import Meter
from providers.prices import own_table
from providers.slots import SlotKeeper, SlotTimes
from providers.state import EngineStates
from tests.api.inference.conftest import KEY, Running, running
from tests.storage.builders import settings

POLICY = Policy(failures=2, open_s=1.0, probe_s=5.0)


@pytest_asyncio.fixture(scope="session")
async def storage(mongo_uri: str) -> AsyncIterator[Storage]:
    connected = await Storage.connect(settings(mongo_uri, f"test_{uuid4().hex[:12]}"), SystemClock())
    yield connected
    await connected.client.drop_database(connected.database.motor.name)
    await connected.close()


@dataclass
class Copies:
    """Copies of `local.inference` that a test starts and takes away, each at an address that stays its own."""

    folder: Path
    stack: AsyncExitStack
    ports: dict[str, int] = field(default_factory=dict)
    running: dict[str, Running] = field(default_factory=dict)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}/v1"

    async def start(self, name: str) -> None:
        """Have a copy of that name running, the one that an earlier test has left if it lives."""
        if name in self.running and psutil.pid_exists(self.running[name].pid):
            return
        if name not in self.ports:
            self.ports[name] = Reservations().pick(None)
        log = self.folder / f"{name}-{uuid4().hex[:6]}.log"
        copy = running(log, self.ports[name], VIVA_LLM="scripted")
        self.running[name] = await self.stack.enter_async_context(copy)

    def signal(self, name: str, number: signal.Signals) -> None:
        process = psutil.Process(self.running[name].pid)
        for one in (process, *process.children(recursive=True)):
            one.send_signal(number)

    async def kill(self, name: str) -> None:
        process = psutil.Process(self.running[name].pid)
        self.signal(name, signal.SIGKILL)
        del self.running[name]
        await asyncio.to_thread(psutil.wait_procs, [process], 10)


@pytest_asyncio.fixture(scope="session")
async def all_copies(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Copies]:
    await asyncio.to_thread(models.ensure, ["whisper"], False)
    async with AsyncExitStack() as stack:
        yield Copies(tmp_path_factory.mktemp("copies"), stack)


@pytest_asyncio.fixture
async def copies(all_copies: Copies) -> AsyncIterator[Copies]:
    yield all_copies
    for name in all_copies.running:
        all_copies.signal(name, signal.SIGCONT)


class House:
    """Chains as a session has them, and what it was told of their states."""

    def __init__(self, storage: Storage, directory: Directory, session_id: str = "") -> None:
        self.changes: list[EngineChange] = []
        self.states = EngineStates(SystemClock(), self.changes.append)
        self.meter = Meter(own_table(), SystemClock())
        self._keeper = SlotKeeper(storage.provider_slots, SlotTimes(20, 0.2), session_id)
        self._directory = directory

    def chain(self, kind: EngineKind) -> Chain:
        return Chain(kind, self._directory, self._keeper, self.states, POLICY)

    def told(self, kind: EngineKind) -> list[EngineState]:
        return [change.state for change in self.changes if change.kind is kind]


class Fixed(Directory):
    """Providers without a file."""

    def __init__(self, *providers: Provider) -> None:
        self._given = providers

    def of(self, kind: EngineKind) -> tuple[Provider, ...]:
        return self._given


def provider(name: str, url: str, **more: object) -> Provider:
    key = Key(name="main", key=SecretStr(KEY))
    values = {"name": name, "base_url": url, "model": "hibari", "keys": (key,), "deadline_s": 2.0, "voice": "default"}
    return Provider.model_validate({**values, **more})

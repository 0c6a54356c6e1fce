"""Running copies of `python -m local.inference`, and speech to send to them."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
import pytest_asyncio

from local import models
from local.inference import tts
from local.inference.stt.audio import Resampler
from local.ports import Reservations

START_LIMIT_S = 90
KEY = "a-key-for-tests"


@dataclass(frozen=True)
class Running:
    """One running copy."""

    url: str
    pid: int
    log: Path

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {KEY}"}

    def said(self) -> str:
        return self.log.read_text()

    async def health(self) -> dict[str, Any]:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"{self.url}/healthz")).json()


async def until(condition: Callable[[], Awaitable[bool]], within_s: float) -> None:
    """Wait for a condition; raises `TimeoutError` when it does not come true in time."""
    async with asyncio.timeout(within_s):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.05)


async def gone(process: psutil.Process) -> bool:
    """True when the process runs no more."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def cpu_s(process: psutil.Process) -> float:
    """CPU seconds that the process has used."""
    times = process.cpu_times()
    return times.user + times.system


def _start(env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen([sys.executable, "-m", "local.inference"], env=env, stdout=output, stderr=output)


@asynccontextmanager
async def running(log: Path, port: int | None = None, /, **settings: str) -> AsyncIterator[Running]:
    """Start one with `VIVA_*` settings, at a port where one is given; wait for its engines, stop it afterwards."""
    reservations = Reservations()
    port = port or reservations.pick(None)
    env = {**os.environ, "VIVA_INFERENCE_PORT": str(port), "VIVA_INFERENCE_KEY": KEY, **settings}
    process = await asyncio.to_thread(_start, env, log)
    service = Running(f"http://127.0.0.1:{port}", process.pid, log)

    async def loaded() -> bool:
        assert process.poll() is None, service.said()
        try:
            return (await service.health())["status"] != "starting"
        except httpx.TransportError:
            return False

    try:
        await until(loaded, START_LIMIT_S)
        yield service
    finally:
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, 15)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)
        reservations.release()


@pytest_asyncio.fixture(scope="session")
async def inference(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """Whisper, the scripted model and both voices."""
    await asyncio.to_thread(models.ensure, ["whisper"], False)
    log = tmp_path_factory.mktemp("inference") / "log"
    async with running(log, VIVA_LLM="scripted") as service:
        yield service


@pytest_asyncio.fixture(scope="session")
async def hosted(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """The delay profile of benchmarks, with nothing to recognise but cue sheets."""
    log = tmp_path_factory.mktemp("hosted") / "log"
    async with running(log, VIVA_LLM="scripted", VIVA_STT="none", VIVA_DELAY_PROFILE="hosted") as service:
        yield service


@pytest_asyncio.fixture(scope="session")
async def thinking(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """The `qwen` engine."""
    await asyncio.to_thread(models.ensure, ["qwen"], False)
    log = tmp_path_factory.mktemp("thinking") / "log"
    async with running(log, VIVA_LLM="qwen", VIVA_STT="none") as service:
        yield service


def spoken(text: str, voice: str = "low", rate: int = 16000) -> np.ndarray:
    """`text` as int16 speech at `rate`, from the first sound to the last."""
    pcm, made_at = tts.synthesise(text, "hibari", voice)
    samples = np.frombuffer(pcm, "<i2")
    if rate == 16000:
        samples = Resampler(made_at).push(pcm)
    elif rate != made_at:
        raise ValueError(f"no speech at {rate}")
    loud = np.flatnonzero(np.abs(samples) > 600)
    return samples[loud[0] : loud[-1] + 1]


def silence(seconds: float, rate: int = 16000) -> np.ndarray:
    return np.zeros(int(seconds * rate), np.int16)


def words(text: str) -> list[str]:
    """Lower-case words without punctuation."""
    return "".join(c if c.isalnum() or c in " '" else " " for c in text.lower().replace("-", " ")).split()


def missing(expected: str, heard: str) -> float:
    """The share of the expected words that cannot be found, in order, in what was heard."""
    a, b = words(expected), words(heard)
    row = [0] * (len(b) + 1)
    for x in a:
        last = 0
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], last + 1 if x == y else max(row[j], row[j - 1])
    return 1 - row[-1] / len(a)

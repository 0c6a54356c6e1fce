"""One supervised process: started, probed until it is ready, restarted when it dies, stopped with all its children."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import httpx

from interview.errors import MachineError
from local.logfile import Drain, LogFile, last_lines, rotate
from local.tls import TLS

logger = logging.getLogger(__name__)

Probe = Callable[[], Awaitable[bool]]
"""Tells whether a process is ready; called again and again until it is."""

State = Literal["stopped", "starting", "ready", "restarting", "failed"]

_SHIM = Path(__file__).with_name("shim.py")
_PROBE_EVERY_S = 0.1
_PROBE_TIMEOUT_S = 2.0
_LAST_WORDS_S = 2.0


@dataclass(frozen=True)
class RestartPolicy:
    """How often a process that dies is started again: at most `limit` times in `window_s`, waiting longer each time."""

    limit: int = 5
    window_s: float = 60.0
    first_delay_s: float = 0.2
    longest_delay_s: float = 5.0

    def delay_s(self, recent_restarts: int) -> float:
        """The pause before the next start, after so many restarts within the window."""
        return min(self.first_delay_s * 2**recent_restarts, self.longest_delay_s)


@dataclass(frozen=True)
class Service:
    """What is to run: a command with its whole environment, and how to tell that it is ready."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    probe: Probe
    ready_timeout_s: float = 60.0
    stop_grace_s: float = 10.0
    restarts: RestartPolicy = field(default_factory=RestartPolicy)


def answers_http(url: str) -> Probe:
    """A probe that holds when `url` answers 200."""

    async def probe() -> bool:
        try:
            async with httpx.AsyncClient(timeout=_PROBE_TIMEOUT_S, trust_env=False, verify=TLS) as client:
                return (await client.get(url)).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    return probe


def accepts_tcp(port: int) -> Probe:
    """A probe that holds when something accepts connections on a port of this machine."""

    async def probe() -> bool:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), _PROBE_TIMEOUT_S)
        except (OSError, TimeoutError):
            return False
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return True

    return probe


class Supervised:
    """A service that is kept running; everything happens on the event loop that called `start`."""

    def __init__(self, service: Service, log_path: Path, on_change: Callable[[], None] = lambda: None) -> None:
        self.service = service
        self.log_path = log_path
        self.state: State = "stopped"
        self.restart_count = 0
        self.failure = ""
        self.started_at: datetime | None = None
        self._on_change = on_change
        self._log = LogFile(log_path)
        self._drain: Drain | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self._recent: deque[float] = deque()

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def start(self) -> None:
        """Begin to run and supervise it; `wait_ready` tells how that went."""
        self.failure = ""
        self.state = "starting"
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        rotate(self.log_path)
        self._task = asyncio.create_task(self._supervise(), name=f"supervise-{self.service.name}")

    async def wait_ready(self, timeout_s: float | None = None) -> None:
        """Return when it is ready. Raises `MachineError` where it fails, or is not ready in time (seconds)."""
        allowed_s = self.service.ready_timeout_s if timeout_s is None else timeout_s
        try:
            async with asyncio.timeout(allowed_s), self._changed:
                await self._changed.wait_for(lambda: self.state in ("ready", "failed", "stopped"))
        except TimeoutError:
            raise self._error(f"did not become ready in {allowed_s:g} s") from None
        if self.state != "ready":
            raise self._error(self.failure or "was stopped")

    async def wait_restarted(self, after: int, timeout_s: float = 60.0) -> None:
        """Return when it is ready again and has been restarted more often than `after` times."""
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(
                    lambda: self.state == "failed" or (self.state == "ready" and self.restart_count > after)
                )
        except TimeoutError:
            raise self._error(f"was not restarted within {timeout_s:g} s") from None
        if self.state == "failed":
            raise self._error(self.failure)

    def kill(self) -> None:
        """Kill it with SIGKILL, as a crash would; the supervisor starts it again."""
        if self.pid is None:
            raise MachineError(f"{self.service.name} is not running")
        os.kill(self.pid, signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to end, wait for its grace period, then kill what is left of it and its children."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), self.service.stop_grace_s)
            except TimeoutError:
                logger.warning("%s did not end within %g s; killing it", self.service.name, self.service.stop_grace_s)
        await self._end_group()
        await self._become("stopped")

    async def _supervise(self) -> None:
        ever_ready = False
        while True:
            await self._become("restarting" if ever_ready else "starting")
            process = await self._spawn()
            why = await self._run_until_it_ends(process)
            ever_ready = ever_ready or self.state == "ready"
            await self._end_group()
            if not ever_ready:
                await self._fail(why)
                return
            logger.warning("%s %s", self.service.name, why)
            delay_s = self._next_delay_s()
            if delay_s is None:
                policy = self.service.restarts
                await self._fail(f"{why}, after {policy.limit} restarts in {policy.window_s:g} s; it is left stopped")
                return
            await self._become("restarting")
            await asyncio.sleep(delay_s)
            self.restart_count += 1

    async def _run_until_it_ends(self, process: asyncio.subprocess.Process) -> str:
        """Say when it is ready, and return why it ended."""
        ended = asyncio.create_task(process.wait())
        ready = asyncio.create_task(self._until_ready())
        try:
            await asyncio.wait({ended, ready}, timeout=self.service.ready_timeout_s, return_when="FIRST_COMPLETED")
            if ready.done() and not ended.done():
                ready.result()
                await self._become("ready")
            elif not ended.done():
                return f"did not become ready in {self.service.ready_timeout_s:g} s"
            return _ending(await ended)
        finally:
            for task in (ended, ready):
                task.cancel()
            await asyncio.gather(ended, ready, return_exceptions=True)

    async def _until_ready(self) -> None:
        while True:
            if await self.service.probe():
                return
            await asyncio.sleep(_PROBE_EVERY_S)

    def _next_delay_s(self) -> float | None:
        """The pause before the next start, or None when there were too many."""
        policy, now = self.service.restarts, time.monotonic()
        while self._recent and now - self._recent[0] > policy.window_s:
            self._recent.popleft()
        if len(self._recent) >= policy.limit:
            return None
        self._recent.append(now)
        return policy.delay_s(len(self._recent) - 1)

    async def _spawn(self) -> asyncio.subprocess.Process:
        command = [sys.executable, "-S", "-E", str(_SHIM), str(os.getpid()), *self.service.command]
        self._log.write(f"--- viva starts {self.service.name} at {datetime.now(UTC).isoformat()}\n".encode())
        drain = Drain(self._log)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=drain.write_end,
                stderr=drain.write_end,
                env=dict(self.service.environment),
                start_new_session=True,
            )
        finally:
            drain.start()
        self._drain = drain
        self.started_at = datetime.now(UTC)
        logger.info("%s started as pid %d", self.service.name, self._process.pid)
        self._on_change()
        return self._process

    async def _end_group(self) -> None:
        """Kill what is left of the process and its children, reap it, and write its last words."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        if self._drain is not None:
            await asyncio.to_thread(self._drain.finish, _LAST_WORDS_S)

    async def _fail(self, why: str) -> None:
        self.failure = why
        logger.error("%s %s; its log: %s", self.service.name, why, self.log_path)
        await self._become("failed")

    async def _become(self, state: State) -> None:
        async with self._changed:
            self.state = state
            self._changed.notify_all()
        self._on_change()

    def _error(self, why: str) -> MachineError:
        lines = "\n".join(f"  {line}" for line in last_lines(self.log_path)) or "  (it wrote nothing)"
        return MachineError(
            f"{self.service.name} {why}. The end of its log:\n{lines}\nThe whole log: {self.log_path}",
            code="service_failed",
        )


def _ending(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"

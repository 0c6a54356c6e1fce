"""Whether what Viva needs is there. Without database and LiveKit nothing can be served; without the rest, less."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from control_api.monitoring.figures import House, Kept
from interview.engines import EngineKind
from interview.errors import VivaError
from interview.replica import ReplicaKind
from interview.settings import Settings
from interview.storage import Storage
from providers.directory import Directory
from rooms.rooms import Rooms

Verdict = Literal["ready", "degraded", "not_ready"]
NEEDED = ("database", "livekit")

_CHECK_S = 3.0
_CONNECT_S = 2.0
_PROVIDERS_KEPT_S = 10.0
_WORKERS = {ReplicaKind.AGENT: "agents", ReplicaKind.PROCTORING: "proctors", ReplicaKind.REPORTS: "reports"}
_MB = 1_000_000


class Checks:
    """The checks of one replica; each is `ok` or a code that says what is wrong."""

    def __init__(self, settings: Settings, storage: Storage, rooms: Rooms, house: House, directory: Directory) -> None:
        self._storage = storage
        self._rooms = rooms
        self._house = house
        self._folder = settings.disk_watch_dir or Path(tempfile.gettempdir())
        self._least_bytes = settings.disk_free_min_mb * _MB
        self._directory = directory
        self._providers = Kept(self._ask_providers, _PROVIDERS_KEPT_S)
        self._all = Kept(self._look, 0, share_of_time=0)

    async def all(self) -> dict[str, str]:
        """Look at everything. Whoever asks while somebody looks has what they see: anyone may ask, as often as ever."""
        return await self._all.get()

    async def _look(self) -> dict[str, str]:
        database, livekit, providers, workers = await asyncio.gather(
            _code(self._storage.ping()), _code(self._rooms.list_rooms()), self._providers.get(), self._workers()
        )
        return {"database": database, "livekit": livekit, **providers, **workers, "disk": self._disk()}

    async def aclose(self) -> None:
        """End a check under way."""
        await self._all.aclose()
        await self._providers.aclose()

    async def _ask_providers(self) -> dict[str, str]:
        """Ask every provider once, however many kinds it serves; `fallback` is where only a later one is there."""
        chains = {kind: [provider.base_url for provider in self._directory.of(kind)] for kind in EngineKind}
        urls = sorted({url for chain in chains.values() for url in chain})
        answers = dict(zip(urls, await asyncio.gather(*map(reachable, urls)), strict=True))
        return {kind.value: _of_chain([answers[url] for url in chain]) for kind, chain in chains.items()}

    async def _workers(self) -> dict[str, str]:
        try:
            async with asyncio.timeout(_CHECK_S):
                replicas = await self._house.replicas()
        except (VivaError, TimeoutError):
            return dict.fromkeys(_WORKERS.values(), "unknown")
        working = {replica.kind for replica in replicas if replica.load.ready}
        return {name: "ok" if kind in working else "no_worker" for kind, name in _WORKERS.items()}

    def _disk(self) -> str:
        try:
            free = shutil.disk_usage(self._folder).free
        except OSError:
            return "disk_missing"
        return "ok" if free >= self._least_bytes else "disk_full"


def verdict(checks: dict[str, str]) -> Verdict:
    """Say what the checks amount to."""
    if any(checks[name] != "ok" for name in NEEDED):
        return "not_ready"
    return "ready" if all(code == "ok" for code in checks.values()) else "degraded"


def _of_chain(answers: list[str]) -> str:
    return "fallback" if answers[0] != "ok" and "ok" in answers else answers[0]


async def reachable(url: str) -> str:
    """Tell whether something accepts connections where a base URL points; nothing is sent."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme in ("https", "wss") else 80)
        async with asyncio.timeout(_CONNECT_S):
            _, writer = await asyncio.open_connection(parts.hostname or "", port)
    except TimeoutError:
        return "timeout"
    except (OSError, ValueError):
        return "unreachable"
    writer.close()
    return "ok"


async def _code(call: Awaitable[object]) -> str:
    try:
        async with asyncio.timeout(_CHECK_S):
            await call
    except VivaError as error:
        return error.code
    except TimeoutError:
        return "timeout"
    return "ok"

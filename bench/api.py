"""The control API under load: `make bench NAME=api`.

Two API processes over the embedded database, rate limits on, real LiveKit; the load comes from this process, over
HTTP, by several recruiters.

- creates: sessions made as fast as they come, from several connections, by both replicas in turn.
- reads: sessions read at a fixed rate of 100/s, each sent at its own time whatever became of those before it.
- a full house: 300 sessions are started at once where 10 may run; exactly 10 must run, and 290 queue in one order.
- one session is started 100 times at once: it must be started once.
- lost: sessions that were answered for and are not there.

Writes `build/bench/api.json`: `{creates_per_s, reads_p99_ms, overshoot, double_starts, lost}`.
"""

import argparse
import asyncio
import json
import shutil
import sys
import time
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from interview.consent import current_text
from interview.errors import VivaError
from local.environment import Engines
from local.house import House, house_of
from local.listening import percentile_ms
from local.services import PROJECT, Stack

_OUTPUT = PROJECT / "build" / "bench"
_BASE = "/api/parallel_interview"
_SERVICES = ("mongo", "livekit", "control_api", "control_api_2")
_SEATS = 10
_OVERRIDES = {
    "MAX_CONCURRENT_INTERVIEWS": str(_SEATS),
    # the limiter does its work, and one account from one address is not held back
    "RATE_LIMIT_PER_USER_PER_MIN": "1000000",
    "RATE_LIMIT_PER_ADDRESS_PER_MIN": "1000000",
}
_CREATES = 1500
_CREATE_CONNECTIONS = 16
_READS_PER_S = 100
_READS_FOR_S = 30
_STARTS = 300
_SAME_STARTS = 100
_BODY = {"name": "Ada Lovelace", "email": "ada@example.com", "questions": ["What did you build?", "How was it tested?"]}
_CONSENT = {"items": {"interview": True, "recording": True, "camera": True}, "text_version": current_text("en").version}


class BenchFailed(VivaError):
    """A measurement could not be taken; the message says why."""

    code = "bench_failed"


@dataclass
class Figures:
    """What is written."""

    creates_per_s: float = 0.0
    reads_p99_ms: int = 0
    overshoot: int = 0
    double_starts: int = 0
    lost: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The figures as they are written."""
        return {
            "creates_per_s": round(self.creates_per_s, 1),
            "reads_p99_ms": self.reads_p99_ms,
            "overshoot": self.overshoot,
            "double_starts": self.double_starts,
            "lost": self.lost,
            **self.more,
        }


class Api:
    """The two replicas, asked in turn."""

    def __init__(self, http: aiohttp.ClientSession, urls: list[str], token: str) -> None:
        self._http = http
        self._urls = cycle(urls)
        self._headers = {"Authorization": f"Bearer {token}"}

    async def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Ask the next replica. Raises `BenchFailed` on any error."""
        url = next(self._urls) + path
        async with self._http.request(method, url, json=body, headers=self._headers) as answer:
            content = await answer.json(content_type=None)
            if answer.status >= 400:
                raise BenchFailed(f"{method} {path} was answered {answer.status}: {str(content)[:300]}")
            return content


async def measure_creates(api: Api, count: int) -> tuple[float, list[str]]:
    """Create sessions as fast as they come; return how many a second, and their ids."""
    ids: list[str] = []
    left = iter(range(count))

    async def one_connection() -> None:
        for _ in left:
            ids.append((await api.call("POST", f"{_BASE}/create", _BODY))["session_id"])

    began_s = time.perf_counter()
    await asyncio.gather(*(one_connection() for _ in range(_CREATE_CONNECTIONS)))
    return count / (time.perf_counter() - began_s), ids


async def measure_reads(api: Api, ids: list[str], for_s: float) -> list[float]:
    """Read sessions at a fixed rate; return each one's latency in seconds, from the moment at which it was due."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one(due: float, session_id: str) -> float:
        await api.call("GET", f"{_BASE}/session/{session_id}")
        return loop.time() - due

    reading: list[asyncio.Task[float]] = []
    for n in range(round(for_s * _READS_PER_S)):
        due = began + n / _READS_PER_S
        await asyncio.sleep(max(0.0, due - loop.time()))
        reading.append(asyncio.create_task(one(due, ids[n % len(ids)])))
    return await asyncio.gather(*reading)


async def start_all_at_once(api: Api, ids: list[str], figures: Figures) -> None:
    """Start them all at the same moment; note how many more run than may, and whether the queue is in one order."""
    answers = await asyncio.gather(*(api.call("POST", f"{_BASE}/session/{one}/start") for one in ids))
    seen = await asyncio.gather(*(api.call("GET", f"{_BASE}/session/{one}") for one in ids))
    running = [each for each in seen if each["status"] == "IN_PROGRESS"]
    positions = sorted(each["queue"]["position"] for each in seen if each["status"] == "QUEUED")
    figures.overshoot = len(running) - _SEATS
    figures.more |= {
        "admitted": len(running),
        "queued": len(positions),
        "queued_in_order": positions == list(range(1, len(ids) - len(running) + 1)),
        "answered_queued": sum(answer["status"] == "QUEUED" for answer in answers),
    }


async def start_one_often(api: Api, figures: Figures) -> None:
    """Start one session many times at once; note how often too many it was started."""
    session_id = (await _consented(api, 1))[0]
    path = f"{_BASE}/session/{session_id}"
    await asyncio.gather(*(api.call("POST", f"{path}/start") for _ in range(_SAME_STARTS)))
    moves = (await api.call("GET", path))["history"]
    figures.double_starts = sum(move["target"] == "IN_PROGRESS" for move in moves) - 1
    await api.call("POST", f"{path}/end")  # its seat is for the next measurement


async def _consented(api: Api, count: int) -> list[str]:
    _, ids = await measure_creates(api, count)
    for one in ids:
        await api.call("POST", f"{_BASE}/session/{one}/consent", _CONSENT)
    return ids


async def count_lost(api: Api, ids: list[str]) -> int:
    """Count the sessions that were answered for and cannot be read."""
    lost = 0
    for one in ids:
        try:
            await api.call("GET", f"{_BASE}/session/{one}")
        except BenchFailed:
            lost += 1
    return lost


async def measure(house: House, urls: list[str], console: Console) -> Figures:
    """Take all measurements."""
    figures = Figures()
    connector = aiohttp.TCPConnector(limit=0)
    async with await house.sign_in() as recruiter, aiohttp.ClientSession(connector=connector) as http:
        api = Api(http, urls, recruiter.token)
        await measure_creates(api, 50)  # connections are made, code is warm
        figures.creates_per_s, ids = await measure_creates(api, _CREATES)
        console.print(f"creates: {figures.creates_per_s:.0f}/s")
        latencies = await measure_reads(api, ids, _READS_FOR_S)
        figures.reads_p99_ms = percentile_ms(latencies, 99) or 0
        figures.more["reads_p50_ms"] = percentile_ms(latencies, 50)
        console.print(f"reads: p50 {figures.more['reads_p50_ms']} ms, p99 {figures.reads_p99_ms} ms")
        await start_one_often(api, figures)
        await start_all_at_once(api, await _consented(api, _STARTS), figures)
        figures.lost = await count_lost(api, ids)
    return figures


async def run(console: Console) -> int:
    """Measure, print, write; return the exit code."""
    folder = _OUTPUT / "api"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        async with Stack(
            folder / "state", services=_SERVICES, engines=Engines(llm="scripted"), overrides=_OVERRIDES
        ) as stack:
            urls = [stack.url("control_api"), stack.url("control_api_2")]
            figures = await measure(house_of(stack, {}), urls, console)
    except (VivaError, OSError) as error:
        console.print(f"[bold red]The benchmark failed:[/] {error}")
        return 1
    shutil.rmtree(folder)
    return _conclude(figures, _OUTPUT / "api.json", console)


def _conclude(figures: Figures, path: Path, console: Console) -> int:
    table = Table(title="The control API, two replicas", title_justify="left")
    for column in ("figure", "value"):
        table.add_column(column)
    for name, value in figures.as_dict().items():
        table.add_row(name, str(value))
    console.print(table)
    path.write_text(json.dumps(figures.as_dict(), indent=2) + "\n", encoding="utf-8")
    console.print(f"Written to {path}")
    wrong = figures.overshoot or figures.double_starts or figures.lost or not figures.more["queued_in_order"]
    return 1 if wrong else 0


def main() -> int:
    """Read the command line and run."""
    argparse.ArgumentParser(prog="python -m bench.api", description=__doc__).parse_args()
    return asyncio.run(run(Console(highlight=False)))


if __name__ == "__main__":
    sys.exit(main())

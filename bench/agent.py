"""What one more interview costs the machine that its interviewer runs on: `make bench NAME=agent`.

CPU seconds for each second of a session, and proportional memory (PSS) for each further session, of all processes of
one agent worker, while 1, 2, 4 and 8 candidates talk with it, by voice alone. The providers answer after the delays of
hosted ones, in a process that is not counted, and so are the rooms and the database. Afterwards the same candidates say
the same to a plain livekit-agents pipeline (`bench.plain_worker`) on the same providers.

Takes about 20 minutes. Writes `build/bench/agent.json`: `{cpu_per_session_s, pss_per_further_session_mb, sessions,
levels: […], plain: {the same}}`.
"""

import argparse
import asyncio
import json
import secrets
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
from livekit import api, rtc
from rich.console import Console
from rich.table import Table

from bench import plain_worker
from interview.errors import VivaError
from local.environment import Engines
from local.house import House, house_of
from local.persona import Persona, VoiceChoice, load
from local.ports import Reservations
from local.processes import Service, Supervised, answers_http
from local.seat import RoomPass, Seat
from local.services import PROJECT, Stack
from local.talker import Talker
from local.utterance import Utterance, utter

_OUTPUT = PROJECT / "build" / "bench"
_SERVICES = ("mongo", "livekit", "inference", "control_api", "agent")
LEVELS = (1, 2, 4, 8)
_WINDOW_S = 90.0
_SETTLE_S = 20.0
"""After the last candidate has come: beginnings are not measured, and new idle processes load."""
_ANSWERS = 200
"""On the cue sheet: more than anybody says in so long a talk."""
_COME_WITHIN_S = 60.0
_MB = 1_000_000
CPU_BUDGET_S, PSS_BUDGET_MB = 0.06, 80.0
_OVERRIDES = {"AGENT_MAX_JOBS": str(max(LEVELS)), "AGENT_IDLE_PROCESSES": "1", "INTERVIEW_SESSION_TIMEOUT": "7200"}


class BenchFailed(VivaError):
    """A measurement could not be taken; the message says why."""

    code = "bench_failed"


@dataclass(frozen=True)
class Level:
    """What a worker with so many sessions used. `answers` were given and `replies` heard in the measured window."""

    sessions: int
    cpu_per_session_s: float
    pss_mb: float
    processes: int
    answers: int
    replies: int


@dataclass(frozen=True)
class Figures:
    """One pipeline, on all levels, and the PSS of its worker without a session."""

    idle_pss_mb: float
    levels: tuple[Level, ...]

    @property
    def cpu_per_session_s(self) -> float:
        """CPU seconds for each second of each session, with the most sessions."""
        return self.levels[-1].cpu_per_session_s

    @property
    def pss_per_further_session_mb(self) -> float:
        """The mean over all sessions after the first."""
        first, last = self.levels[0], self.levels[-1]
        return round((last.pss_mb - first.pss_mb) / max(1, last.sessions - first.sessions), 1)

    def as_dict(self) -> dict[str, Any]:
        """As written."""
        return {
            "cpu_per_session_s": self.cpu_per_session_s,
            "pss_per_further_session_mb": self.pss_per_further_session_mb,
            "sessions": self.levels[-1].sessions,
            "idle_pss_mb": self.idle_pss_mb,
            "levels": [asdict(level) for level in self.levels],
        }


class Tree:
    """A process and all that come from it."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)

    def processes(self) -> list[psutil.Process]:
        """Those that live."""
        return [self._root, *self._root.children(recursive=True)]

    def cpu_s(self) -> dict[int, float]:
        """CPU time of each since it began, by process id."""
        return {pid: sum(times[:2]) for pid, times in self._of_each(lambda process: process.cpu_times())}

    def pss_mb(self) -> float:
        """Memory in which each shared page counts in parts, as the kernel reckons it."""
        return round(
            sum(memory.pss for _, memory in self._of_each(lambda process: process.memory_full_info())) / _MB, 1
        )

    def _of_each(self, read: Callable[[psutil.Process], Any]) -> Iterator[tuple[int, Any]]:
        """Read something of each process; one that has just ended has nothing any more."""
        for process in self.processes():
            try:
                found = read(process)
            except psutil.NoSuchProcess:
                continue  # it is not part of what the worker costs now
            yield process.pid, found


Come = Callable[[], Awaitable[RoomPass]]
"""Opens another room with an agent on its way, and returns how its candidate gets in."""


@dataclass(frozen=True)
class Scale:
    """How many candidates at most, and for how long each level is looked at."""

    most: int
    window_s: float


async def measure(tree: Tree, come: Come, said: Sequence[Utterance], scale: Scale, console: Console) -> Figures:
    """Let more and more candidates talk, and look at the worker's processes for a while on each level."""
    talkers: list[Talker] = []
    levels: list[Level] = []
    idle_pss_mb = tree.pss_mb()
    async with AsyncExitStack() as undo:
        for sessions in (level for level in LEVELS if level <= scale.most):
            while len(talkers) < sessions:
                talker = Talker(said)
                undo.push_async_callback(talker.leave)
                await talker.join(await come())
                if not await talker.is_spoken_to(_COME_WITHIN_S):
                    raise BenchFailed(f"nobody spoke to candidate {len(talkers) + 1} within {_COME_WITHIN_S:.0f} s")
                talkers.append(talker)
            await asyncio.sleep(_SETTLE_S)
            levels.append(await _look(tree, talkers, scale.window_s))
            console.print(f"{sessions} at once: {levels[-1]}", markup=False)
    return Figures(idle_pss_mb, tuple(levels))


async def _look(tree: Tree, talkers: Sequence[Talker], window_s: float) -> Level:
    answers, replies = _exchanged(talkers)
    began_s, before = time.monotonic(), tree.cpu_s()
    await asyncio.sleep(window_s)
    after, lasted_s = tree.cpu_s(), time.monotonic() - began_s
    gone = [talker.failure for talker in talkers if talker.failure]
    if gone or set(before) - set(after):
        raise BenchFailed(f"a process or a room ended while it was measured: {gone}")
    used_s = sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())
    answers_now, replies_now = _exchanged(talkers)
    return Level(
        sessions=len(talkers),
        cpu_per_session_s=round(used_s / lasted_s / len(talkers), 4),
        pss_mb=tree.pss_mb(),
        processes=len(after),
        answers=answers_now - answers,
        replies=replies_now - replies,
    )


def _exchanged(talkers: Sequence[Talker]) -> tuple[int, int]:
    return sum(talker.answers for talker in talkers), sum(talker.replies for talker in talkers)


def persona() -> Persona:
    """A candidate with so many questions that no interview ends while it is measured."""
    many = load("many_short")
    again = [
        question.model_copy(update={"text": f"{question.text} Think of example number {round_}."})
        for round_ in range(1, 6)
        for question in many.questions
    ]
    return many.model_copy(update={"questions": tuple(again)})


def rehearsed() -> list[Utterance]:
    """What everybody says, in order; blocks."""
    speeches = [question.answer for question in load("many_short").questions]
    return [utter(speech, VoiceChoice()) for speech in speeches]


async def _register(house: House, said: Sequence[Utterance]) -> None:
    sheet = [said[number % len(said)] for number in range(_ANSWERS)]
    cues = [{"text": one.text, "duration_s": one.duration_s} for one in sheet]
    async with httpx.AsyncClient(base_url=house.inference_url) as http:
        answer = await http.post("/v1/bench/cues", json={"cues": cues})
    if answer.is_error:
        raise BenchFailed(f"the cue sheet was answered {answer.status_code}: {answer.text[:300]}")


async def interviews(stack: Stack, said: Sequence[Utterance], scale: Scale, console: Console) -> Figures:
    """Measure this project's worker, with sessions that are begun over its API."""
    house = house_of(stack, {})
    async with await house.sign_in() as recruiter, AsyncExitStack() as seats:

        async def come() -> RoomPass:
            created = await recruiter.create(persona())
            seat = await seats.enter_async_context(Seat(house.api_url))
            await seat.agree(await seat.open(created.invite_url))
            return await seat.start(created.session_id)

        return await measure(Tree(stack.pid("agent")), come, said, scale, console)


async def conversations(stack: Stack, said: Sequence[Utterance], scale: Scale, console: Console) -> Figures:
    """Measure the plain pipeline, in rooms of its own."""
    settings = stack.settings()
    key, secret = settings.livekit_api_key, settings.livekit_api_secret.get_secret_value()
    with _reserved_port() as port:
        plain = Supervised(
            Service(
                name="plain",
                command=(sys.executable, "-m", "bench.plain_worker"),
                environment=stack.env | {"PYTHONPATH": str(PROJECT), "WORKER_HEALTH_PORT": str(port)},
                probe=answers_http(f"http://127.0.0.1:{port}/"),
                ready_timeout_s=120.0,
            ),
            stack.state_dir / "logs" / "plain.log",
        )
        plain.start()
        try:
            await plain.wait_ready()
            async with api.LiveKitAPI(settings.livekit_url, key, secret) as server:

                async def come() -> RoomPass:
                    room = f"plain-{secrets.token_hex(4)}"
                    dispatch = api.RoomAgentDispatch(agent_name=plain_worker.AGENT)
                    await server.room.create_room(api.CreateRoomRequest(name=room, agents=[dispatch]))
                    grants = api.VideoGrants(room_join=True, room=room)
                    token = api.AccessToken(key, secret).with_identity("candidate").with_grants(grants)
                    jwt = token.with_ttl(timedelta(hours=1)).to_jwt()
                    return RoomPass(session_id=room, livekit_url=settings.livekit_url, livekit_token=jwt)

                return await measure(Tree(_pid(plain.pid)), come, said, scale, console)
        finally:
            await plain.stop()


@contextmanager
def _reserved_port() -> Iterator[int]:
    reservations = Reservations()
    try:
        yield reservations.pick(None)
    finally:
        reservations.release()


def _pid(pid: int | None) -> int:
    if pid is None:
        raise BenchFailed("the worker does not run")
    return pid


async def run(scale: Scale, only: str | None, console: Console) -> int:
    """Measure both, print, write; return the exit code."""
    folder = _fresh(_OUTPUT / "agent")
    engines = Engines(stt="none", llm="scripted", delay_profile="hosted")
    results: dict[str, Figures] = {}
    try:
        said = await asyncio.to_thread(rehearsed)
        async with Stack(folder / "state", services=_SERVICES, engines=engines, overrides=_OVERRIDES) as stack:
            await _register(house_of(stack, {}), said)
            for name, pipeline in (("viva", interviews), ("plain", conversations)):
                if only in (None, name):
                    results[name] = await pipeline(stack, said, scale, console)
    except (VivaError, OSError, rtc.ConnectError) as error:
        console.print(f"[bold red]The benchmark failed:[/] {error}")
        return 1
    shutil.rmtree(folder)
    console.print(_table(results))
    if only is not None or scale.most < max(LEVELS):
        return 0
    ours, written = results["viva"], results["viva"].as_dict() | {"plain": results["plain"].as_dict()}
    (_OUTPUT / "agent.json").write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    console.print(f"Written to {_OUTPUT / 'agent.json'}")
    return 0 if ours.cpu_per_session_s <= CPU_BUDGET_S and ours.pss_per_further_session_mb <= PSS_BUDGET_MB else 1


def _table(results: dict[str, Figures]) -> Table:
    table = Table(title="One agent worker, voice only, providers elsewhere", title_justify="left")
    for column in ("pipeline", "sessions", "CPU s per session s", "PSS MB", "MB per further", "answers", "replies"):
        table.add_column(column, justify="right")
    for name, figures in results.items():
        table.add_row(name, "0", "", f"{figures.idle_pss_mb:.0f}", "", "", "")
        for level in figures.levels:
            further = f"{figures.pss_per_further_session_mb:.1f}" if level is figures.levels[-1] else ""
            cpu, pss = f"{level.cpu_per_session_s:.4f}", f"{level.pss_mb:.0f}"
            table.add_row(name, str(level.sessions), cpu, pss, further, str(level.answers), str(level.replies))
    return table


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.agent", description=__doc__)
    parser.add_argument("--window", type=float, default=_WINDOW_S, help="seconds that are measured on each level")
    parser.add_argument("--only", choices=("viva", "plain"), help="measure one of the two, and write nothing")
    parser.add_argument("--most", type=int, choices=LEVELS, default=max(LEVELS), help="fewer sessions: writes nothing")
    given = parser.parse_args()
    scale = Scale(given.most, given.window)
    return asyncio.run(run(scale, given.only, Console(highlight=False, width=120)))


if __name__ == "__main__":
    sys.exit(main())

"""`python -m bench.voice`: holds the interviews, prints, and writes `build/bench/voice.json` after each of them.

An interview that was held is kept in `build/bench/voice/PART/`, so that a run which is broken off keeps what it has;
`--resume` holds only those that are missing, and `--only` leaves the other parts as an earlier run left them. All parts
take about two and a half hours; nothing else should run.
"""

import argparse
import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any, get_args

from rich.console import Console
from rich.table import Table

from bench import turns
from bench.voice import parts, running
from bench.voice.parts import Judge, Part
from bench.voice.plain import DEFAULTS
from bench.voice.records import Held, System
from bench.voice.summary import summary
from interview.errors import VivaError
from local import models
from local.services import PROJECT

_OUTPUT = PROJECT / "build" / "bench"
_KEPT = _OUTPUT / "voice"
_OFFLINE = "offline.json"


def main() -> int:
    """Read the command line and run; returns the exit status."""
    known = [part.name for part in parts.parts("scripted")]
    parser = argparse.ArgumentParser(prog="python -m bench.voice", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[*known, "offline"], help="these parts alone")
    parser.add_argument("--interviews", type=int, help="of each part, at most")
    parser.add_argument("--questions", type=int, default=50, help="of each interview, at most")
    parser.add_argument("--judge", choices=get_args(Judge), default="scripted", help="of answers, in follow_ups")
    parser.add_argument("--system", choices=get_args(System), help="this one alone, where two are held side by side")
    parser.add_argument("--resume", action="store_true", help="keep the interviews that an earlier run held")
    given = parser.parse_args()
    return asyncio.run(run(given, Console(highlight=False)))


async def run(given: argparse.Namespace, console: Console) -> int:
    """Run the parts that were asked for; returns the exit status."""
    chosen = [part for part in parts.parts(given.judge) if not given.only or part.name in given.only]
    recordings = (await asyncio.to_thread(models.ensure, ["pausing"]))["pausing"]
    if not given.only and not given.resume:
        shutil.rmtree(_KEPT, ignore_errors=True)  # nothing of an earlier run stands beside a whole new one
    failed = False
    for part in chosen:
        most = part.interviews if given.interviews is None else min(part.interviews, given.interviews)
        folder = _KEPT / part.name
        if not given.resume:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            failed |= not await hold(
                part, _systems(part, given.system), most, given.questions, folder, recordings, console
            )
        except (VivaError, OSError) as error:
            failed = True
            console.print(f"[bold red]{part.name} was broken off:[/] {error}")
    if not given.only or "offline" in given.only:
        await offline(console)
    show(console, write())
    console.print(f"Written to {_OUTPUT / 'voice.json'}")
    return 1 if failed else 0


def _systems(part: Part, alone: System | None) -> list[System]:
    if alone == "plain":
        return ["plain"] if part.beside else []
    return ["ours", "plain"] if part.beside and alone is None else ["ours"]


async def hold(
    part: Part,
    systems: list[System],
    interviews: int,
    questions: int,
    folder: Path,
    recordings: Path,
    console: Console,
) -> bool:
    """Hold the interviews of one part that are not there yet, keep each, and return whether all were held."""
    missing: list[tuple[int, System]] = [
        (number, system)
        for number in range(interviews)
        for system in systems
        if not (folder / f"{number}-{system}.json").exists()
    ]
    if not missing:
        return True
    whole = True
    async with running.running(part, folder) as house:
        await house.look(console)
        for number, system in missing:
            conversation = await asyncio.to_thread(part.conversation, recordings, number)
            try:
                held = await house.hold(conversation.begin(questions), number, system)
            except VivaError as error:
                whole = False
                console.print(f"[bold red]{part.name} {number} {system} failed:[/] {error}")
                continue
            (folder / f"{number}-{system}.json").write_text(held.model_dump_json(indent=1) + "\n", encoding="utf-8")
            console.print(running.told(held, number))
            write()
    return whole


async def offline(console: Console) -> None:
    """Ask the policies of `bench/turns.py` about the same recordings: more points of the curve, without a room."""
    console.print("offline: the curve of bench/turns.py")
    heard = await turns.hear(models.ensure(["pausing"])["pausing"])
    points = [
        {"source": "offline", "policy": name} | turns.try_out(policy, heard, judged).as_dict()
        for name, (policy, judged) in turns.curve().items()
    ]
    _KEPT.mkdir(parents=True, exist_ok=True)
    (_KEPT / _OFFLINE).write_text(json.dumps(points, indent=1) + "\n", encoding="utf-8")


def write() -> dict[str, Any]:
    """Write `voice.json` from every interview that is kept, and return it."""
    files = [file for file in sorted(_KEPT.glob("*/*-*.json")) if file.suffixes == [".json"]]
    held = [Held.model_validate_json(file.read_text("utf-8")) for file in files]
    file = _KEPT / _OFFLINE
    points = json.loads(file.read_text("utf-8")) if file.exists() else []
    result = summary(held, points) | {"plain_pipeline": DEFAULTS}
    (_OUTPUT / "voice.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return result


def show(console: Console, result: dict[str, Any]) -> None:
    """Print the tables."""
    table = Table(title="Voice to voice, from recorded audio", title_justify="left")
    for column in ("system", "replies", "p50 ms", "p95 ms", "line p50", "line p95"):
        table.add_column(column, justify="right")
    for name in ("hosted", "local", "plain"):
        row = result[name]
        cells = (row["n"], row["p50_ms"], row["p95_ms"], row["line_p50_ms"], row["line_p95_ms"])
        table.add_row(name, *map(str, cells))
    console.print(table)
    curve = Table(title="Cut-offs against latency, in a room", title_justify="left")
    for column in ("policy", "pauses", "cut off", "sounds", "p50 ms", "line p50", "line p95"):
        curve.add_column(column, justify="right")
    for row in result["curve"]:
        if row["source"] == "room":
            cells = ("pauses", "cut_off_rate", "sound_in_pause_rate", "p50_ms", "line_p50_ms", "line_p95_ms")
            curve.add_row(row["policy"], *(str(row[cell]) for cell in cells))
    console.print(curve)
    for name, value in result.items():
        if not isinstance(value, list) and name not in ("hosted", "local", "plain", "plain_pipeline"):
            console.print(f"{name}: {value}")


if __name__ == "__main__":
    sys.exit(main())

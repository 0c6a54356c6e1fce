"""Interviews that are hit while they go on, with the waiting windows of production: `make bench NAME=faults`.

Each blow of `local.blows` hits ten short interviews, five at a time, in the middle of an answer; all are then taken to
their ends. About 40 minutes. `--only NAME` repeats one; the figures of the others are kept.

Writes `build/bench/faults.json`: `[{fault, runs, completed, turns_lost, repeated_questions, recovery_p95_s}]`.
"""

import argparse
import asyncio
import json
import shutil
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from interview.clock import SystemClock
from interview.errors import VivaError
from interview.storage import Storage
from local.blows import BLOWS
from local.environment import Engines
from local.house import house_of
from local.ordeal import DEADLINE, Scene
from local.services import PROJECT, SERVICES, Stack
from local.trials import Trial, hold

_OUTPUT = PROJECT / "build" / "bench"
_PATH = _OUTPUT / "faults.json"
_SERVICES = [*(name for name in SERVICES if name != "proctoring"), "control_api_2"]
_RUNS, _AT_ONCE = 10, 5
REPLACED_WITHIN_S = 20.0
"""SPEC 2: a dead interviewer is replaced within so much time."""


async def measure(scene: Scene, fault: str, runs: int, at_once: int, console: Console) -> Trial:
    """Let one kind of blow hit so many interviews, `at_once` together."""
    groups = [min(at_once, runs - first) for first in range(0, runs, at_once)]
    trials = [await hold(scene, fault, [BLOWS[fault]], group) for group in groups]
    together = trials[0]
    for trial in trials[1:]:
        together = together.and_then(trial)
    console.print(f"{fault}: {together.completed} of {together.runs}, after {together.recovery_s} s", markup=False)
    for note in together.notes:
        console.print(f"  {note}", markup=False)
    return together


def row(trial: Trial) -> dict[str, Any]:
    """Return what `faults.json` says of one kind of blow."""
    figures = trial.model_dump(include={"fault", "runs", "completed", "turns_lost", "repeated_questions"})
    return figures | {"recovery_p95_s": trial.recovery_p95_s}


def keep(trial: Trial) -> None:
    """Write one kind's figures beside those of the others."""
    rows = json.loads(_PATH.read_text(encoding="utf-8")) if _PATH.exists() else []
    found = {each["fault"]: each for each in rows} | {trial.fault: row(trial)}
    written = [found[name] for name in BLOWS if name in found]
    _PATH.write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")


def show(console: Console, trials: list[Trial]) -> None:
    """Print the table."""
    table = Table(title="Hit in mid-answer, with the windows of production", title_justify="left")
    for column in ("fault", "runs", "completed", "turns lost", "repeated", "recovery p95 s"):
        table.add_column(column)
    for trial in trials:
        table.add_row(*map(str, row(trial).values()))
    console.print(table)


async def run(names: list[str], runs: int, at_once: int, console: Console) -> int:
    """Measure, print, write; return the exit code."""
    folder = _OUTPUT / "faults"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    engines = Engines(stt="none", llm="scripted", delay_profile="hosted")
    trials: list[Trial] = []
    try:
        # twice as many: LiveKit learns only seconds later that the places of those who have just ended are free
        overrides = DEADLINE | {"AGENT_MAX_JOBS": str(2 * at_once)}
        async with Stack(folder / "state", services=_SERVICES, engines=engines, overrides=overrides) as stack:
            storage = await Storage.connect(stack.settings(), SystemClock())
            try:
                for name in names:
                    trials.append(
                        await measure(Scene(stack, house_of(stack, {}), storage), name, runs, at_once, console)
                    )
                    keep(trials[-1])
            finally:
                await storage.close()
    except (VivaError, TimeoutError, OSError) as error:
        console.print(f"[bold red]The benchmark failed:[/] {error}")
        return 1
    shutil.rmtree(folder)
    show(console, trials)
    console.print(f"Written to {_PATH}")
    slow = [each for each in trials if each.fault == "agent_killed" and (each.recovery_p95_s or 0) > REPLACED_WITHIN_S]
    return 0 if not slow and all(trial.went_well() for trial in trials) else 1


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=_RUNS, help="interviews a blow")
    parser.add_argument("--at-once", type=int, default=_AT_ONCE, help="how many of them together")
    parser.add_argument("--only", choices=list(BLOWS), action="append", help="one kind of blow; may be repeated")
    given = parser.parse_args()
    return asyncio.run(run(given.only or list(BLOWS), given.runs, given.at_once, Console(highlight=False)))


if __name__ == "__main__":
    sys.exit(main())

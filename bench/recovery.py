"""What it costs an interview when something dies, with the waiting windows of production: `make bench NAME=recovery`.

Each fault of `local.faults` once, on real processes of one house. Those in which somebody is only waited for run beside
the others. Takes about twelve minutes: nobody is given up before ten.

Writes `build/bench/recovery.json`: `[{fault, recovered, recovery_s, lost}]`.
"""

import argparse
import asyncio
import json
import shutil
import sys

from rich.console import Console
from rich.table import Table

from interview.clock import SystemClock
from interview.errors import VivaError
from interview.storage import Storage
from local import faults
from local.environment import Engines
from local.faults import Fault, Recovery
from local.house import house_of
from local.ordeal import DEADLINE, Scene
from local.services import PROJECT, SERVICES, Stack

_OUTPUT = PROJECT / "build" / "bench"
_SERVICES = [*(name for name in SERVICES if name != "proctoring"), "control_api_2"]
_BESIDE: tuple[Fault, ...] = (faults.no_show,)


async def measure(scene: Scene, console: Console) -> list[Recovery]:
    """Let everything happen, one after the other; what only waits, beside all but what kills the API at once."""
    first, *rest = (fault for fault in faults.FAULTS if fault not in _BESIDE)
    found = [await _one(first, scene, console)]
    beside = [asyncio.create_task(_one(fault, scene, console)) for fault in _BESIDE]
    found += [await _one(fault, scene, console) for fault in rest]
    return found + await asyncio.gather(*beside)


async def _one(fault: Fault, scene: Scene, console: Console) -> Recovery:
    lasting_s = faults.OUTAGE_S if fault in faults.OUTAGES else faults.ABSENCE_S
    try:
        recovery = await fault(scene, lasting_s)
    except (VivaError, TimeoutError) as error:
        name = fault.__name__.replace("_", " ")
        recovery = Recovery(fault=name, recovered=False, recovery_s=None, lost=0, notes=(str(error)[:300],))
    console.print(f"{recovery.fault}: {recovery.recovery_s} s {'; '.join(recovery.notes)}", markup=False)
    return recovery


async def run(console: Console) -> int:
    """Measure, print, write; return the exit code."""
    folder = _OUTPUT / "recovery"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    engines = Engines(stt="none", llm="scripted", delay_profile="hosted")
    try:
        async with Stack(folder / "state", services=_SERVICES, engines=engines, overrides=DEADLINE) as stack:
            storage = await Storage.connect(stack.settings(), SystemClock())
            try:
                found = await measure(Scene(stack, house_of(stack, {}), storage), console)
            finally:
                await storage.close()
    except (VivaError, OSError) as error:
        console.print(f"[bold red]The benchmark failed:[/] {error}")
        return 1
    shutil.rmtree(folder)
    table = Table(title="Recovery, with the windows of production", title_justify="left")
    for column in ("fault", "recovered", "after s", "lost"):
        table.add_column(column)
    for each in found:
        table.add_row(each.fault, "yes" if each.recovered else "NO", str(each.recovery_s), str(each.lost))
    console.print(table)
    rows = [each.model_dump(include={"fault", "recovered", "recovery_s", "lost"}) for each in found]
    path = _OUTPUT / "recovery.json"
    path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    console.print(f"Written to {path}")
    return 0 if all(each.recovered for each in found) else 1


def main() -> int:
    """Read the command line and run."""
    argparse.ArgumentParser(prog="python -m bench.recovery", description=__doc__).parse_args()
    return asyncio.run(run(Console(highlight=False)))


if __name__ == "__main__":
    sys.exit(main())

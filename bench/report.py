"""What a report costs in time and truth: `make bench NAME=report`, or a part of it: `ARGS="--only render"`.

Writes `build/bench/report.json`; a part that is not measured keeps its figures from the time before.
"""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import rendering
from interview.errors import VivaError
from local.services import PROJECT

_OUTPUT = PROJECT / "build" / "bench" / "report.json"

PARTS: dict[str, Callable[[], dict[str, Any]]] = {"render": rendering.measure}
"""Each part measures figures of its own."""

Holds = Callable[[Any], bool]
TARGETS: dict[str, tuple[str, Holds]] = {
    "render_s": (f"<= {rendering.TARGET_S:g}", lambda value: value <= rendering.TARGET_S)
}
"""What is wanted of a figure, in words and as code."""


def run(only: str | None, console: Console) -> int:
    """Measure, print, write; return the exit code: 1 where a target is missed."""
    figures: dict[str, Any] = json.loads(_OUTPUT.read_text(encoding="utf-8")) if _OUTPUT.is_file() else {}
    measured: dict[str, Any] = {}
    for name, part in PARTS.items():
        if only in (None, name):
            console.print(f"measuring: {name}")
            measured |= part()
    _show(measured, console)
    _OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    _OUTPUT.write_text(json.dumps(figures | measured, indent=2) + "\n", encoding="utf-8")
    console.print(f"Written to {_OUTPUT}")
    return 0 if all(holds(measured[name]) for name, (_, holds) in TARGETS.items() if name in measured) else 1


def _show(measured: dict[str, Any], console: Console) -> None:
    table = Table(title="Reports", title_justify="left")
    for column in ("figure", "value", "wanted", ""):
        table.add_column(column)
    for name, value in measured.items():
        wanted, holds = TARGETS.get(name, ("", None))
        table.add_row(name, str(value), wanted, "" if holds is None else "yes" if holds(value) else "NO")
    console.print(table)


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__)
    parser.add_argument("--only", choices=sorted(PARTS), help="measure this part alone")
    console = Console(highlight=False)
    try:
        return run(parser.parse_args().only, console)
    except VivaError as error:
        console.print(f"[bold red]The benchmark failed:[/] {error.message}")
        return 1


if __name__ == "__main__":
    sys.exit(main())

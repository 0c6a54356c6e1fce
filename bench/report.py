"""What a report costs in time and truth: `make bench NAME=report`, or a part of it: `ARGS="--only render"`.

Writes `build/bench/report.json`, of which these are the claims: `{render_s, queue_per_min, answer_scored_p95_s,
false_quotes, injection_mean_shift}`. A part that is not measured keeps its figures from the time before. The shift is
that of `make bench NAME=golden`, which takes a model and its time; without it it is null.
"""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import rendering, report_queue
from interview.errors import VivaError
from local.services import PROJECT

_FOLDER = PROJECT / "build" / "bench"
_OUTPUT = _FOLDER / "report.json"
_GOLDEN = _FOLDER / "golden.json"


def golden() -> dict[str, Any]:
    """Return what `bench.golden` found the last time: how far words that instruct the model move a level on average."""
    found = json.loads(_GOLDEN.read_text(encoding="utf-8")) if _GOLDEN.is_file() else {}
    return {"injection_mean_shift": found.get("injection_mean_shift")}


PARTS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "render": lambda asked: rendering.measure(),
    "queue": lambda asked: report_queue.measure(asked.reports, asked.answers),
    "golden": lambda asked: golden(),
}
"""Each part measures figures of its own."""

Holds = Callable[[Any], bool]
TARGETS: dict[str, tuple[str, Holds]] = {
    "render_s": (f"<= {rendering.TARGET_S:g}", lambda value: value <= rendering.TARGET_S),
    "queue_per_min": (">= 100", lambda value: value >= 100),
    "answer_scored_p95_s": ("<= 30", lambda value: value <= 30),
    "false_quotes": ("0", lambda value: value == 0),
}
"""What is wanted of a figure, in words and as code."""


def run(asked: argparse.Namespace, console: Console) -> int:
    """Measure, print, write; return the exit code: 1 where a target is missed."""
    figures: dict[str, Any] = json.loads(_OUTPUT.read_text(encoding="utf-8")) if _OUTPUT.is_file() else {}
    measured: dict[str, Any] = {}
    for name, part in PARTS.items():
        if asked.only in (None, name):
            console.print(f"measuring: {name}")
            measured |= part(asked)
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
    parser.add_argument("--reports", type=int, default=120, help="reports in the queue")
    parser.add_argument("--answers", type=int, default=40, help="answers that are scored one after the other")
    console = Console(highlight=False)
    try:
        return run(parser.parse_args(), console)
    except (VivaError, OSError, TimeoutError) as error:
        console.print(f"[bold red]The benchmark failed:[/] {error!r}")
        return 1


if __name__ == "__main__":
    sys.exit(main())

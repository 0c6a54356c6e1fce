"""How long a report's making takes besides the model: the first half of `bench.report`.

A made-up interview of 45 minutes and 120 turns (`local/sample_report.py`) is built from its records and rendered in all
five forms, first as a process does that has just started (fonts are looked through, templates are read), then again.
Three hours of talk are measured beside it.
"""

import statistics
import time
from pathlib import Path
from typing import Any

from interview.rendering import ReportFormat
from local import models
from local.sample_report import ZERO, sources
from reports.build import build
from reports.content import ReportContent
from reports.render.forms import render

TARGET_S = 3.0
_AGAIN = 5
_LONG_TURNS = 2400
_LONG_S = 3 * 3600


def measure() -> dict[str, Any]:
    """Return `render_s` (building and all five forms, in a new process), and what it is made of."""
    fonts = models.ensure(["fonts"])["fonts"]
    first = _once(fonts)
    again = [_once(fonts) for _ in range(_AGAIN)]
    long = _once(fonts, _LONG_TURNS, _LONG_S)
    return {
        "render_s": round(sum(first.values()), 3),
        "render_warm_s": round(statistics.median(sum(one.values()) for one in again), 3),
        "render_three_hours_s": round(sum(long.values()), 3),
        "render_by_form_s": {name: round(spent, 3) for name, spent in first.items()},
    }


def _once(fonts: Path, turns: int | None = None, length_s: float | None = None) -> dict[str, float]:
    """Return the seconds of each step."""
    spent: dict[str, float] = {}
    records = sources() if turns is None or length_s is None else sources(turns, length_s)
    began = time.perf_counter()
    content = build(records, ZERO)
    spent["build"] = time.perf_counter() - began
    for form in ReportFormat:
        began = time.perf_counter()
        _checked(render(content, form, fonts), content)
        spent[form.value] = time.perf_counter() - began
    return spent


def _checked(made: bytes, content: ReportContent) -> None:
    """Measure only what is really there."""
    if len(made) < 20 * len(content.transcript):
        raise ValueError(f"a form of {len(made)} bytes cannot hold {len(content.transcript)} turns")

"""What proctoring finds, how soon, and how often it is wrong: `make bench NAME=proctoring`.

First all clips (`bench/clips`) go through the worker's own pipeline, analysis, rules and filing, from drawings and
faster than real time: recall, precision and time to file of each kind, and false incidents per clean hour, with Wilson
intervals. Media are fetched when this runs. People and voices that were kept apart while thresholds were set are
scored a second time by themselves (`held_out`). A few identities are all there are: the intervals count events, and a
person who is unlike all of them may fare worse.

Then ten clips are published through a real room, one after the other, with a voice: time from the first frame of an
event to its filing, by kind, and what the proctoring process costs (`room` in the file; its cores, memory and frames/s
replace the first step's). Last, what camera, page and seat tell through the real API and room (`states`; the rows stand
in `kinds` as well): from the moment at which it happens until a recruiter who asks is shown the incident.

`--rooms 0` leaves the rooms out, `--states 0` what is told, `--clips 0` everything else: what is left out keeps the
figures of the run before, and `measured_at` says when each part was measured. So the rooms can be shown on a quiet
machine by themselves (`ARGS="--clips 0"`). `--quick` takes a few clips; `--themes pose,camera` only some, `--at-most 4`
of each: such a run is printed and not written. `--jobs 2` several processes.

Writes `build/bench/proctoring.json`: per kind `{recall, precision, p95_s, n, wilson}`, and `{clean_hours,
false_per_hour, high_severity_false_per_hour, cpu_cores, pss_mb, fps, identities}`.
"""

import argparse
import asyncio
import json
import math
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from bench.clips import script, states
from bench.clips.room import show_all
from bench.clips.running import FRAMES_PER_S, Outcome, run_clip, run_voices
from bench.clips.scoring import ROWS, STATES, Filed, Score, Truth, false_in_clean_time, score, wilson
from bench.clips.voices import voice_clips
from interview.errors import VivaError
from interview.incident import Severity
from interview.settings import Settings
from local import models
from local.environment import PROCTORING_ASSETS, PROCTORING_MODELS
from local.services import PROJECT
from proctoring.analysis import Analysis
from proctoring.detectors.faces import FaceFinder
from proctoring.detectors.shared import load

_OUTPUT = PROJECT / "build" / "bench"
_MEDIA = ("footage", "astronaut", "pausing")
_VOICES = "voices"
_CANDIDATES = 3
"""At once, while camera, page and seat tell what they can."""
_WIDTH = 120
"""Columns of what is printed into a file."""
_MOST_CORES, _MOST_MB = 0.25, 400
"""What one participant may cost."""


def settings_with_models() -> Settings:
    """Fetch the models, and return settings that name them."""
    paths = models.ensure(PROCTORING_ASSETS)
    named = {setting.lower(): paths[asset] / member for setting, (asset, member) in PROCTORING_MODELS.items()}
    return Settings.model_construct(None, **named)


def measure(
    part: int, parts: int, quick: bool, themes: tuple[str, ...], at_most: int | None
) -> tuple[list[Outcome], float]:
    """Run every `parts`th clip, from the `part`th on; returns the outcomes and this process's PSS in MB."""
    settings = settings_with_models()
    media = models.ensure(_MEDIA)
    analysis = Analysis(load(settings), pace=lambda: 1.0)
    finder = FaceFinder(_path(settings))
    players = script.cast(media["footage"], media["astronaut"], finder)

    async def run() -> list[Outcome]:
        found: list[Outcome] = []
        only_video = [theme for theme in themes if theme != _VOICES]
        if not themes or only_video:
            for clip in script.clips(players, quick, only_video, at_most)[part::parts]:
                began = time.monotonic()
                found.append(await run_clip(clip, analysis))
                _tell(found[-1], time.monotonic() - began)
        if not themes or _VOICES in themes:
            for spoken in voice_clips(media["pausing"], quick)[part::parts]:
                began = time.monotonic()
                found.append(await run_voices(spoken, analysis))
                _tell(found[-1], time.monotonic() - began)
        return found

    try:
        return asyncio.run(run()), psutil.Process().memory_full_info().pss / 1e6
    finally:
        analysis.close()


def _path(settings: Settings) -> Path:
    assert settings.face_detector_model is not None
    return settings.face_detector_model


def _tell(outcome: Outcome, took_s: float) -> None:
    filed = ", ".join(
        f"{one.kind.value} {one.start_s:.1f}-{one.end_s or 0:.1f}@{one.filed_s:.1f}" for one in outcome.filed
    )
    events = ", ".join(f"{one.kind.value} {one.start_s:.0f}" for one in outcome.truths)
    sys.stderr.write(f"{outcome.clip} ({outcome.identity}) {took_s:.0f} s: [{events}] -> [{filed}]\n")
    sys.stderr.flush()


async def in_rooms(n: int) -> dict[str, Any]:
    """Publish so many clips through a real room; returns the figures."""
    settings, media = settings_with_models(), models.ensure(_MEDIA)
    players = script.cast(media["footage"], media["astronaut"], FaceFinder(_path(settings)))
    every = script.clips(players, quick=False)
    # of each theme in turn
    chosen = sorted(every, key=lambda clip: int(clip.name.split("-")[1]))[:n]
    with _folder() as folder:
        shown = await show_all(chosen, voice_clips(media["pausing"], quick=False), folder)
    delays = [delay for one in shown for delay in one.delays_s]
    return {
        "clips": len(shown),
        **_delays([delay for _, delay in delays]),
        "kinds": {
            kind.value: _delays([delay for other, delay in delays if other is kind])
            for kind in sorted({kind for kind, _ in delays})
        },
        "each": {one.clip: {"cpu_cores": round(one.cores, 3), "pss_mb": round(one.pss_mb)} for one in shown},
        "cpu_cores": round(max(one.cores for one in shown), 3),
        "pss_mb": round(max(one.pss_mb for one in shown)),
        "fps": round(sum(one.frames_per_s for one in shown) / len(shown), 1),
    }


def _delays(delays: list[float | None]) -> dict[str, Any]:
    found = sorted(delay for delay in delays if delay is not None)
    p50, p95 = (found[max(0, math.ceil(share * len(found)) - 1)] if found else None for share in (0.5, 0.95))
    return {
        "events": len(delays),
        "found": len(found),
        "p50_s": None if p50 is None else round(p50, 1),
        "p95_s": None if p95 is None else round(p95, 1),
    }


async def states_told(rounds: int) -> dict[str, Any]:
    """Let camera, page and seat tell what they can through the real API and room; returns a row for each kind."""
    with _folder() as folder:
        truths, filed = await states.measure(models.ensure(["astronaut"])["astronaut"], folder, _CANDIDATES, rounds)
    return {row.name: _row(score(row, truths, filed)) for row in STATES}


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder for a stack's state, empty; gone afterwards, but after a failure its logs are still there."""
    folder = _OUTPUT / "proctoring"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def figures(outcomes: list[Outcome], pss_mb: float) -> dict[str, Any]:
    """Bring outcomes into the form of the file."""
    truths = [truth for outcome in outcomes for truth in outcome.truths]
    filed = [one for outcome in outcomes for one in outcome.filed]
    clean_hours = sum(outcome.clean_s for outcome in outcomes) / 3600
    false = false_in_clean_time(truths, filed)
    high = [one for one in false if one.severity is Severity.HIGH]
    seen = [outcome for outcome in outcomes if outcome.frames]
    heard = [outcome for outcome in outcomes if not outcome.frames]
    cores = sum(_cores(group) for group in (seen, heard))
    return {
        "kinds": {row.name: _row(score(row, truths, filed)) for row in ROWS},
        "held_out": {
            row.name: _row(score(row, [t for t in truths if t.held_out], [f for f in filed if f.held_out]))
            for row in ROWS
        },
        "by_event": _by_event(truths, filed),
        "clean_hours": round(clean_hours, 2),
        "unique_clean_minutes": round(_unique_clean_s(outcomes) / 60, 1),
        "false_per_hour": round(len(false) / clean_hours, 2) if clean_hours else None,
        "high_severity_false_per_hour": round(len(high) / clean_hours, 2) if clean_hours else None,
        "false": dict(Counter(one.kind.value for one in false)),
        "cpu_cores": round(cores, 3) if outcomes else None,
        "pss_mb": round(pss_mb) if outcomes else None,
        "fps": FRAMES_PER_S if outcomes else None,
        "identities": sorted({outcome.identity for outcome in outcomes}),
        "clips": len(outcomes),
    }


def _unique_clean_s(outcomes: list[Outcome]) -> float:
    """Clean time without what is seen or heard again: of a recording at most its own length, of a picture one clip."""
    clean_s: dict[str, float] = {}
    for outcome in outcomes:
        clean_s[outcome.material] = min(outcome.material_s, clean_s.get(outcome.material, 0.0) + outcome.clean_s)
    return sum(clean_s.values())


def _by_event(truths: list[Truth], filed: list[Filed]) -> dict[str, dict[str, int]]:
    """Events and how many were found, by kind alone: rows that join kinds hide which of them is missed."""
    found: dict[str, dict[str, int]] = {}
    for kind in sorted({truth.kind for truth in truths}):
        events = [truth for truth in truths if truth.kind is kind]
        same = [one for one in filed if one.kind is kind]
        hit = sum(
            any(one.clip == event.clip and event.start_s - 2 <= one.start_s <= event.end_s + 2 for one in same)
            for event in events
        )
        found[kind.value] = {"n": len(events), "found": hit, "filed": len(same)}
    return found


def _cores(outcomes: list[Outcome]) -> float:
    return sum(outcome.cpu_s for outcome in outcomes) / max(1e-9, sum(outcome.length_s for outcome in outcomes))


def measured(result: dict[str, Any], part: str, found: dict[str, Any]) -> None:
    """Put a part that was measured now in the place of what was there. A room's cost replaces that of the clips."""
    result |= found
    result["kinds"] = result["kinds"] | result.get("states", {})
    result |= {name: result["room"][name] for name in ("cpu_cores", "pss_mb", "fps") if "room" in result}
    result["measured_at"] = result.get("measured_at", {}) | {part: datetime.now(UTC).isoformat(timespec="seconds")}


def _row(found: Score) -> dict[str, Any]:
    return {
        "recall": None if found.recall is None else round(found.recall, 3),
        "precision": None if found.precision is None else round(found.precision, 3),
        "p95_s": None if found.p95_s is None else round(found.p95_s, 2),
        "n": found.n,
        "wilson": [round(value, 3) for value in found.wilson],
        "filed": found.filed,
        "precision_wilson": [round(value, 3) for value in found.precision_wilson],
    }


def show(console: Console, result: dict[str, Any]) -> bool:
    """Print the table; returns whether everything that has events holds."""
    holds = True
    tables = (
        ("All clips", "kinds", ROWS),
        ("Of people and voices that were kept apart", "held_out", ROWS),
        ("Told by camera, page and seat", "states", STATES),
    )
    for title, key, rows in tables:
        if not any(result.get(key, {}).get(row.name, {}).get("n") for row in rows):
            continue
        table = Table(title=title, title_justify="left")
        for column in ("event", "n", "recall (95 %)", "wanted", "precision (95 %)", "wanted", "p95 s", "wanted"):
            table.add_column(column, no_wrap=True)
        for row in rows:
            got = result[key][row.name]
            if not got["n"]:
                continue
            good = got["recall"] >= row.recall and (got["precision"] or 0) >= row.precision
            good = good and got["p95_s"] is not None and got["p95_s"] <= row.p95_s
            holds = holds and (good or key == "held_out")
            table.add_row(
                row.name,
                str(got["n"]),
                f"{got['recall']} ({got['wilson'][0]}–{got['wilson'][1]})",
                str(row.recall),
                f"{got['precision']} ({got['precision_wilson'][0]}–{got['precision_wilson'][1]})",
                str(row.precision),
                str(got["p95_s"]),
                str(row.p95_s),
                style="" if good else "bold red",
            )
        console.print(table)
    if result["clips"]:
        low, high = wilson(sum(result["false"].values()), max(1, round(result["clean_hours"] * 60)))
        console.print(
            f"{result['clips']} clips of {len(result['identities'])} identities, {result['clean_hours']} clean hours "
            f"({result['unique_clean_minutes']} minutes of them unique): "
            f"{result['false_per_hour']} false incidents an hour {result['false']}, of high severity "
            f"{result['high_severity_false_per_hour']}; minutes with one {low:.1%} to {high:.1%}"
        )
    if result["cpu_cores"] is not None:
        console.print(f"{result['cpu_cores']} cores and {result['pss_mb']} MB at {result['fps']} frames/s")
    if room := result.get("room"):
        console.print(
            f"in rooms: {room['found']} of {room['events']} events, filed after {room['p50_s']} s (p50), "
            f"{room['p95_s']} s (p95)"
        )
        for kind, got in room["kinds"].items():
            console.print(f"  {kind}: {got['found']} of {got['events']}, p95 {got['p95_s']} s")
        for clip, cost in room.get("each", {}).items():
            console.print(f"  {clip}: {cost['cpu_cores']} cores, {cost['pss_mb']} MB")
        holds = holds and room["cpu_cores"] <= _MOST_CORES and room["pss_mb"] <= _MOST_MB
    return holds and (result["false_per_hour"] or 0) <= 1 and (result["high_severity_false_per_hour"] or 0) <= 0.2


def kept_from(path: Path) -> dict[str, Any]:
    """Return what an earlier run wrote; without one, what a run of no clips comes to."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return figures([], 0)


def _of_clips(chosen: argparse.Namespace, themes: tuple[str, ...]) -> dict[str, Any]:
    with ProcessPoolExecutor(chosen.jobs, mp_context=get_context("spawn")) as pool:
        how = (chosen.jobs, chosen.quick, themes, chosen.at_most)
        parts = [pool.submit(measure, part, *how) for part in range(chosen.jobs)]
        results = [part.result() for part in parts]
    return figures([outcome for found, _ in results for outcome in found], max(pss for _, pss in results))


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.proctoring", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few clips of each theme")
    parser.add_argument("--themes", default="", help="only these, with commas between")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--at-most", type=int, help="so many clips of each theme")
    parser.add_argument("--rooms", type=int, default=None, help="clips through a real room; 10, or 2 of a quick run")
    parser.add_argument("--states", type=int, default=None, help="rounds of what is told; 10, or 1 of a quick run")
    parser.add_argument("--clips", type=int, default=1, choices=(0, 1), help="0: no clips from drawings")
    chosen = parser.parse_args()
    rooms = (2 if chosen.quick else 10) if chosen.rooms is None else chosen.rooms
    rounds = (1 if chosen.quick else 10) if chosen.states is None else chosen.states
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH
    themes = tuple(theme for theme in chosen.themes.split(",") if theme)
    path, whole = _OUTPUT / "proctoring.json", not (chosen.quick or themes or chosen.at_most)
    result = kept_from(path) if whole else figures([], 0)
    try:
        settings_with_models()
        models.ensure(_MEDIA)
        if chosen.clips:
            measured(result, "clips", _of_clips(chosen, themes))
        if rooms:
            measured(result, "room", {"room": asyncio.run(in_rooms(rooms))})
        if rounds:
            measured(result, "states", {"states": asyncio.run(states_told(rounds))})
    except (VivaError, OSError) as error:
        console.print(f"[bold red]The benchmark failed:[/] {str(error) or type(error).__name__}")
        return 1
    holds = show(console, result)
    if whole:
        _OUTPUT.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
        console.print(f"Written to {path}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())

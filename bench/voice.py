"""Voice to voice, measured on what the candidate heard: `make bench NAME=voice`.

Whole interviews in real rooms, over real WebRTC, with the waiting windows of production. Once with the models of
this machine (`local`), once with providers that answer after fixed delays like hosted ones (`hosted`). The reports
worker is left out, as no report is built during an interview.

Writes `build/bench/voice.json`: `{hosted: {p50_ms, p95_ms, n}, local: {p50_ms, p95_ms, n}, first_words_p95_ms}`.
"""

import argparse
import asyncio
import json
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from interview.errors import VivaError
from local import models
from local.candidate import Candidate
from local.environment import Engines
from local.house import House, house_of
from local.listening import percentile_ms
from local.outcome import Talk, measure_talk
from local.persona import Persona, load
from local.services import PROJECT, SERVICES, Stack
from local.utterance import Utterance

_OUTPUT = PROJECT / "build" / "bench"
_PERSONA = "many_short"
_INTERVIEWS = 2
_ENOUGH_TURNS = 20
_END_WITHIN_S = 30

_PROFILES = {
    "hosted": Engines(stt="none", llm="scripted", delay_profile="hosted"),
    "local": Engines(),
}


class BenchFailed(VivaError):
    """A measurement could not be taken; the message says why."""

    code = "bench_failed"


@dataclass
class Measured:
    """What one profile gave."""

    latencies_s: list[float] = field(default_factory=list)
    first_words_s: list[float] = field(default_factory=list)
    cut_off: int = 0

    def add(self, talk: Talk) -> None:
        """Add one interview. Raises `BenchFailed` when the interviewer was never heard."""
        if talk.first_words_s is None:
            raise BenchFailed("the interviewer was never heard")
        self.latencies_s += talk.latencies_s
        self.first_words_s.append(talk.first_words_s)
        self.cut_off += talk.exchange.cut_off

    def figures(self) -> dict[str, int | None]:
        """The figures as they are written."""
        return {
            "p50_ms": percentile_ms(self.latencies_s, 50),
            "p95_ms": percentile_ms(self.latencies_s, 95),
            "n": len(self.latencies_s),
        }


async def measure(profile: str, interviews: int, console: Console) -> Measured:
    """Hold so many interviews with one profile's providers."""
    persona = load(_PERSONA)
    photo = (await asyncio.to_thread(models.ensure, ["astronaut"]))["astronaut"]
    folder = _fresh(_OUTPUT / "voice" / profile)
    measured = Measured()
    services = [name for name in SERVICES if name != "reports"]
    async with Stack(folder / "state", services=services, engines=_PROFILES[profile]) as stack:
        house = house_of(stack, {})
        engines = await house.engines()
        console.print(f"{profile}: {engines.as_dict()}")
        for notice in engines.notices:
            console.print(f"[bold yellow]NOTICE[/] {notice}")
        for number in range(1, interviews + 1):
            candidate = Candidate(persona, photo)
            utterances = await asyncio.to_thread(candidate.rehearse)
            if _PROFILES[profile].delay_profile == "hosted":
                await _register(house, utterances)
            talk = await _interview(house, persona, candidate, folder / f"{number}.wav")
            measured.add(talk)
            console.print(
                f"{profile} {number} of {interviews}: "
                + " ".join(f"{latency * 1000:.0f}" for latency in talk.latencies_s)
                + f" ms, first words {(talk.first_words_s or 0) * 1000:.0f} ms"
            )
    shutil.rmtree(folder / "state")
    return measured


async def _interview(house: House, persona: Persona, candidate: Candidate, recording: Path) -> Talk:
    async with await house.sign_in() as recruiter:
        created = await recruiter.create(persona)
        attendance = await candidate.attend(house.api_url, created.invite_url, recording)
        if attendance.trouble:
            raise BenchFailed(f"the candidate gave up: {attendance.trouble}")
        await recruiter.ended(created.session_id, _END_WITHIN_S)
    return measure_talk(attendance)


async def _register(house: House, utterances: list[Utterance]) -> None:
    """Tell the delayed recogniser what will be said, so that recognising costs the machine nothing."""
    cues = [{"text": utterance.text, "duration_s": utterance.duration_s} for utterance in utterances]
    async with httpx.AsyncClient(base_url=house.inference_url) as http:
        answer = await http.post("/v1/bench/cues", json={"cues": cues})
    if answer.is_error:
        raise BenchFailed(f"the cue sheet was answered {answer.status_code}: {answer.text[:300]}")


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def show(console: Console, results: dict[str, Measured]) -> None:
    """Print the table."""
    table = Table(title="Voice to voice, from recorded audio", title_justify="left")
    for column in ("providers", "replies", "p50 ms", "p95 ms", "first words p95 ms", "cut off"):
        table.add_column(column, justify="right")
    for profile, measured in results.items():
        figures = measured.figures()
        first = percentile_ms(measured.first_words_s, 95)
        cells = (figures["n"], figures["p50_ms"], figures["p95_ms"], first, measured.cut_off)
        table.add_row(profile, *map(str, cells))
    console.print(table)


def written(results: dict[str, Measured]) -> dict[str, Any]:
    """Return what `voice.json` says."""
    first = [seconds for measured in results.values() for seconds in measured.first_words_s]
    figures = {profile: measured.figures() for profile, measured in results.items()}
    return figures | {"first_words_p95_ms": percentile_ms(first, 95)}


async def run(interviews: int, console: Console) -> int:
    """Measure both profiles, print, write; return the exit code."""
    results: dict[str, Measured] = {}
    try:
        for profile in _PROFILES:
            results[profile] = await measure(profile, interviews, console)
    except (VivaError, OSError) as error:
        console.print(f"[bold red]The benchmark failed:[/] {error}")
        return 1
    show(console, results)
    (_OUTPUT / "voice.json").write_text(json.dumps(written(results), indent=2) + "\n", encoding="utf-8")
    console.print(f"Written to {_OUTPUT / 'voice.json'}")
    short = [profile for profile, measured in results.items() if len(measured.latencies_s) < _ENOUGH_TURNS]
    if short:
        console.print(f"[bold red]The benchmark failed:[/] under {_ENOUGH_TURNS} replies with {' and '.join(short)}")
        return 1
    return 0


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m bench.voice", description=__doc__)
    parser.add_argument("--interviews", type=int, default=_INTERVIEWS, help="of ten questions each, a profile")
    return asyncio.run(run(parser.parse_args().interviews, Console(highlight=False)))


if __name__ == "__main__":
    sys.exit(main())

"""Whether the transcript's times point into the joined recording: `make bench NAME=alignment`.

One interview in a real room with local speech recognition. Its interviewer is killed in the middle of an answer, and
later it is paused and resumed, so that three attempts, an outage and a pause lie in one recording. Then each turn's
beginning is compared with the nearest onset of its speaker in the joined audio, and each word of the candidate with
whether anything sounds there. Takes about three minutes.

Writes `build/bench/alignment.json`: `{attempts: [{attempt, n, p50_ms, worst_ms}], words_in_sound, words, gaps: [...]}`.
"""

import argparse
import asyncio
import io
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from interview.clock import SystemClock
from interview.errors import VivaError
from interview.gaps import gaps_of
from interview.session import Stage
from interview.storage import Storage
from interview.transcript import Speaker, Turn
from local import models
from local.candidate import Candidate
from local.environment import Engines
from local.findings import Recording, beginnings
from local.house import house_of
from local.listening import Interval, read_stereo, voiced_intervals
from local.ordeal import until
from local.persona import Persona, Phrase, load
from local.recruiter import Created, Recruiter
from local.services import PROJECT, SERVICES, Stack

_OUTPUT = PROJECT / "build" / "bench"
_SERVICES = [name for name in SERVICES if name != "proctoring"]
_TURNS = 3
"""Of the candidate, in each attempt."""
_PAUSE_S = 10.0
_WITHIN_S = 180.0
ALLOWED_S = 0.2


def talkative() -> Persona:
    """A candidate whose first answer outlasts an outage and a pause."""
    quick = load("quick")
    going_on = Phrase(say="and then I tested the next part of it with great care,", pause_s=0.9)
    first, *rest = quick.questions
    longer = first.model_copy(update={"answer": (*first.answer, *[going_on] * 60)})
    return quick.model_copy(update={"questions": (longer, *rest)})


async def interview(stack: Stack, storage: Storage, recruiter: Recruiter, created: Created, folder: Path) -> None:
    """Hold it, with everything that happens to it."""
    photo = (await asyncio.to_thread(models.ensure, ["astronaut"]))["astronaut"]
    candidate = Candidate(talkative(), photo)
    house = house_of(stack, {})
    attending = asyncio.create_task(candidate.attend(house.api_url, created.invite_url, folder / "heard.wav"))

    async def answers() -> bool:
        return candidate.now_on is not None and candidate.now_on.stage is Stage.QUESTIONS

    async def said_to(attempt: int) -> bool:
        turns = await storage.turns.of(created.session_id)
        return sum(one.attempt == attempt and one.speaker is Speaker.CANDIDATE for one in turns) >= _TURNS

    try:
        await until("a question is asked", answers, _WITHIN_S)
        await until("the first interviewer has heard something", lambda: said_to(1), _WITHIN_S)
        for child in psutil.Process(stack.pid("agent")).children(recursive=True):
            child.kill()
        await until("the second interviewer has heard something", lambda: said_to(2), _WITHIN_S)
        await recruiter.pause(created.session_id)
        await asyncio.sleep(_PAUSE_S)
        await recruiter.resume(created.session_id)
        await until("the third interviewer has heard something", lambda: said_to(3), _WITHIN_S)
        await recruiter.end(created.session_id)
        await asyncio.sleep(stack.settings().report_settle_s)
    finally:
        attending.cancel()
        await asyncio.gather(attending, return_exceptions=True)


def aligned(recording: Recording, turns: Sequence[Turn]) -> dict[str, Any]:
    """Return the figures."""
    apart = [found for speaker in Speaker for found in beginnings(recording, turns, speaker)]
    attempts: list[dict[str, Any]] = []
    for attempt in sorted({turn.attempt for turn in turns}):
        ms = [1000 * apart_s for turn, apart_s in apart if turn.attempt == attempt]
        p50, worst = (round(float(np.percentile(ms, share))) for share in (50, 100)) if ms else (None, None)
        attempts.append({"attempt": attempt, "n": len(ms), "p50_ms": p50, "worst_ms": worst})
    sounds = voiced_intervals(recording.candidate, recording.sample_rate)
    words = [word for turn in turns if turn.speaker is Speaker.CANDIDATE for word in turn.words]
    middles = [(word.started_at + (word.ended_at - word.started_at) / 2 - recording.started_at) for word in words]
    heard = sum(_sounds(sounds, middle.total_seconds()) for middle in middles)
    return {"attempts": attempts, "words": len(words), "words_in_sound": heard}


def _sounds(intervals: Sequence[Interval], at_s: float) -> bool:
    return any(one.start_s - ALLOWED_S <= at_s <= one.end_s + ALLOWED_S for one in intervals)


async def measure(folder: Path) -> dict[str, Any]:
    """Hold the interview and look at what it left behind."""
    engines = Engines(llm="scripted")
    async with Stack(folder / "state", services=_SERVICES, engines=engines) as stack:
        storage = await Storage.connect(stack.settings(), SystemClock())
        try:
            async with await house_of(stack, {}).sign_in() as recruiter:
                created = await recruiter.create(talkative())
                await interview(stack, storage, recruiter, created, folder)
                wav, started_at = await recruiter.recording(created.session_id)
                turns = await recruiter.transcript(created.session_id)
            session = await storage.sessions.get(created.session_id)
            gaps = gaps_of(session, await storage.recordings.of(created.session_id), turns)
        finally:
            await storage.close()
    candidate, interviewer, rate = read_stereo(io.BytesIO(wav))
    figures = aligned(Recording(candidate, interviewer, rate, started_at), turns)
    figures["gaps"] = [
        {
            "start_s": round((gap.started_at - started_at).total_seconds(), 1),
            "end_s": round((gap.ended_at - started_at).total_seconds(), 1),
            "reason": gap.reason.value,
        }
        for gap in gaps
    ]
    return figures


def _holds(figures: dict[str, Any]) -> bool:
    attempts = figures["attempts"]
    close = all(one["n"] and one["worst_ms"] <= 1000 * ALLOWED_S for one in attempts)
    return len(attempts) == 3 and close and figures["words_in_sound"] >= 0.98 * figures["words"]


async def run(console: Console) -> int:
    """Measure, print, write; return the exit code."""
    folder = _OUTPUT / "alignment"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        figures = await measure(folder)
    except (VivaError, OSError) as error:
        console.print(f"[bold red]The benchmark failed:[/] {error}")
        return 1
    shutil.rmtree(folder)
    table = Table(title="Beginnings of turns, from the nearest onset in the joined audio", title_justify="left")
    for column in ("attempt", "n", "p50 ms", "worst ms"):
        table.add_column(column)
    for one in figures["attempts"]:
        table.add_row(*(str(one[name]) for name in ("attempt", "n", "p50_ms", "worst_ms")))
    console.print(table)
    console.print(f"{figures['words_in_sound']} of {figures['words']} words lie where the candidate sounds")
    for gap in figures["gaps"]:
        console.print(f"nothing recorded from {gap['start_s']} to {gap['end_s']} s: {gap['reason']}")
    path = _OUTPUT / "alignment.json"
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    console.print(f"Written to {path}")
    return 0 if _holds(figures) else 1


def main() -> int:
    """Read the command line and run."""
    argparse.ArgumentParser(prog="python -m bench.alignment", description=__doc__).parse_args()
    return asyncio.run(run(Console(highlight=False)))


if __name__ == "__main__":
    sys.exit(main())

"""Whether the transcript's times point into the joined recording: `make bench NAME=alignment`.

One interview in a real room with local speech recognition. Its interviewer is killed in the middle of an answer, and
later it is paused and resumed, so that three attempts, an outage and a pause lie in one recording. Then the words of
each attempt are compared with what sounds in the joined audio. Takes about two minutes.

Writes `build/bench/alignment.json`: `{attempts: [{attempt, words, words_in_sound, lag_ms, turns, p50_ms}], gaps: […]}`.
"""

import argparse
import asyncio
import io
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from interview.clock import SystemClock
from interview.errors import VivaError
from interview.gaps import Gap, gaps_of
from interview.session import Stage
from interview.storage import Storage
from interview.transcript import Speaker, Turn
from local import models
from local.candidate import Candidate
from local.environment import Engines
from local.findings import Recording
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
_LAGS_S = 2.0
_STEP_S = 0.01


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


@dataclass(frozen=True)
class Lag:
    """How far the transcript of one attempt lies from the joined audio.

    `lag_ms` is the shift at which the candidate's words fit best on what sounds in their channel, and `p50_ms` the
    usual distance of a turn's beginning, of either side, from the nearest onset. (Not the worst: a recogniser that
    drops a phrase's first words begins in the middle of a sound.)
    """

    attempt: int
    words: int
    words_in_sound: int
    lag_ms: int
    turns: int
    p50_ms: int

    @property
    def holds(self) -> bool:
        """Whether it is as close as it should be."""
        close = max(abs(self.lag_ms), self.p50_ms) <= 1000 * ALLOWED_S
        return self.words > 0 and close and self.words_in_sound >= 0.98 * self.words


def aligned(recording: Recording, turns: Sequence[Turn], gaps: Sequence[Gap]) -> list[Lag]:
    """Compare each attempt with the audio, leaving out what was said in a gap."""
    heard = {
        Speaker.CANDIDATE: voiced_intervals(recording.candidate, recording.sample_rate),
        Speaker.INTERVIEWER: voiced_intervals(recording.interviewer, recording.sample_rate),
    }

    def at_s(moment: datetime) -> float:
        return (moment - recording.started_at).total_seconds()

    def is_kept(moment: datetime) -> bool:
        return not any(gap.started_at <= moment <= gap.ended_at for gap in gaps)

    found: list[Lag] = []
    for attempt in sorted({turn.attempt for turn in turns}):
        own = [turn for turn in turns if turn.attempt == attempt and is_kept(turn.started_at)]
        words = [word for turn in own for word in turn.words if is_kept(word.ended_at)]
        spoken = [Interval(at_s(word.started_at), at_s(word.ended_at)) for word in words]
        onsets = {who: np.array([sound.start_s for sound in sounds]) for who, sounds in heard.items()}
        apart_ms = [1000 * float(np.abs(onsets[turn.speaker] - at_s(turn.started_at)).min()) for turn in own]
        sounds = heard[Speaker.CANDIDATE]
        in_sound = sum(_sounds(sounds, (word.start_s + word.end_s) / 2) for word in spoken)
        lag_ms, p50_ms = _lag_ms(spoken, sounds), round(float(np.median(apart_ms)))
        found.append(Lag(attempt, len(words), in_sound, lag_ms, len(own), p50_ms))
    return found


def _lag_ms(spoken: Sequence[Interval], sounds: Sequence[Interval]) -> int:
    """Return by how much later than it says what was spoken has to be to lie best on what sounds."""
    until_s = max(one.end_s for one in (*spoken, *sounds)) + 2 * _LAGS_S
    words, voice = (_mask(intervals, until_s) for intervals in (spoken, sounds))
    # only where something was said: what sounds in other attempts is no matter
    lags = range(-round(_LAGS_S / _STEP_S), round(_LAGS_S / _STEP_S) + 1)
    best = max(lags, key=lambda lag: (float(np.roll(words, lag) @ voice), -abs(lag)))
    return round(1000 * best * _STEP_S)


def _mask(intervals: Sequence[Interval], until_s: float) -> NDArray[np.float64]:
    """Return 1 for each step in which something sounds, else -1."""
    mask = -np.ones(round(until_s / _STEP_S))
    for one in intervals:
        mask[round(one.start_s / _STEP_S) : round(one.end_s / _STEP_S)] = 1
    return mask


def _sounds(intervals: Sequence[Interval], at_s: float) -> bool:
    return any(one.start_s - ALLOWED_S <= at_s <= one.end_s + ALLOWED_S for one in intervals)


async def measure(folder: Path) -> tuple[list[Lag], list[dict[str, Any]]]:
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
    return aligned(Recording(candidate, interviewer, rate, started_at), turns, gaps), [
        {
            "start_s": round((gap.started_at - started_at).total_seconds(), 1),
            "end_s": round((gap.ended_at - started_at).total_seconds(), 1),
            "reason": gap.reason.value,
        }
        for gap in gaps
    ]


async def run(console: Console) -> int:
    """Measure, print, write; return the exit code."""
    folder = _OUTPUT / "alignment"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        lags, gaps = await measure(folder)
    except (VivaError, OSError) as error:
        console.print(f"[bold red]The benchmark failed:[/] {error}")
        return 1
    shutil.rmtree(folder)
    table = Table(title="The transcript against the joined audio", title_justify="left")
    for column in ("attempt", "words", "in sound", "lag ms", "turns", "from an onset, p50 ms"):
        table.add_column(column)
    for lag in lags:
        table.add_row(*(str(value) for value in asdict(lag).values()))
    console.print(table)
    for gap in gaps:
        console.print(f"nothing recorded from {gap['start_s']} to {gap['end_s']} s: {gap['reason']}")
    path = _OUTPUT / "alignment.json"
    figures = {"attempts": [asdict(lag) for lag in lags], "gaps": gaps}
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    console.print(f"Written to {path}")
    reasons = [gap["reason"] for gap in gaps]
    return 0 if len(lags) == 3 and all(lag.holds for lag in lags) and reasons == ["outage", "paused"] else 1


def main() -> int:
    """Read the command line and run."""
    argparse.ArgumentParser(prog="python -m bench.alignment", description=__doc__).parse_args()
    return asyncio.run(run(Console(highlight=False)))


if __name__ == "__main__":
    sys.exit(main())

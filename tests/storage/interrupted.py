"""A process that writes about an interview and is killed at it: run by `test_outage.py`.

`interview` says "written" once what it knew is stored; then, told to go on, writes more while the database is away and
says "kept" once that is on disk. `collect` writes what others left.
"""

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path

from agent.memory import Memory
from interview import settings as settings_module
from interview.clock import SystemClock
from interview.leftovers import Leftovers
from interview.outbox import Outbox
from interview.session import Progress, Stage
from interview.spool import Spool
from interview.storage import Storage
from interview.transcript import Speaker
from interview.writes import Writer
from tests.storage.builders import NOON, segment, turn

BEFORE, DURING = 3, 40
SECOND = 1.0


def said(session_id: str, n: int) -> datetime:
    """When the turn of that number began; one every second."""
    return turn(session_id).started_at + timedelta(seconds=n * SECOND)


def remember(memory: Memory, session_id: str, n: int) -> None:
    at = said(session_id, n).timestamp()
    memory.event({"type": "heard", "text": f"answer {n}"}, (), NOON)
    memory.turn(
        Speaker.CANDIDATE,
        f"answer {n}",
        started_at=at,
        ended_at=at + 0.5,
        stage=Stage.QUESTIONS,
        question_id="q1",
        words=turn(session_id).words,
    )
    memory.audio(segment(session_id, n), f"sound {n}".encode() * 100)
    memory.progress(Progress(answered=n, total=99, stage=Stage.QUESTIONS))


async def interview(session_id: str, root: Path) -> None:
    settings = settings_module.load()
    storage = await Storage.connect(settings, SystemClock())
    spool = Spool(root, session_id, 1, storage.keyring)
    outbox = Outbox("test", Writer(storage).perform, spool=spool, keep_after_s=0.2)
    writing = asyncio.create_task(outbox.run())
    memory = Memory(outbox, session_id, 1, evaluate_after_s=2)
    for n in range(BEFORE):
        remember(memory, session_id, n)
    while len(outbox):  # noqa: ASYNC110 - the parent bounds it
        await asyncio.sleep(0.02)
    say("written")
    await asyncio.to_thread(sys.stdin.readline)
    for n in range(BEFORE, BEFORE + DURING):
        remember(memory, session_id, n)
    while outbox.kept < 4 * DURING:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    say("kept")
    await writing


async def collect(_: str, root: Path) -> None:
    settings = settings_module.load()
    storage = await Storage.connect(settings, SystemClock())
    await Leftovers(root, storage.keyring, settings.spool_keep_s).write_all(storage)
    say("done")


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    what, about, where = sys.argv[1:]
    asyncio.run({"interview": interview, "collect": collect}[what](about, Path(where)))

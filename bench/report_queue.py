"""How many finished sessions a minute one reports worker gets through, and how soon an answer is scored: the second
half of `bench.report`.

Sessions of a 45-minute interview of 120 turns are put into a database, their reports queued, and `python -m reports`
started: with the scripted model that invents one quote in five and answers at once, and then, for single answers, with
the same after the delays of a hosted model. Every quote of every report is held against the stored turns.
"""

import asyncio
import shutil
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from interview.clock import SystemClock
from interview.evaluation import EvaluationStatus
from interview.plan import Competency, Plan, Question
from interview.report import ReportStatus
from interview.session import Candidate, Consent, ConsentItem, Progress, Session, Stage, Status
from interview.statistics import percentile
from interview.storage import Storage
from interview.transcript import LineKind, Speaker, Turn, turn_id
from local.inference.llm import scripted
from local.services import PROJECT, Stack
from reports.content import ReportContent

_OUTPUT = PROJECT / "build" / "bench"
TURNS, COMPETENCIES, QUESTIONS = 120, 6, 12
HOSTED_S = 2.5
"""What a hosted model takes for a reply of 150 tokens: 0.35 s to the first and 14 ms for each further one."""
ANSWERS_EVERY_S = 1.0
BOUND_S = 900.0
_SENTENCES = (
    "In week {n} I moved table {n} to the new host, after a rehearsal on a copy.",
    "I compared the counts of both sides, and {n} rows were missing because of a time zone.",
    "We agreed with support that they would tell us of every complaint within {n} minutes.",
    "It worked, and since then the nightly run takes {n} seconds less than before.",
)


def plan() -> Plan:
    """A plan of six competencies and twelve questions."""
    return Plan(
        plan_id="bench",
        title="Backend engineer",
        competencies=tuple(Competency(id=f"c{n}", name=f"Competency {n}") for n in range(COMPETENCIES)),
        questions=tuple(
            Question(id=f"q{n}", text=f"Tell me about the move, part {n}.", competency=f"c{n % COMPETENCIES}")
            for n in range(QUESTIONS)
        ),
    )


def finished(session_id: str, began: datetime) -> tuple[Session, list[Turn]]:
    """A session of 45 minutes that has ended, and its turns."""
    minutes_45 = timedelta(minutes=45)
    session = Session(
        session_id=session_id,
        owner_id=f"owner-{session_id[0]}",
        candidate=Candidate(name="Ada Example", email="ada@example.org"),
        plan=plan(),
        status=Status.COMPLETED,
        livekit_room_name=f"interview-{session_id}",
        created_at=began,
        updated_at=began + minutes_45,
        not_after=began + timedelta(days=7),
        consent=Consent(
            items=dict.fromkeys(ConsentItem, True), text_version="v1", given_at=began, given_by="candidate"
        ),
        attempt=1,
        started_at=began,
        clock_started_at=began,
        ended_at=began + minutes_45,
        progress=Progress(total=QUESTIONS, answered=QUESTIONS, stage=Stage.DONE),
    )
    step_s = minutes_45.total_seconds() / TURNS
    turns = []
    for seq in range(TURNS):
        by_candidate = seq % 2 == 1
        at = began + timedelta(seconds=seq * step_s)
        said = " ".join(sentence.format(n=seq + n) for n, sentence in enumerate(_SENTENCES))
        first = seq % (TURNS // QUESTIONS) == 0
        turns.append(
            Turn(
                turn_id=turn_id(session_id, seq),
                session_id=session_id,
                seq=seq,
                attempt=1,
                speaker=Speaker.CANDIDATE if by_candidate else Speaker.INTERVIEWER,
                text=said if by_candidate else "And what was your own part in that?",
                confidence=0.95 if by_candidate else None,
                stage=Stage.QUESTIONS,
                question_id=f"q{seq * QUESTIONS // TURNS}",
                line=None if by_candidate else LineKind.QUESTION if first else LineKind.FOLLOW_UP,
                started_at=at,
                ended_at=at + timedelta(seconds=step_s * 0.8),
            )
        )
    return session, turns


@asynccontextmanager
async def model(delay_s: float) -> AsyncIterator[str]:
    """Serve the scripted model over HTTP, each reply after `delay_s`; yield its base URL."""
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> JSONResponse:  # pyright: ignore[reportUnusedFunction]
        body = await request.json()
        await asyncio.sleep(delay_s)
        message = {"role": "assistant", "content": scripted.answer(body)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 700, "completion_tokens": 90, "total_tokens": 790}
        head = {"id": "chat", "object": "chat.completion", "created": 1, "model": body["model"]}
        return JSONResponse({**head, "choices": [choice], "usage": usage})

    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn has nothing to wait for
            await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/v1"
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def worker(stack: Stack, url: str, **settings: str) -> AsyncIterator[None]:
    """Run `python -m reports` against a model."""
    variables = {
        **stack.env,
        "OPENAI_BASE_URL": url,
        "LLM_MODEL": scripted.ONE_IN_FIVE,
        "REPORT_POLL_S": "0.2",
        "REPORT_PASSES": "3",
        **settings,
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "reports", cwd=PROJECT, env=variables)
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds. Raises `TimeoutError`."""
    async with asyncio.timeout(BOUND_S):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def put(storage: Storage, session_ids: list[str]) -> None:
    """Store sessions that have ended."""
    began = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for session_id in session_ids:
        session, turns = finished(session_id, began)
        await storage.sessions.add(session)
        await storage.turns.collection.insert_all(turns)


async def queue(storage: Storage, stack: Stack, reports: int) -> dict[str, object]:
    """Let one worker through a queue of reports; return how fast, and what was quoted.

    The answers were evaluated before, as they are during an interview.
    """
    ids = [str(uuid4()) for _ in range(reports)]
    await put(storage, ids)
    async with (
        model(0.0) as url,
        worker(stack, url, REPORT_CONCURRENCY="4", REPORT_LLM_CONCURRENCY="8", EVALUATION_CONCURRENCY="8"),
    ):
        for session_id in ids:
            await storage.evaluations.enqueue_rest(session_id, await storage.turns.of(session_id))

        async def all_evaluated() -> bool:
            return await storage.evaluations.collection.count({"status": EvaluationStatus.READY}) >= reports * QUESTIONS

        async def all_ready() -> bool:
            # by the index: a count of every status reads all reports, which would be measured with the worker
            return await storage.reports.collection.count({"status": ReportStatus.READY}) >= reports

        await until(all_evaluated)
        began = time.monotonic()
        for session_id in ids:
            await storage.reports.enqueue(session_id)
        await until(all_ready)
        took_s = time.monotonic() - began
    quotes = dropped = false = 0
    for session_id in ids:
        report = await storage.reports.latest(session_id)
        assert report is not None, "it was queued"
        content = ReportContent.model_validate(report.content)
        said = {turn.turn_id: turn.text for turn in await storage.turns.of(session_id)}
        shown = [quote for one in content.competencies for quote in one.quotes]
        shown += [quote for one in content.questions if one.evaluation for quote in one.evaluation.quotes]
        quotes += len(shown)
        false += sum(said[quote.turn_id][quote.start : quote.end] != quote.text for quote in shown)
        dropped += content.dropped_quotes
    per_min = reports / took_s * 60
    return {
        "queue_per_min": round(per_min, 1),
        "reports": reports,
        "quotes": quotes,
        "dropped_quotes": dropped,
        "false_quotes": false,
    }


async def answers(storage: Storage, stack: Stack, wanted: int) -> dict[str, object]:
    """Finish an answer every second while a hosted-like model scores them; return how long each took."""
    ids = [str(uuid4()) for _ in range(-(-wanted // QUESTIONS))]
    await put(storage, ids)
    asked = [(session_id, f"q{n}") for session_id in ids for n in range(QUESTIONS)][:wanted]
    async with model(HOSTED_S) as url, worker(stack, url, EVALUATION_CONCURRENCY="4"):
        took = await asyncio.gather(*(_scored(storage, *one, n * ANSWERS_EVERY_S) for n, one in enumerate(asked)))
    ordered = sorted(took[1:])  # the first waits for the process to start
    return {
        "answer_scored_p50_s": round(statistics.median(ordered), 2),
        "answer_scored_p95_s": round(percentile(ordered, 0.95), 2),
        "answers": len(ordered),
    }


async def _scored(storage: Storage, session_id: str, question_id: str, after_s: float) -> float:
    await asyncio.sleep(5 + after_s)
    began = time.monotonic()
    await storage.evaluations.enqueue(session_id, question_id, after_s=2.0)

    async def ready() -> bool:
        found = await storage.evaluations.get(session_id, question_id)
        return found is not None and found.status is EvaluationStatus.READY

    await until(ready)
    return time.monotonic() - began


def measure(reports: int, wanted: int) -> dict[str, Any]:
    """Return `{queue_per_min, reports, quotes, dropped_quotes, false_quotes, answer_scored_p50_s, answer_scored_p95_s,
    answers}`, measured on one embedded database. Raises `VivaError`, `OSError` and `TimeoutError`.
    """
    folder = _OUTPUT / "report_queue"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    found = asyncio.run(_measure(folder, reports, wanted))
    shutil.rmtree(folder)
    return found


async def _measure(folder: Path, reports: int, wanted: int) -> dict[str, Any]:
    async with Stack(folder / "state", services=["mongo"]) as stack:
        storage = await Storage.connect(stack.settings(), SystemClock())
        try:
            return {**await queue(storage, stack, reports), **await answers(storage, stack, wanted)}
        finally:
            await storage.close()

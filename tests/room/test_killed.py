"""Each process is killed with SIGKILL in the middle of an interview. What was stored stays whole.

Nothing may be half-written: every document validates as its record, every sealed field and file opens, every file that
a document names is there. How the interview itself recovers, from the death of the agent and of LiveKit too, is in
`test_recovery.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from interview.errors import StorageUnavailable
from interview.session import Stage
from interview.storage.verify import verify
from interview.transcript import Speaker
from local import models
from local.candidate import Candidate
from local.ordeal import SPEED
from local.persona import Persona, Phrase, load
from local.recruiter import Created
from tests.room.conftest import RunningHouse

WHILE_IT_GOES_ON = (("reports", "proctoring"), ("control_api",), ("inference",), ("mongo",))
"""Processes whose death the interview outlives; killed one after the other in one interview."""


def talkative() -> Persona:
    """A candidate whose answers outlast the killing of several processes."""
    quick = load("quick")
    going_on = Phrase(say="and then I tested the next part of it with great care,", pause_s=0.3)
    questions = [
        question.model_copy(update={"answer": (*question.answer, *[going_on] * 40)}) for question in quick.questions
    ]
    return quick.model_copy(update={"questions": tuple(questions)})


async def until(what: str, condition: Callable[[], Awaitable[bool]], within_s: float = 60) -> None:
    try:
        async with asyncio.timeout(within_s):
            while not await condition():  # noqa: ASYNC110 - what is waited for happens in another process
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise AssertionError(f"not within {within_s} s: {what}") from None


@asynccontextmanager
async def in_mid_interview(running: RunningHouse, tmp_path: Path) -> AsyncIterator[Created]:
    """An interview whose candidate is answering a question and of which audio and words are stored."""
    photo = models.ensure(["astronaut"])["astronaut"]
    candidate = Candidate(talkative(), photo)
    async with await running.house.sign_in() as recruiter:
        created = await recruiter.create(talkative(), await recruiter.plan(talkative(), SPEED))
        attending = asyncio.create_task(
            candidate.attend(running.house.api_url, created.invite_url, tmp_path / "heard.wav")
        )
        try:
            await until("a question is being answered", lambda: _answers(candidate, attending))
            await until("words and audio are stored", lambda: stored_more_than(running, created, turns=2, segments=1))
            yield created
        finally:
            attending.cancel()
            await asyncio.gather(attending, return_exceptions=True)
            await until("the API is there", lambda: _ended(running, created))


async def _answers(candidate: Candidate, attending: asyncio.Task[object]) -> bool:
    assert not attending.done(), "the candidate left too early"
    return candidate.now_on is not None and candidate.now_on.stage is Stage.QUESTIONS


async def stored_more_than(running: RunningHouse, created: Created, *, turns: int, segments: int) -> bool:
    try:
        said = [t for t in await running.storage.turns.of(created.session_id) if t.speaker is Speaker.CANDIDATE]
        audio = await running.storage.recordings.of(created.session_id)
    except StorageUnavailable:
        return False
    return len(said) >= turns and len(audio) >= segments


async def _ended(running: RunningHouse, created: Created) -> bool:
    async with await running.house.sign_in() as recruiter:
        await recruiter.end(created.session_id)
    return True


async def counts(running: RunningHouse, created: Created) -> tuple[int, int]:
    session_id = created.session_id
    return len(await running.storage.turns.of(session_id)), len(await running.storage.recordings.of(session_id))


async def kill(running: RunningHouse, name: str) -> None:
    before = running.stack.restarts(name)
    running.stack.kill(name)
    await running.stack.wait_restarted(name, before)


@pytest.mark.timeout(400)
async def test_the_interview_outlives_most_of_the_house_and_what_was_stored_outlives_the_interviewer(
    running: RunningHouse, tmp_path: Path
):
    async with in_mid_interview(running, tmp_path) as created:
        for names in WHILE_IT_GOES_ON:
            name = " and ".join(names)
            before = await counts(running, created)
            await asyncio.gather(*(kill(running, one) for one in names))
            assert await verify(running.storage) == [], f"after {name} was killed"
            turns, segments = await counts(running, created)
            assert (turns, segments) >= before
            await until(
                f"the recording goes on after {name} was killed",
                lambda more=segments + 1: stored_more_than(running, created, turns=1, segments=more),
            )
        before = await counts(running, created)
        kill_job_processes(running.stack.pid("agent"))
        assert await verify(running.storage) == []
        assert await counts(running, created) >= before


def kill_job_processes(worker: int) -> None:
    """Kill the children of the worker in which interviews run, without a word to the worker."""
    children = psutil.Process(worker).children(recursive=True)
    assert children, "the agent runs each interview in a process of its own"
    for child in children:
        child.kill()

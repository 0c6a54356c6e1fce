"""Questions proposed on the real database, with the scripted model behind real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from interview.clock import VirtualClock
from interview.errors import StaleAttempt
from interview.plan import QuestionSource
from interview.proposal import ProposalRun, RunStatus
from interview.session import Session, Status
from interview.storage import Storage
from interview.storage.verify import verify
from local.inference.llm import scripted
from providers.chat import ChatClient
from reports.lease_worker import Limits
from reports.proposing import Proposer
from tests.resumes import TEXT, resume
from tests.storage.builders import session
from tests.unit.providers.chat_server import BOUND_S, HANG, ChatServer, refusal

LIMITS = Limits(lease_s=30, poll_s=0.01, max_attempts=3, retry_s=5, deadline_s=20)
BOTH = (QuestionSource.RESUME, QuestionSource.JOB_DESCRIPTION)
MakeWorker = Callable[..., Proposer]


@pytest.fixture
async def make_worker(timed: Storage, chat_server: ChatServer, clock: VirtualClock) -> AsyncIterator[MakeWorker]:
    chat_server.answer = scripted.answer
    chats: list[ChatClient] = []

    def make(owner: str = "worker-1", limits: Limits = LIMITS) -> Proposer:
        chats.append(ChatClient(chat_server.url, "", "scripted", timeout_s=20))
        return Proposer(timed, chats[-1], clock, limits, owner)

    yield make
    for chat in chats:
        await chat.aclose()


async def asked(storage: Storage, *, with_resume: bool = True, limit: int = 5) -> tuple[Session, ProposalRun]:
    one = session()
    await storage.sessions.add(one)
    if with_resume:
        await storage.resumes.put(resume(one.session_id), TEXT)
    return one, await storage.proposals.ask(one.session_id, BOTH, limit, "owner-1")


async def latest(storage: Storage, one: Session) -> ProposalRun:
    run = await storage.proposals.latest(one.session_id)
    assert run is not None
    return run


async def test_questions_are_proposed_from_both_sources(timed: Storage, make_worker: MakeWorker) -> None:
    one, _ = await asked(timed)
    assert await make_worker().work_once()
    run = await latest(timed, one)
    assert (run.status, run.failure, run.model, run.prompt) == (
        RunStatus.READY,
        "",
        "scripted",
        "question_proposals.v1",
    )
    assert run.questions is not None
    assert [question.source for question in run.questions] == ["resume", "resume", "job_description"]
    assert [question.number for question in run.questions] == [1, 2, 3]
    for question in run.questions:
        source = TEXT.decode() if question.source is QuestionSource.RESUME else one.plan.job_description
        assert question.passage in source
    assert (await timed.sessions.get(one.session_id)).plan == one.plan, "nothing is asked that nobody approved"
    assert await verify(timed) == []
    assert not await make_worker().work_once(), "nothing is left to do"


async def test_no_more_are_proposed_than_were_asked_for(timed: Storage, make_worker: MakeWorker) -> None:
    one, _ = await asked(timed, limit=1)
    await make_worker().work_once()
    run = await latest(timed, one)
    assert len(run.questions or ()) == 1
    assert run.dropped == {"too_many": 2}


async def test_asking_while_a_run_is_under_way_is_the_same_run(timed: Storage, make_worker: MakeWorker) -> None:
    one, first = await asked(timed)
    again = await asyncio.gather(*(timed.proposals.ask(one.session_id, BOTH, 3, "owner-1") for _ in range(5)))
    assert again == [first] * 5
    await make_worker().work_once()
    assert (await timed.proposals.ask(one.session_id, BOTH, 3, "owner-1")).version == 2


async def test_a_hundred_claims_take_each_run_once(timed: Storage) -> None:
    wanted = {(await asked(timed))[0].session_id for _ in range(10)}
    claims = await asyncio.gather(*(timed.proposals.claim(f"worker-{n}", 60) for n in range(100)))
    taken = [claim.session_id for claim in claims if claim is not None]
    assert len(taken) == 10
    assert set(taken) == wanted


async def test_a_worker_that_died_costs_a_delay_and_cannot_come_back(timed: Storage, clock: VirtualClock) -> None:
    one, _ = await asked(timed)
    dead = await timed.proposals.claim("dead", 60)
    assert dead is not None
    clock.advance(59)
    assert await timed.proposals.claim("next", 60) is None
    clock.advance(1)
    taken = await timed.proposals.claim("next", 60)
    assert taken is not None
    assert (taken.session_id, taken.attempts) == (one.session_id, 2)
    for late in (
        timed.proposals.finish(dead, (), dropped={}, model="m", prompt="p"),
        timed.proposals.retry_later(dead, "no", clock.now()),
        timed.proposals.fail(dead, "no"),
    ):
        with pytest.raises(StaleAttempt):
            await late


async def test_a_model_that_is_away_delays_and_then_fails_the_run(
    timed: Storage, make_worker: MakeWorker, chat_server: ChatServer, clock: VirtualClock
) -> None:
    one, _ = await asked(timed)
    chat_server.answer = lambda _: refusal(401, "wrong key")
    worker = make_worker()
    for attempt in range(1, LIMITS.max_attempts + 1):
        assert await worker.work_once()
        run = await latest(timed, one)
        assert run.attempts == attempt
        assert not await worker.work_once(), "it is not tried again at once"
        clock.advance(60)
    run = await latest(timed, one)
    assert run.status is RunStatus.FAILED
    assert "question_proposals" in run.failure


async def test_nothing_is_proposed_for_an_interview_that_has_begun(timed: Storage, make_worker: MakeWorker) -> None:
    one, _ = await asked(timed)
    await timed.sessions.move(one.session_id, Status.IN_PROGRESS, by="user:owner-1")
    await make_worker().work_once()
    run = await latest(timed, one)
    assert (run.status, run.questions) == (RunStatus.FAILED, None)
    assert "begun" in run.failure


async def test_a_resume_that_was_deleted_meanwhile_is_not_drawn_from(timed: Storage, make_worker: MakeWorker) -> None:
    one, _ = await asked(timed)
    await timed.resumes.forget(one.session_id)
    await make_worker().work_once()
    assert [question.source for question in (await latest(timed, one)).questions or ()] == ["job_description"]


async def test_a_stopped_worker_gives_its_run_back(
    timed: Storage, make_worker: MakeWorker, chat_server: ChatServer
) -> None:
    one, _ = await asked(timed)
    chat_server.answer = lambda _: HANG
    stop = asyncio.Event()
    running = asyncio.create_task(make_worker().run(stop))
    async with asyncio.timeout(BOUND_S):
        await chat_server.asked.wait()
        stop.set()
        await running
    run = await latest(timed, one)
    assert (run.status, run.owner) == (RunStatus.QUEUED, None)


async def test_what_is_erased_under_a_run_stays_erased(timed: Storage, make_worker: MakeWorker) -> None:
    one, _ = await asked(timed)
    run = await timed.proposals.claim("worker", 60)
    assert run is not None
    await timed.erase_session(one.session_id)
    with pytest.raises(StaleAttempt):
        await timed.proposals.finish(run, (), dropped={}, model="m", prompt="p")
    with pytest.raises(StaleAttempt, match="erased"):
        await timed.proposals.ask(one.session_id, BOTH, 3, "owner-1")
    with pytest.raises(StaleAttempt, match="erased"):
        await timed.resumes.put(resume(one.session_id), TEXT)
    assert await timed.proposals.of(one.session_id) == []
    assert await timed.resumes.get(one.session_id) is None
    assert await timed.files.ids_of(one.session_id) == []
    assert await verify(timed) == []

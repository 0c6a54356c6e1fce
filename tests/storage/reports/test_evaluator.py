"""The evaluator on the real database, with the scripted model behind real HTTP, while the interview goes on."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from interview.clock import VirtualClock
from interview.errors import NotFound
from interview.evaluation import Evaluation, EvaluationStatus
from interview.session import Status
from interview.storage import Storage
from local.inference.llm import scripted
from providers.chat import ChatClient
from reports.answers import PROMPT, PROMPT_VERSION
from reports.evaluator import Evaluator
from reports.lease_worker import Limits
from reports.worker import ReportsWorker
from tests.storage.reports.working import LIMITS, until
from tests.unit.providers.chat_server import BOUND_S, HANG, ChatServer, refusal
from tests.unit.reports.records import PLAN, SESSION_ID, Talk, session, usual_talk

QUICK_LEASE = Limits(lease_s=0.3, poll_s=0.01, max_attempts=3, retry_s=5, deadline_s=20)
MakeEvaluator = Callable[..., Evaluator]


@pytest.fixture
def storage(timed: Storage) -> Storage:
    """A database of the test's own, on a clock that the test moves."""
    return timed


@pytest.fixture
async def make(storage: Storage, chat_server: ChatServer, clock: VirtualClock) -> AsyncIterator[MakeEvaluator]:
    """Make evaluators that ask `model` of the chat server, which answers as the scripted engine does."""
    chat_server.answer = scripted.answer
    chats: list[ChatClient] = []

    def made(owner: str = "worker", model: str = "scripted", limits: Limits = LIMITS, at_once: int = 2) -> Evaluator:
        chats.append(ChatClient(chat_server.url, "", model, timeout_s=20))
        return Evaluator(storage, chats[-1], clock, limits, owner, at_once)

    yield made
    for chat in chats:
        await chat.aclose()


async def running_interview(storage: Storage, session_id: str = SESSION_ID, *finished: str) -> None:
    """An interview that goes on, all of its usual talk stored, and these questions finished."""
    going_on = {"status": Status.IN_PROGRESS, "ended_at": None, "end_reason": ""}
    await storage.sessions.add(session(session_id, **going_on))
    for turn in usual_talk(session_id):
        await storage.turns.append(turn)
    for question_id in finished:
        await storage.evaluations.enqueue(session_id, question_id)


async def evaluation_of(storage: Storage, question_id: str, session_id: str = SESSION_ID) -> Evaluation:
    evaluation = await storage.evaluations.get(session_id, question_id)
    assert evaluation is not None
    return evaluation


async def all_in(storage: Storage, status: EvaluationStatus, session_id: str = SESSION_ID) -> bool:
    return {one.status for one in await storage.evaluations.of(session_id)} == {status}


async def test_an_answer_is_evaluated_while_the_interview_goes_on(
    storage: Storage, make: MakeEvaluator, chat_server: ChatServer, clock: VirtualClock
):
    await running_interview(storage, SESSION_ID, "q1")
    clock.advance(3)
    assert await make().work_once()
    evaluation = await evaluation_of(storage, "q1")
    assert (evaluation.status, evaluation.attempts, evaluation.failure) == (EvaluationStatus.READY, 1, "")
    result = evaluation.result
    assert result is not None
    assert (result.level, result.not_scorable, result.competency) == (2, "", "ownership")
    assert result.feedback
    assert (result.answer_words, result.transcription_confidence) == (37, 0.9)
    assert (result.versions.model, result.versions.prompt) == ("scripted", PROMPT)
    assert (result.versions.prompt_version, result.versions.plan_version) == (PROMPT_VERSION, PLAN.version)
    assert (result.prompt_tokens, result.completion_tokens) == (11, 7)
    assert result.evaluated_at == clock.now()
    stored = {turn.turn_id: turn for turn in await storage.turns.of(SESSION_ID)}
    assert result.answer_seqs == (2, 3, 5)
    assert result.quotes
    for quote in result.quotes:
        assert stored[quote.turn_id].text[quote.start : quote.end] == quote.text
    assert chat_server.headers[0]["x-viva-priority"] == "background", "it waits for whoever is talking"
    assert (await storage.sessions.get(SESSION_ID)).status is Status.IN_PROGRESS
    assert (await storage.sessions.get(SESSION_ID)).evaluated_at == clock.now(), "those who watch are told"
    assert not await make().work_once(), "nothing is left to do"


async def test_the_model_reads_one_answer_and_nobody_elses(
    storage: Storage, make: MakeEvaluator, chat_server: ChatServer
):
    other = "0b5f7a52-8f0e-4f5e-9a55-000000000001"
    await running_interview(storage, other)
    await running_interview(storage, SESSION_ID, "q3")
    await make().work_once()
    (asked,) = chat_server.bodies
    system, user = (message["content"] for message in asked["messages"])
    assert "What would you do differently?" in system
    assert "rehearse the roll-back" in user
    assert "billing" not in user
    assert await storage.evaluations.of(other) == []


async def test_what_the_model_quotes_but_nobody_said_is_dropped_and_counted(storage: Storage, make: MakeEvaluator):
    await running_interview(storage, SESSION_ID, "q1")
    await make(model="scripted-false-quote").work_once()
    evaluation = await evaluation_of(storage, "q1")
    assert evaluation.result is not None
    assert evaluation.result.dropped_quotes == 1
    assert evaluation.result.quotes
    assert scripted.FALSE_QUOTE not in evaluation.model_dump_json()


async def test_too_little_said_is_not_scorable_and_the_model_is_not_asked(
    storage: Storage, make: MakeEvaluator, chat_server: ChatServer
):
    await running_interview(storage, SESSION_ID, "q2")
    await make().work_once()
    evaluation = await evaluation_of(storage, "q2")
    assert evaluation.status is EvaluationStatus.READY
    assert evaluation.result is not None
    assert (evaluation.result.level, evaluation.result.versions.model) == (None, "")
    assert "Too little was said" in evaluation.result.not_scorable
    assert chat_server.bodies == []


async def test_who_comes_back_to_a_question_is_evaluated_again_with_all_of_the_answer(
    storage: Storage, make: MakeEvaluator
):
    await running_interview(storage, SESSION_ID, "q2")
    evaluator = make()
    await evaluator.work_once()
    said = "Now I remember: the bug was in the clock, and I found it by replaying a day of logs against both versions."
    late = Talk().says(said, 60, 66, "q2").turns[0]
    seq = len(usual_talk())
    await storage.turns.append(late.model_copy(update={"seq": seq, "turn_id": f"{SESSION_ID}:{seq}"}))
    await storage.evaluations.enqueue(SESSION_ID, "q2")
    assert await evaluator.work_once()
    evaluation = await evaluation_of(storage, "q2")
    assert evaluation.result is not None
    assert (evaluation.revision, evaluation.result.revision) == (2, 2)
    assert evaluation.result.level == 2
    assert evaluation.result.answer_seqs[-1] == seq


async def test_words_that_come_while_it_is_evaluated_end_that_and_the_whole_answer_is_evaluated(
    storage: Storage, make: MakeEvaluator, chat_server: ChatServer
):
    await running_interview(storage, SESSION_ID, "q3")
    chat_server.answer = lambda body: HANG
    working = asyncio.create_task(make(limits=QUICK_LEASE).work_once())
    await asyncio.wait_for(chat_server.asked.wait(), BOUND_S)
    seq = len(usual_talk())
    late = Talk().says("And I would write the plan down.", 60, 66, "q3").turns[0]
    await storage.turns.append(late.model_copy(update={"seq": seq, "turn_id": f"{SESSION_ID}:{seq}"}))
    await storage.evaluations.enqueue(SESSION_ID, "q3")
    assert await asyncio.wait_for(working, BOUND_S)
    await asyncio.wait_for(chat_server.client_left.wait(), BOUND_S)
    chat_server.answer = scripted.answer
    assert await make().work_once()
    evaluation = await evaluation_of(storage, "q3")
    assert evaluation.result is not None
    assert (evaluation.result.revision, evaluation.result.answer_seqs[-1]) == (2, seq)


async def test_a_model_that_is_away_is_tried_again_later_each_time_and_then_given_up_with_the_reason(
    storage: Storage, make: MakeEvaluator, chat_server: ChatServer, clock: VirtualClock
):
    await running_interview(storage, SESSION_ID, "q1")
    evaluator = make()
    chat_server.answer = lambda body: refusal(401, "no")
    waits_s = []
    for _ in range(LIMITS.max_attempts - 1):
        assert await evaluator.work_once()
        evaluation = await evaluation_of(storage, "q1")
        assert evaluation.status is EvaluationStatus.QUEUED
        waits_s.append((evaluation.not_before - clock.now()).total_seconds())
        assert not await evaluator.work_once(), "it waits before it tries again"
        clock.advance(waits_s[-1])
    assert 5 <= waits_s[0] <= 6
    assert 10 <= waits_s[1] <= 12
    assert await evaluator.work_once()
    evaluation = await evaluation_of(storage, "q1")
    assert (evaluation.status, evaluation.attempts) == (EvaluationStatus.FAILED, LIMITS.max_attempts)
    assert "could not do answer_evaluation" in evaluation.failure
    clock.advance(3600)
    assert not await evaluator.work_once()


async def test_an_unusable_reply_is_no_result(
    storage: Storage, make: MakeEvaluator, chat_server: ChatServer, clock: VirtualClock
):
    await running_interview(storage, SESSION_ID, "q1")
    evaluator = make()
    for reply in ({"level": 9, "quotes": [], "feedback": ""}, "no JSON at all"):
        chat_server.answer = lambda body, reply=reply: reply
        await evaluator.work_once()
        evaluation = await evaluation_of(storage, "q1")
        assert (evaluation.status, evaluation.result) == (EvaluationStatus.QUEUED, None)
        assert "unusable" in evaluation.failure
        clock.advance(60)
    chat_server.answer = scripted.answer
    await evaluator.work_once()
    assert (await evaluation_of(storage, "q1")).status is EvaluationStatus.READY


async def test_a_dead_workers_answer_is_taken_over_once_its_lease_is_past(
    storage: Storage, make: MakeEvaluator, clock: VirtualClock
):
    await running_interview(storage, SESSION_ID, "q1")
    assert await storage.evaluations.claim("dead", LIMITS.lease_s)
    evaluator = make()
    assert not await evaluator.work_once()
    clock.advance(LIMITS.lease_s + 1)
    assert await evaluator.work_once()
    evaluation = await evaluation_of(storage, "q1")
    assert (evaluation.status, evaluation.attempts) == (EvaluationStatus.READY, 2)


async def test_an_answer_that_kills_its_workers_is_given_up(storage: Storage, make: MakeEvaluator, clock: VirtualClock):
    await running_interview(storage, SESSION_ID, "q1")
    for number in range(LIMITS.max_attempts):
        assert await storage.evaluations.claim(f"dead-{number}", 30)
        clock.advance(31)
    assert await make().work_once()
    evaluation = await evaluation_of(storage, "q1")
    assert evaluation.status is EvaluationStatus.FAILED
    assert "the workers that had it died" in evaluation.failure


async def test_a_worker_that_is_stopped_gives_all_its_answers_back(
    storage: Storage, make: MakeEvaluator, chat_server: ChatServer
):
    await running_interview(storage, SESSION_ID, "q1", "q3")
    chat_server.answer = lambda body: HANG
    stop = asyncio.Event()
    evaluator = make()
    running = asyncio.create_task(evaluator.run(stop))

    async def both_asked() -> bool:
        return len(chat_server.bodies) == 2

    await until(both_asked)
    assert evaluator.busy == 2
    stop.set()
    await asyncio.wait_for(running, BOUND_S)
    assert await all_in(storage, EvaluationStatus.QUEUED)
    assert evaluator.busy == 0
    chat_server.answer = scripted.answer
    assert await make("next").work_once(), "the next may take it at once"


async def test_no_more_answers_than_the_bound_are_evaluated_at_once_and_all_in_the_end(
    storage: Storage, make: MakeEvaluator, chat_server: ChatServer
):
    ids = [f"0b5f7a52-8f0e-4f5e-9a55-{number:012d}" for number in range(4)]
    for session_id in ids:
        await running_interview(storage, session_id, "q1", "q3")
    evaluator = make(at_once=3)
    most = 0

    def answer(body: dict[str, object]) -> str:
        nonlocal most
        most = max(most, evaluator.busy)
        return scripted.answer(body)

    chat_server.answer = answer
    stop = asyncio.Event()
    running = asyncio.create_task(evaluator.run(stop))

    async def done() -> bool:
        return all([await all_in(storage, EvaluationStatus.READY, session_id) for session_id in ids])

    await until(done)
    stop.set()
    await asyncio.wait_for(running, BOUND_S)
    assert most == 3
    assert len(chat_server.bodies) == 8, "each was asked for once"


async def test_of_a_session_that_is_erased_meanwhile_nothing_is_stored(
    storage: Storage, make: MakeEvaluator, chat_server: ChatServer
):
    await running_interview(storage, SESSION_ID, "q1")
    chat_server.answer = lambda body: HANG
    working = asyncio.create_task(make(limits=QUICK_LEASE).work_once())
    await asyncio.wait_for(chat_server.asked.wait(), BOUND_S)
    await storage.erase_session(SESSION_ID)
    assert await asyncio.wait_for(working, BOUND_S), "the worker leaves it by itself"
    assert await storage.evaluations.of(SESSION_ID) == []


async def test_one_spoilt_document_does_not_stop_the_others(storage: Storage, make: MakeEvaluator):
    await running_interview(storage, SESSION_ID, "q1")
    await storage.evaluations.collection.update_all({"session_id": SESSION_ID}, {"$set": {"revision": "first"}})
    other = "0b5f7a52-8f0e-4f5e-9a55-000000000001"
    await running_interview(storage, other, "q1")
    stop = asyncio.Event()
    running = asyncio.create_task(make().run(stop))

    async def ready() -> bool:
        return await all_in(storage, EvaluationStatus.READY, other)

    await until(ready)
    assert not running.done(), "the spoilt one has not ended the worker"
    stop.set()
    await asyncio.wait_for(running, BOUND_S)
    (evaluation,) = await storage.evaluations.of(other)
    assert evaluation.status is EvaluationStatus.READY


async def test_whoever_takes_up_the_report_queues_what_the_interviewer_could_not(
    storage: Storage, make: MakeEvaluator, chat_server: ChatServer, clock: VirtualClock
):
    await storage.sessions.add(session())
    for turn in usual_talk():
        await storage.turns.append(turn)
    await storage.evaluations.enqueue(SESSION_ID, "q1")
    await storage.reports.enqueue(SESSION_ID)
    chat = ChatClient(chat_server.url, "", "scripted", timeout_s=20)
    assert await ReportsWorker(storage, chat, clock, LIMITS, "reports").work_once()
    await chat.aclose()
    evaluator = make()
    for _ in range(3):
        assert await evaluator.work_once()
    assert not await evaluator.work_once()
    assert [one.question_id for one in await storage.evaluations.of(SESSION_ID)] == ["q1", "q2", "q3"]
    assert await all_in(storage, EvaluationStatus.READY)


async def test_a_session_that_is_gone_altogether_ends_as_a_failure(
    storage: Storage, make: MakeEvaluator, clock: VirtualClock
):
    await running_interview(storage, SESSION_ID, "q1")
    await storage.sessions.collection.delete({"_id": SESSION_ID})
    evaluator = make()
    for _ in range(LIMITS.max_attempts):
        assert await evaluator.work_once()
        clock.advance(60)
    assert (await evaluation_of(storage, "q1")).status is EvaluationStatus.FAILED
    with pytest.raises(NotFound):
        await storage.sessions.get(SESSION_ID)

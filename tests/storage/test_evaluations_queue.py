"""The queue of answers to evaluate: one document a question, queued anew when the answer grows, leased, fenced."""

import asyncio
from datetime import timedelta

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from agent.memory import Memory
from interview.clock import VirtualClock
from interview.errors import StaleAttempt
from interview.evaluation import (
    Evaluation,
    EvaluationQuote,
    EvaluationResult,
    EvaluationStatus,
    EvaluationVersions,
)
from interview.outbox import Outbox
from interview.session import Session, Stage, Status
from interview.storage import Storage
from interview.storage.verify import verify
from interview.transcript import Speaker
from interview.writes import Writer
from tests.storage.builders import NOON, WORDS, session, turn
from tests.storage.test_privacy import dump


def result(revision: int = 1, **changes: object) -> EvaluationResult:
    quote = EvaluationQuote(turn_id="s:0", seq=0, start=0, end=len(WORDS), text=WORDS, said_at=NOON)
    versions = EvaluationVersions(
        model="scripted", prompt="answer_evaluation", prompt_version=1, plan_id="plan-1", plan_version=1
    )
    found = EvaluationResult(
        revision=revision,
        competency="depth",
        level=3,
        feedback=f"Says: {WORDS}",
        quotes=(quote,),
        dropped_quotes=1,
        answer_seqs=(0,),
        answer_words=5,
        versions=versions,
        evaluated_at=NOON,
    )
    return found.model_copy(update=changes)


async def interview(storage: Storage) -> Session:
    running = session(status=Status.IN_PROGRESS)
    await storage.sessions.add(running)
    return running


async def says(storage: Storage, session_id: str, seq: int, question_id: str = "q1", **changes: object) -> None:
    await storage.turns.append(turn(session_id, seq, stage=Stage.QUESTIONS, question_id=question_id, **changes))


async def queued(storage: Storage, question_id: str = "q1") -> Evaluation:
    """An answer of one turn, queued."""
    session_id = (await interview(storage)).session_id
    await says(storage, session_id, 0, question_id)
    evaluation = await storage.evaluations.enqueue(session_id, question_id)
    assert evaluation is not None
    return evaluation


async def claimed(storage: Storage, owner: str = "worker") -> Evaluation:
    evaluation = await storage.evaluations.claim(owner, 60)
    assert evaluation is not None
    return evaluation


async def as_stored(storage: Storage, evaluation: Evaluation) -> Evaluation:
    stored = await storage.evaluations.get(evaluation.session_id, evaluation.question_id)
    assert stored is not None
    return stored


async def test_two_hundred_claims_of_forty_answers_take_each_exactly_once(timed: Storage) -> None:
    session_id = (await interview(timed)).session_id
    wanted = {f"q{n}" for n in range(40)}
    for seq, question_id in enumerate(sorted(wanted)):
        await says(timed, session_id, seq, question_id)
        await timed.evaluations.enqueue(session_id, question_id)
    claims = await asyncio.gather(*(timed.evaluations.claim(f"worker-{n}", 60) for n in range(200)))
    taken = [claim.question_id for claim in claims if claim is not None]
    assert len(taken) == 40
    assert set(taken) == wanted


async def test_queueing_again_changes_nothing_whatever_has_become_of_it(timed: Storage, clock: VirtualClock) -> None:
    first = await queued(timed)
    clock.advance(5)
    held = await claimed(timed)
    again = await asyncio.gather(*(timed.evaluations.enqueue(first.session_id, "q1") for _ in range(5)))
    assert again == [held] * 5
    await timed.evaluations.finish(held, result())
    ready = await timed.evaluations.enqueue(first.session_id, "q1")
    assert ready is not None
    assert (ready.status, ready.revision, ready.queued_at) == (EvaluationStatus.READY, 1, first.queued_at)


async def test_what_nobody_answered_is_not_queued(timed: Storage) -> None:
    session_id = (await interview(timed)).session_id
    await says(timed, session_id, 0, speaker=Speaker.INTERVIEWER)
    assert await timed.evaluations.enqueue(session_id, "q1") is None
    assert await timed.evaluations.of(session_id) == []


async def test_an_answer_waits_for_its_last_words(timed: Storage, clock: VirtualClock) -> None:
    session_id = (await interview(timed)).session_id
    await says(timed, session_id, 0)
    await timed.evaluations.enqueue(session_id, "q1", after_s=2)
    clock.advance(1.9)
    assert await timed.evaluations.claim("worker", 60) is None
    clock.advance(0.1)
    assert await timed.evaluations.claim("worker", 60) is not None


async def test_an_answer_that_grew_is_queued_under_the_next_revision_and_its_old_result_stays_until_then(
    timed: Storage,
) -> None:
    evaluation = await queued(timed)
    await timed.evaluations.finish(await claimed(timed), result())
    await says(timed, evaluation.session_id, 1)
    again = await asyncio.gather(*(timed.evaluations.enqueue(evaluation.session_id, "q1") for _ in range(5)))
    assert {(one.revision, one.status, one.through_seq) for one in again if one} == {(2, EvaluationStatus.QUEUED, 1)}
    waiting = await as_stored(timed, evaluation)
    assert waiting.result == result(1)
    await timed.evaluations.finish(await claimed(timed), result(2, level=4, answer_seqs=(0, 1)))
    ready = await as_stored(timed, evaluation)
    assert (ready.revision, ready.attempts, ready.status) == (2, 1, EvaluationStatus.READY)
    assert ready.result is not None
    assert (ready.result.revision, ready.result.level) == (2, 4)


async def test_words_that_the_evaluation_read_already_do_not_queue_it_again(timed: Storage) -> None:
    evaluation = await queued(timed)
    held = await claimed(timed)
    await says(timed, evaluation.session_id, 1)
    await timed.evaluations.finish(held, result(answer_seqs=(0, 1)))
    again = await timed.evaluations.enqueue(evaluation.session_id, "q1")
    assert again is not None
    assert (again.revision, again.status) == (1, EvaluationStatus.READY)


async def test_an_answer_that_grows_while_it_is_evaluated_fences_off_who_read_less(timed: Storage) -> None:
    evaluation = await queued(timed)
    slow = await claimed(timed, "slow")
    await says(timed, evaluation.session_id, 1)
    await timed.evaluations.enqueue(evaluation.session_id, "q1")
    quick = await claimed(timed, "slow")  # also where the same worker takes it again
    for late in (timed.evaluations.renew(slow, 60), timed.evaluations.finish(slow, result())):
        with pytest.raises(StaleAttempt):
            await late
    await timed.evaluations.finish(quick, result(2))
    assert (await as_stored(timed, evaluation)).result == result(2)


async def test_a_lease_that_is_past_is_taken_over_and_its_old_holder_is_fenced(
    timed: Storage, clock: VirtualClock
) -> None:
    await queued(timed)
    dead = await claimed(timed, "dead")
    clock.advance(59)
    await timed.evaluations.renew(dead, 60)
    clock.advance(59)
    assert await timed.evaluations.claim("next", 60) is None
    clock.advance(1)
    taken = await claimed(timed, "next")
    assert taken.attempts == 2
    for late in (
        timed.evaluations.renew(dead, 60),
        timed.evaluations.finish(dead, result()),
        timed.evaluations.retry_later(dead, "no", clock.now()),
        timed.evaluations.fail(dead, "no"),
    ):
        with pytest.raises(StaleAttempt):
            await late
    assert await as_stored(timed, taken) == taken


async def test_one_put_back_waits_and_one_given_up_says_why(timed: Storage, clock: VirtualClock) -> None:
    evaluation = await queued(timed)
    held = await claimed(timed)
    await timed.evaluations.retry_later(held, "the model was away", clock.now() + timedelta(seconds=10))
    waiting = await as_stored(timed, evaluation)
    assert (waiting.status, waiting.failure) == (EvaluationStatus.QUEUED, "the model was away")
    assert await timed.evaluations.claim("worker", 60) is None
    clock.advance(10)
    again = await claimed(timed)
    assert again.attempts == 2
    await timed.evaluations.fail(again, "the model is away")
    clock.advance(3600)
    assert await timed.evaluations.claim("worker", 60) is None
    failed = await as_stored(timed, evaluation)
    assert (failed.status, failed.failure) == (EvaluationStatus.FAILED, "the model is away")


async def test_at_the_end_what_was_not_queued_is_and_what_was_given_up_gets_another_chance(timed: Storage) -> None:
    lost = await queued(timed, "q1")
    session_id = lost.session_id
    await timed.evaluations.fail(await claimed(timed), "the model is away")
    await says(timed, session_id, 1, "q2")
    await timed.evaluations.enqueue(session_id, "q2")
    await timed.evaluations.finish(await claimed(timed), result(answer_seqs=(1,)))
    await says(timed, session_id, 2, "q3")
    await says(timed, session_id, 3, "q2", speaker=Speaker.INTERVIEWER)
    turns = await timed.turns.of(session_id)
    for _ in range(2):
        await timed.evaluations.enqueue_rest(session_id, turns)
    stands = {
        one.question_id: (one.status, one.attempts, one.revision) for one in await timed.evaluations.of(session_id)
    }
    assert stands == {
        "q1": (EvaluationStatus.QUEUED, 0, 1),
        "q2": (EvaluationStatus.READY, 1, 1),
        "q3": (EvaluationStatus.QUEUED, 0, 1),
    }


async def test_what_was_found_is_sealed(timed: Storage, timed_raw: AsyncIOMotorDatabase) -> None:
    await queued(timed)
    await timed.evaluations.finish(await claimed(timed), result())
    stored = (await dump(timed_raw))["evaluations"]
    for word in WORDS.split():
        assert word.encode() not in stored
    assert await verify(timed) == []


async def test_an_erased_session_takes_its_evaluations_along_and_gets_none_any_more(timed: Storage) -> None:
    evaluation = await queued(timed)
    held = await claimed(timed)
    turns = await timed.turns.of(evaluation.session_id)
    await timed.erase_session(evaluation.session_id)
    assert await timed.evaluations.of(evaluation.session_id) == []
    for late in (
        timed.evaluations.finish(held, result()),
        timed.evaluations.enqueue_rest(evaluation.session_id, turns),
    ):
        with pytest.raises(StaleAttempt):
            await late
    assert await timed.evaluations.of(evaluation.session_id) == []
    assert await verify(timed) == []


async def test_anonymised_the_level_and_the_figures_stay_and_what_waits_is_never_made(timed: Storage) -> None:
    over = session(status=Status.COMPLETED, ended_at=NOON)
    await timed.sessions.add(over)
    for seq, question_id in enumerate(("q1", "q2")):
        await says(timed, over.session_id, seq, question_id)
        await timed.evaluations.enqueue(over.session_id, question_id)
    await timed.evaluations.finish(await claimed(timed), result())
    await timed.anonymise_session(over.session_id)
    ready, undone = await timed.evaluations.of(over.session_id)
    assert ready.result == result(feedback="", quotes=())
    assert (undone.status, undone.failure) == (EvaluationStatus.FAILED, "anonymised")
    assert await timed.evaluations.claim("worker", 60) is None


async def test_an_id_is_the_sessions_and_the_questions(timed: Storage, timed_raw: AsyncIOMotorDatabase) -> None:
    evaluation = await queued(timed)
    document = await timed_raw["evaluations"].find_one({})
    assert document is not None
    assert document["_id"] == f"{evaluation.session_id}:q1"


async def test_the_interviewer_queues_an_answer_behind_its_turns_and_again_when_words_come_late(
    timed: Storage, clock: VirtualClock
) -> None:
    running = session(status=Status.IN_PROGRESS, attempt=1)
    await timed.sessions.add(running)
    outbox = Outbox("test", Writer(timed).perform)
    memory = Memory(outbox, running.session_id, 1, evaluate_after_s=2)

    def says(text: str) -> None:
        at = NOON.timestamp()
        memory.turn(Speaker.CANDIDATE, text, started_at=at, ended_at=at + 1, stage=Stage.QUESTIONS, question_id="q1")

    says("I moved")
    says("the ledger")
    memory.question_done("q1")
    outbox.close()
    await outbox.run()
    (evaluation,) = await timed.evaluations.of(running.session_id)
    assert (evaluation.through_seq, evaluation.revision) == (1, 1)
    assert evaluation.not_before == clock.now() + timedelta(seconds=2)
    says("by night")
    await outbox.run()
    (evaluation,) = await timed.evaluations.of(running.session_id)
    assert (evaluation.through_seq, evaluation.revision) == (2, 2)

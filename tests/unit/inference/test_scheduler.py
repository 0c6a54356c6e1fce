"""Who may use the language model: interviews before scoring, and scoring only in silence."""

import asyncio

import pytest

from interview.errors import ProviderUnavailable
from local.inference.floor import Floor
from local.inference.llm.scheduler import MAX_BACKGROUND, MAX_INTERACTIVE, Scheduler
from local.inference.stats import Stats


@pytest.fixture
def floor() -> Floor:
    return Floor()


@pytest.fixture
def stats() -> Stats:
    return Stats()


async def test_an_interview_interrupts_scoring_which_is_done_again_afterwards(floor: Floor, stats: Stats):
    scheduler = Scheduler(floor, stats, background_wait_s=5)
    log: list[str] = []
    begun, finish = asyncio.Event(), asyncio.Event()

    async def score() -> str:
        log.append("score")
        begun.set()
        try:
            await finish.wait()
        except asyncio.CancelledError:
            log.append("interrupted")
            raise
        return "scored"

    scoring = asyncio.create_task(scheduler.background(score))
    await begun.wait()
    async with asyncio.timeout(5), scheduler.interactive():
        log.append("judge")
        finish.set()
    assert await scoring == "scored"
    assert log == ["score", "interrupted", "judge", "score"]
    assert stats.counts()["llm_background_preempted"] == 1


async def test_scoring_waits_while_anyone_speaks(floor: Floor, stats: Stats):
    scheduler = Scheduler(floor, stats, background_wait_s=60)
    started = asyncio.Event()

    async def score() -> None:
        started.set()

    floor.enter()
    floor.enter()
    scoring = asyncio.create_task(scheduler.background(score))
    floor.leave()
    for _ in range(20):
        await asyncio.sleep(0)
    assert not started.is_set()
    floor.leave()
    async with asyncio.timeout(5):
        await scoring


async def test_the_wait_for_silence_is_bounded_and_counted(floor: Floor, stats: Stats):
    scheduler = Scheduler(floor, stats, background_wait_s=0.01)
    floor.enter()

    async def score() -> int:
        return 7

    async with asyncio.timeout(5):
        assert await scheduler.background(score) == 7
    assert stats.counts()["llm_background_started_while_speaking"] == 1


async def test_interviews_take_turns_in_order(floor: Floor, stats: Stats):
    scheduler = Scheduler(floor, stats, background_wait_s=1)
    order: list[int] = []

    async def judge(number: int) -> None:
        async with scheduler.interactive():
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(judge(n) for n in range(5)))
    assert order == [0, 1, 2, 3, 4]


async def test_both_queues_are_bounded(floor: Floor, stats: Stats):
    scheduler = Scheduler(floor, stats, background_wait_s=60)
    release = asyncio.Event()

    async def judge() -> None:
        async with scheduler.interactive():
            await release.wait()

    async def score() -> None:
        return None

    judging = [asyncio.create_task(judge()) for _ in range(MAX_INTERACTIVE)]
    scoring = [asyncio.create_task(scheduler.background(score)) for _ in range(MAX_BACKGROUND)]
    await asyncio.sleep(0)
    with pytest.raises(ProviderUnavailable):
        await judge()
    with pytest.raises(ProviderUnavailable):
        await scheduler.background(score)
    release.set()
    async with asyncio.timeout(5):
        await asyncio.gather(*judging, *scoring)


async def test_a_failure_of_scoring_reaches_its_caller_and_frees_the_engine(floor: Floor, stats: Stats):
    scheduler = Scheduler(floor, stats, background_wait_s=1)

    async def score() -> None:
        raise ProviderUnavailable("gone")

    with pytest.raises(ProviderUnavailable):
        await scheduler.background(score)
    async with asyncio.timeout(5), scheduler.interactive():
        pass

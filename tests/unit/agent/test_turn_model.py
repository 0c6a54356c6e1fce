"""The turn model is run by the worker's process, or else by the interview's own; either hears the same."""

import asyncio
import multiprocessing
import threading

import numpy as np
import pytest
from livekit import rtc
from livekit.agents.inference_runner import _InferenceRunner
from livekit.agents.ipc.inference_proc_executor import InferenceProcExecutor
from livekit.local_inference import EOT, EOT_MAX_SAMPLES

from agent import turn_model
from agent.turn_model import METHOD, Runner, TurnModel, TurnModelStream

SOUND = (np.random.default_rng(3).normal(0, 2000, 40_000)).astype(np.int16)


def frames() -> list[rtc.AudioFrame]:
    return [rtc.AudioFrame(SOUND[at : at + 800].tobytes(), 16_000, 1, 800) for at in range(0, len(SOUND), 800)]


class Worker:
    """The worker's process, which answers, fails, or says nothing."""

    def __init__(self, fault: Exception | None = None, *, silent: bool = False) -> None:
        self.fault, self.silent = fault, silent
        self.runner = Runner()
        self.runner.initialize()
        self.asked = 0

    async def ask(self, method: str, data: bytes) -> bytes:
        assert method == METHOD
        self.asked += 1
        if self.fault:
            raise self.fault
        if self.silent:
            await asyncio.Event().wait()
        return self.runner.run(data)


@pytest.fixture(scope="module")
def expected() -> float:
    return float(EOT().predict(SOUND[-EOT_MAX_SAMPLES:]))


async def test_the_workers_process_is_asked_about_the_last_of_what_was_heard(expected: float) -> None:
    worker = Worker()
    model = TurnModel(worker.ask)
    stream = TurnModelStream(model)
    for frame in frames():
        stream.push_audio(frame)
    event = await stream.predict()
    assert event.end_of_turn_probability == pytest.approx(expected, abs=1e-6)
    assert (worker.asked, model.alone) == (1, 0)
    await stream.aclose()


@pytest.mark.parametrize("worker", [Worker(RuntimeError("process not started")), Worker(silent=True), None])
async def test_where_it_does_not_answer_the_interview_runs_the_model_itself(
    worker: Worker | None, expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_model, "ANSWERS_WITHIN_S", 0.05)
    model = TurnModel(worker.ask if worker else None)
    assert await model.probability(SOUND[-EOT_MAX_SAMPLES:]) == pytest.approx(expected, abs=1e-6)
    assert model.alone == 1


async def test_the_interview_loads_the_model_without_standing_still(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded_by: list[int] = []

    class Slow(EOT):
        def __init__(self) -> None:
            loaded_by.append(threading.get_ident())
            super().__init__()

    monkeypatch.setattr(turn_model, "EOT", Slow)
    model = TurnModel()
    await model.probability(SOUND[-EOT_MAX_SAMPLES:])
    await model.probability(SOUND[-EOT_MAX_SAMPLES:])
    assert len(loaded_by) == 1
    assert loaded_by[0] != threading.get_ident(), "loading takes 0.3 s, in which nobody would be heard"


async def test_a_new_turn_is_judged_by_its_own_sound_and_an_old_question_is_dropped() -> None:
    worker = Worker(silent=True)
    stream = TurnModelStream(TurnModel(worker.ask))
    for frame in frames():
        stream.push_audio(frame)
    asked = stream.predict()
    await asyncio.sleep(0)
    stream.flush()
    await asyncio.gather(asked, return_exceptions=True)
    assert asked.cancelled()
    assert sum(map(len, stream._heard)) == 0
    await stream.aclose()


def test_a_process_of_the_worker_is_registered_once() -> None:
    turn_model.share()
    turn_model.share()
    assert _InferenceRunner.registered_runners[METHOD] is Runner


async def test_the_frameworks_own_process_runs_it(expected: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_model, "ANSWERS_WITHIN_S", 30.0)
    turn_model.share()
    process = InferenceProcExecutor(
        runners={METHOD: Runner},
        initialize_timeout=60.0,
        close_timeout=10.0,
        memory_warn_mb=0,
        memory_limit_mb=0,
        ping_interval=5.0,
        ping_timeout=60.0,
        high_ping_threshold=10.0,
        mp_ctx=multiprocessing.get_context("forkserver"),
        loop=asyncio.get_running_loop(),
        http_proxy=None,
    )
    await process.start()
    try:
        await process.initialize()
        model = TurnModel(process.do_inference)
        found = await asyncio.gather(*(model.probability(SOUND[-EOT_MAX_SAMPLES:]) for _ in range(3)))
        assert found == [pytest.approx(expected, abs=1e-6)] * 3
        assert model.alone == 0
    finally:
        await process.aclose()

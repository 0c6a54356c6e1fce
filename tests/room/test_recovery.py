"""An interview goes on when what carries it dies: real processes are killed, and nothing is asked twice."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from interview.clock import SystemClock
from interview.storage import Storage
from local import faults
from local.blows import BLOWS, CANDIDATE_SIDE, HOUSE_SIDE
from local.environment import Engines
from local.house import house_of
from local.ordeal import DEADLINE, Scene, an_interview
from local.services import SERVICES, Stack
from local.trials import hold

WINDOWS = DEADLINE | {
    "AGENT_DEAD_S": "5",
    "CUSTODIAN_INTERVAL_S": "0.5",
    "CUSTODIAN_LEASE_S": "2",
    "CUSTODIAN_MARGIN_S": "2",
    "HEARTBEAT_S": "0.5",
    "IDEMPOTENCY_LEASE_S": "3",
    "REJOIN_WINDOW_S": "10",
    "NO_SHOW_S": "5",
    "MONGODB_WAIT_S": "3",
    "PROVIDER_PAUSE_S": "1",
}
"""The waiting windows of production, shortened; `make bench NAME=recovery` runs with the real ones."""

OUTAGE_S = 12.0
"""More than twice as long as an interviewer without a heartbeat is believed to live."""
ABSENCE_S = 2.0
AWAY_S = 5.0
LONG = ("database_away_30s", "api_down")

AMONG_THE_BLOWS = (faults.agent_killed, faults.livekit_restarted, faults.database_away, faults.candidate_away)
NOT_COMING = (faults.candidate_gone, faults.no_show)
OTHERWISE = [fault for fault in faults.FAULTS if fault not in (*AMONG_THE_BLOWS, *NOT_COMING)]

BACK_WITHIN_S = 20.0
"""SPEC 2: a dead interviewer is replaced within so much time."""


@pytest_asyncio.fixture(scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """A house without the parts that recovery does not need."""
    services = [*(name for name in SERVICES if name != "proctoring"), "control_api_2"]
    engines = Engines(stt="none", llm="scripted", delay_profile="hosted")
    folder = tmp_path_factory.mktemp("recovery")
    async with Stack(folder, services=services, engines=engines, overrides=WINDOWS) as stack:
        storage = await Storage.connect(stack.settings(), SystemClock())
        yield Scene(stack, house_of(stack, {}), storage)
        await storage.close()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", OTHERWISE, ids=lambda fault: fault.__name__)
async def test_the_house_recovers_and_nothing_is_lost_or_repeated(scene: Scene, fault: faults.Fault) -> None:
    lasting_s = OUTAGE_S if fault in faults.OUTAGES else ABSENCE_S
    recovery = await fault(scene, lasting_s)
    assert recovery.notes == ()


@pytest.mark.timeout(240)
async def test_who_leaves_for_good_and_who_never_comes_are_not_waited_for(scene: Scene) -> None:
    recoveries = await asyncio.gather(*(fault(scene, 0.0) for fault in NOT_COMING))
    assert [recovery.notes for recovery in recoveries] == [()] * len(NOT_COMING)


@pytest.mark.timeout(400)
async def test_an_interview_goes_on_through_whatever_is_away_around_it(scene: Scene) -> None:
    names = [name for name in HOUSE_SIDE if name != "all_providers_down"]  # which has a test of its own, below
    blows = [(BLOWS[name][0], OUTAGE_S if name in LONG else ABSENCE_S) for name in names]
    trial = await hold(scene, "whatever is away", blows, 1)
    assert trial.notes == ()
    assert (trial.completed, len(trial.recovery_s)) == (1, len(names))


@pytest.mark.timeout(300)
async def test_other_interviewers_take_an_interview_to_its_end(scene: Scene) -> None:
    blows = [(BLOWS[name][0], 0.0) for name in ("agent_killed", "livekit_restart")]
    trial = await hold(scene, "who asks is away", blows, 1)
    assert trial.notes == ()
    assert (trial.completed, len(trial.recovery_s)) == (1, 2)
    assert max(trial.recovery_s) < BACK_WITHIN_S


@pytest.mark.timeout(240)
async def test_what_happens_to_a_candidate_is_survived_by_each_interview(scene: Scene) -> None:
    trials = await asyncio.gather(*(hold(scene, fault, [(BLOWS[fault][0], AWAY_S)], 1) for fault in CANDIDATE_SIDE))
    assert {trial.fault: trial.notes for trial in trials} == dict.fromkeys(CANDIDATE_SIDE, ())
    assert [trial.completed for trial in trials] == [1] * len(CANDIDATE_SIDE)


@pytest.mark.timeout(200)
async def test_a_paused_interview_is_silent_and_goes_on_where_it_was(scene: Scene) -> None:
    async with an_interview(scene) as ordeal:
        await ordeal.to_mid_answer()
        await ordeal.recruiter.pause(ordeal.session_id)
        await ordeal.candidate.until("the page shows the pause", lambda me: me.shown[-1].state == "paused", 10)
        said = len(ordeal.candidate.said)
        await ordeal.recruiter.resume(ordeal.session_id)
        await ordeal.candidate.until("the interviewer is back", lambda me: len(me.said) > said, 60)
        assert "Welcome back" in ordeal.candidate.said[said].text
        assert ordeal.candidate.said[said].identity == "interviewer-2"
        await ordeal.finish_answer()
        assert await ordeal.faults_found() == []


@pytest.mark.timeout(200)
async def test_with_every_engine_away_the_interview_goes_on_in_writing_and_says_so_once(scene: Scene) -> None:
    # at a speed of its own: what was said before in this house could still be said without a voice
    async with an_interview(scene, speed=1.8) as ordeal:
        await ordeal.to_mid_answer()
        candidate = ordeal.candidate
        await candidate.until(
            "the page says that it has no microphone", lambda me: me.shown[-1].microphone == "missing"
        )
        await scene.house.break_engines("down")
        await candidate.until("the page says what is away", lambda me: {"stt", "tts"} <= set(me.shown[-1].trouble), 60)
        await ordeal.finish_answer()
        await scene.house.break_engines("well")
        await candidate.until("the page says that all is well", lambda me: not me.shown[-1].trouble, 60)
        told = [said.text for said in candidate.said]
        assert sum("I cannot hear you just now" in text for text in told) == 1
        assert sum("I have no voice just now" in text for text in told) == 1
        assert await ordeal.faults_found() == []
        conditions = (await ordeal.session()).conditions
        assert {"stt", "tts"} <= {one.kind for one in conditions if one.state == "down"}

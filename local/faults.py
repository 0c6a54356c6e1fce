"""What can happen to an interview, and how it is known that the house has recovered from it.

Each fault does one thing to real processes, waits for the recovery, and returns what it found. The waiting windows are
those of the running house, from its settings.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Self
from uuid import uuid4

import httpx

from interview.errors import StorageUnavailable
from interview.record import Record
from interview.session import ENDED, Status
from local import blows
from local.blows import Blow, another_speaks
from local.ordeal import SECOND_HALF, Ordeal, Scene, an_interview, until

OUTAGE_S = 30.0
"""How long the database is away, and (below) the candidate; tests that shorten the windows shorten these too."""
ABSENCE_S = 60.0
_SLACK_S = 60.0
_CREATES = 40


class Recovery(Record):
    """What came of one fault: whether the house recovered, after how many seconds, and what was lost or repeated."""

    fault: str
    recovered: bool
    recovery_s: float | None
    lost: int
    notes: tuple[str, ...] = ()


Fault = Callable[[Scene, float], Awaitable[Recovery]]
"""Does it and waits. The second argument is how long an outage or absence lasts, in seconds, where there is one."""


async def agent_killed(scene: Scene, _outage_s: float) -> Recovery:
    """SIGKILL of the only agent worker, and so of the interviewer, in the middle of an answer."""
    async with an_interview(scene) as ordeal:
        await ordeal.to_mid_answer()
        return await _concluded("agent killed", ordeal, await _struck(ordeal, blows.agent_killed))


async def livekit_restarted(scene: Scene, _outage_s: float) -> Recovery:
    """SIGKILL of the LiveKit server; the candidate's page returns as soon as it can."""
    async with an_interview(scene) as ordeal:
        await ordeal.to_mid_answer()
        return await _concluded("LiveKit restarted", ordeal, await _struck(ordeal, blows.livekit_restart))


async def database_away(scene: Scene, outage_s: float) -> Recovery:
    """The database is killed and stays away, while the candidate goes on answering."""
    async with an_interview(scene) as ordeal:
        await ordeal.to_mid_answer()
        await scene.stack.halt("mongo")
        began_s = time.monotonic()
        await ordeal.candidate.type(SECOND_HALF)
        await ordeal.candidate.until_asked(ordeal.created.question_ids[1], _SLACK_S)
        await asyncio.sleep(max(0.0, outage_s - (time.monotonic() - began_s)))
        back_s = time.monotonic()
        await scene.stack.revive("mongo")
        await until("what was said during the outage is stored", lambda: ordeal.is_stored(SECOND_HALF))
        took_s = time.monotonic() - back_s
        settings = scene.stack.settings()
        # for so long a custodian that wanted to replace somebody could have done it
        await asyncio.sleep(settings.agent_dead_s + 4 * settings.custodian_interval_s)
        notes = await ordeal.faults_found()
        session = await ordeal.session()
        if session.attempt != 1:
            notes.append(f"a healthy interviewer was replaced: attempt {session.attempt}")
        return _recovery("database away", took_s, notes)


async def database_away_and_agent_killed(scene: Scene, outage_s: float) -> Recovery:
    """The database is away, the candidate answers, and then the agent is killed with what it could not write."""
    async with an_interview(scene) as ordeal:
        await ordeal.to_mid_answer()
        await scene.stack.halt("mongo")
        began_s = time.monotonic()
        await ordeal.candidate.type(SECOND_HALF)
        await ordeal.candidate.until_asked(ordeal.created.question_ids[1], _SLACK_S)
        restarts = scene.stack.restarts("agent")
        before = {said.identity for said in ordeal.candidate.said}
        scene.stack.kill("agent")
        await asyncio.sleep(max(0.0, outage_s - (time.monotonic() - began_s)))
        back_s = time.monotonic()
        await scene.stack.revive("mongo")
        await scene.stack.wait_restarted("agent", restarts)
        await until("what the dead agent had heard is stored", lambda: ordeal.is_stored(SECOND_HALF))
        took_s = await another_speaks(ordeal, before, back_s)
        return _recovery("database away, agent killed", took_s, await ordeal.faults_found())


async def api_killed(scene: Scene, _outage_s: float) -> Recovery:
    """SIGKILL of the API, with the custodian in it, and of the agent just before: the next API process takes over."""
    async with an_interview(scene) as ordeal:
        await ordeal.to_mid_answer()
        restarts, began_s = scene.stack.restarts("control_api"), time.monotonic()
        before = {said.identity for said in ordeal.candidate.said}
        scene.stack.kill("agent")
        scene.stack.kill("control_api")
        took_s = await another_speaks(ordeal, before, began_s)
        await scene.stack.wait_restarted("control_api", restarts)
        return await _concluded("API and agent killed", ordeal, took_s)


async def candidate_away(scene: Scene, absence_s: float) -> Recovery:
    """The candidate closes the laptop and comes back."""
    async with an_interview(scene) as ordeal:
        await ordeal.to_mid_answer()
        await ordeal.candidate.leave()
        await until("the absence is noted", lambda: _is_noted_as_away(ordeal))
        await asyncio.sleep(absence_s)
        said, began_s = len(ordeal.candidate.said), time.monotonic()
        await ordeal.return_to_room()
        await ordeal.candidate.until("the interviewer goes on", lambda me: len(me.said) > said, _SLACK_S)
        return await _concluded("candidate away", ordeal, _speaking_at_s(ordeal, began_s) - began_s)


async def candidate_gone(scene: Scene, _outage_s: float) -> Recovery:
    """The candidate leaves for good and the interviewer dies: the custodian ends it, and there is a report."""
    async with an_interview(scene) as ordeal:
        await ordeal.to_mid_answer()
        began_s = time.monotonic()
        scene.stack.kill("agent")
        await ordeal.candidate.leave()
        settings = scene.stack.settings()
        window_s = settings.rejoin_window_s + settings.custodian_margin_s
        status = await _ended_as(ordeal, window_s + _SLACK_S)
        took_s = time.monotonic() - began_s
        report = await ordeal.recruiter.report(ordeal.session_id, _SLACK_S)
        await scene.stack.wait_ready("agent")
        notes = [] if status is Status.ABANDONED else [f"the session is {status}"]
        notes += [] if report.status == "ready" else [f"the report is {report.status}"]
        return _recovery("candidate gone for good", took_s, notes)


async def no_show(scene: Scene, _outage_s: float) -> Recovery:
    """Somebody starts and never comes."""
    async with an_interview(scene, join=False) as ordeal:
        began_s = time.monotonic()
        settings = scene.stack.settings()
        status = await _ended_as(ordeal, settings.no_show_s + settings.custodian_margin_s + _SLACK_S)
        notes = [] if status is Status.EXPIRED else [f"the session is {status}"]
        return _recovery("no-show", time.monotonic() - began_s, notes)


async def create_interrupted(scene: Scene, _outage_s: float) -> Recovery:
    """SIGKILL of an API replica that is just making sessions; each call is repeated, with its key, at the other one."""
    email = f"interrupted-{uuid4()}@example.com"
    keys = [str(uuid4()) for _ in range(_CREATES)]
    async with await scene.house.sign_in() as recruiter, Creating(recruiter.token, email) as creating:
        restarts = scene.stack.restarts("control_api")
        first_url, other_url = scene.stack.url("control_api"), scene.stack.url("control_api_2")
        calls = [asyncio.create_task(creating.create(first_url, key)) for key in keys]
        await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        scene.stack.kill("control_api")
        began_s = time.monotonic()
        before = dict(zip(keys, await asyncio.gather(*calls), strict=True))
        within_s = scene.stack.settings().idempotency_lease_s + _SLACK_S
        after = {key: await creating.create_at_last(other_url, key, within_s) for key in keys}
        took_s = time.monotonic() - began_s
        made = await scene.storage.sessions.of_email(email)
        await scene.stack.wait_restarted("control_api", restarts)
    told = {json.loads(text)["session_id"] for text in after.values()}
    changed = sum(1 for key, text in before.items() if text is not None and after[key] != text)
    notes = [] if {session.session_id for session in made} == told else [f"{len(made)} sessions for {len(keys)} calls"]
    notes += [] if not changed else [f"{changed} answers changed when they were repeated"]
    notes += [] if None in before.values() else ["the process was killed too late to interrupt anything"]
    return _recovery("API killed in mid-create", took_s, notes)


class Creating:
    """Calls of `create` with keys, at any replica."""

    def __init__(self, token: str, email: str) -> None:
        self._http = httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=_SLACK_S)
        self._body = {"name": "Interrupted", "email": email, "questions": ["What did you build?"]}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def create(self, url: str, key: str) -> str | None:
        """Return the answer, or None where there was none, or not yet."""
        try:
            answer = await self._http.post(
                f"{url}/api/parallel_interview/create", json=self._body, headers={"Idempotency-Key": key}
            )
        except httpx.HTTPError:
            return None
        return answer.text if answer.status_code == httpx.codes.CREATED else None

    async def create_at_last(self, url: str, key: str, within_s: float) -> str:
        """Repeat the call until it is answered."""
        answers: list[str] = []

        async def answered() -> bool:
            if text := await self.create(url, key):
                answers.append(text)
            return bool(answers)

        await until("a repeated call is answered", answered, within_s)
        return answers[0]


OUTAGES: frozenset[Fault] = frozenset({database_away, database_away_and_agent_killed})
"""Those in which something is away for `OUTAGE_S`."""

FAULTS: tuple[Fault, ...] = (
    create_interrupted,
    agent_killed,
    livekit_restarted,
    database_away,
    database_away_and_agent_killed,
    api_killed,
    candidate_away,
    candidate_gone,
    no_show,
)


async def _concluded(fault: str, ordeal: Ordeal, took_s: float) -> Recovery:
    """Finish the answer, and say what was lost or repeated."""
    await ordeal.finish_answer()
    return _recovery(fault, took_s, await ordeal.faults_found())


def _recovery(fault: str, took_s: float, notes: list[str]) -> Recovery:
    return Recovery(fault=fault, recovered=not notes, recovery_s=round(took_s, 1), lost=len(notes), notes=tuple(notes))


async def _struck(ordeal: Ordeal, blow: Blow) -> float:
    """Let a blow hit this interview alone; return after how many seconds it went on."""
    (outcome,) = await blow(ordeal.scene, [ordeal], 0)
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


def _speaking_at_s(ordeal: Ordeal, since_s: float) -> float:
    """Return when the interviewer first began to speak after that moment."""
    return next(s.at_s for s in ordeal.candidate.shown if s.at_s > since_s and s.state == "speaking")


async def _ended_as(ordeal: Ordeal, within_s: float) -> Status:
    """Wait until the session has ended, and return how; API and database may be away meanwhile."""
    found: list[Status] = []

    async def ended() -> bool:
        try:
            found.append((await ordeal.session()).status)
        except StorageUnavailable:
            return False
        return found[-1] in ENDED

    await until("the session has ended", ended, within_s)
    return found[-1]


async def _is_noted_as_away(ordeal: Ordeal) -> bool:
    try:
        presence = (await ordeal.session()).presence
    except StorageUnavailable:
        return False
    return bool(presence.joined_at and presence.left_at and presence.left_at > presence.joined_at)

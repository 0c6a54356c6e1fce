"""What can hit interviews that are going on, all of them at once, in the middle of an answer.

Each blow does one thing to real processes or connections, sees every interview go on, and mends what it broke. It
returns, for each interview, after how many seconds that went on, or the error that says why it did not. `trials`
takes the interviews to their ends afterwards and counts.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

from livekit import rtc

from interview.errors import VivaError
from local.connection import Connection
from local.house import House
from local.ordeal import Ordeal, Scene, until
from local.typist import Typist

Outcome = float | BaseException
Blow = Callable[[Scene, Sequence[Ordeal], float], Awaitable[list[Outcome]]]
"""Hits the interviews; the last argument is how long it lasts, in seconds, where it lasts."""

_SLACK_S = 90.0
_API = ("control_api", "control_api_2")


async def stt_down(scene: Scene, ordeals: Sequence[Ordeal], lasting_s: float) -> list[Outcome]:
    """Speech recognition breaks off and accepts nothing."""
    return await _engines_broken(scene.house, "down", ("stt",), ordeals, lasting_s)


async def llm_down(scene: Scene, ordeals: Sequence[Ordeal], lasting_s: float) -> list[Outcome]:
    """The language model answers with errors."""
    return await _engines_broken(scene.house, "down", ("llm",), ordeals, lasting_s)


async def tts_down(scene: Scene, ordeals: Sequence[Ordeal], lasting_s: float) -> list[Outcome]:
    """The voice answers with errors."""
    return await _engines_broken(scene.house, "down", ("tts",), ordeals, lasting_s)


async def all_providers_down(scene: Scene, ordeals: Sequence[Ordeal], lasting_s: float) -> list[Outcome]:
    """Everything that is asked of providers fails."""
    return await _engines_broken(scene.house, "down", ("stt", "llm", "tts"), ordeals, lasting_s)


async def provider_slow(scene: Scene, ordeals: Sequence[Ordeal], lasting_s: float) -> list[Outcome]:
    """Everything that is asked of providers is accepted and not answered."""
    return await _engines_broken(scene.house, "stuck", ("stt", "llm", "tts"), ordeals, lasting_s)


async def agent_killed(scene: Scene, ordeals: Sequence[Ordeal], _lasting_s: float) -> list[Outcome]:
    """SIGKILL of the only agent worker, and so of every interviewer."""
    began_s = time.monotonic()
    before = [{said.identity for said in ordeal.candidate.said} for ordeal in ordeals]
    scene.stack.kill("agent")
    return await _each(ordeals, lambda ordeal: another_speaks(ordeal, before[ordeals.index(ordeal)], began_s))


async def network_lost(_scene: Scene, ordeals: Sequence[Ordeal], lasting_s: float) -> list[Outcome]:
    """The candidates' networks are gone without a goodbye, and come back."""
    return await _each(ordeals, lambda ordeal: _cut_off(ordeal, lasting_s, ordeal.return_to_room))


async def other_device(_scene: Scene, ordeals: Sequence[Ordeal], lasting_s: float) -> list[Outcome]:
    """The candidates' machines die; they open the link on another one."""
    return await _each(ordeals, lambda ordeal: _cut_off(ordeal, lasting_s, ordeal.move_to_other_device))


async def livekit_restart(scene: Scene, ordeals: Sequence[Ordeal], _lasting_s: float) -> list[Outcome]:
    """SIGKILL of the LiveKit server; the candidates' pages return as soon as they can."""
    restarts, began_s = scene.stack.restarts("livekit"), time.monotonic()
    scene.stack.kill("livekit")
    await scene.stack.wait_restarted("livekit", restarts)

    async def return_and_go_on(ordeal: Ordeal) -> float:
        question = ordeal.place
        await ordeal.candidate.leave()
        await until("the candidate is back in the room", lambda: _returned(ordeal))
        return await _shown_again_s(ordeal, question, time.monotonic()) - began_s

    return await _each(ordeals, return_and_go_on)


async def api_down(scene: Scene, ordeals: Sequence[Ordeal], lasting_s: float) -> list[Outcome]:
    """Every replica of the API is dead, with the custodian, while the candidates go on answering."""
    began_s = time.monotonic()
    await asyncio.gather(*(scene.stack.halt(name) for name in _API))
    try:
        return await _meanwhile(ordeals, began_s, lasting_s)
    finally:
        await asyncio.gather(*(scene.stack.revive(name) for name in _API))


async def database_away(scene: Scene, ordeals: Sequence[Ordeal], lasting_s: float) -> list[Outcome]:
    """The database is dead, while the candidates go on answering."""
    began_s = time.monotonic()
    await scene.stack.halt("mongo")
    try:
        return await _meanwhile(ordeals, began_s, lasting_s)
    finally:
        await scene.stack.revive("mongo")


async def microphone_muted(_scene: Scene, ordeals: Sequence[Ordeal], lasting_s: float) -> list[Outcome]:
    """The candidates switch their microphones off, are told so, and switch them on again."""

    async def mute_and_unmute(ordeal: Ordeal) -> float:
        candidate = ordeal.candidate
        candidate.mute(True)
        await candidate.until("the page says it", lambda me: me.shown[-1].microphone == "muted", _SLACK_S)
        await candidate.until(
            "the interviewer says it", lambda me: any("microphone is switched off" in said.text for said in me.said)
        )
        await asyncio.sleep(lasting_s)
        began_s = time.monotonic()
        candidate.mute(False)
        noticed_s = await candidate.until("the page says that all is well", lambda me: me.shown[-1].microphone == "ok")
        return noticed_s - began_s

    return await _each(ordeals, mute_and_unmute)


BLOWS: dict[str, tuple[Blow, float]] = {
    "stt_down": (stt_down, 30),
    "llm_down": (llm_down, 30),
    "tts_down": (tts_down, 30),
    "all_providers_down": (all_providers_down, 30),
    "provider_slow": (provider_slow, 30),
    "agent_killed": (agent_killed, 0),
    "network_lost_60s": (network_lost, 60),
    "other_device": (other_device, 60),
    "livekit_restart": (livekit_restart, 0),
    "api_down": (api_down, 30),
    "database_away_30s": (database_away, 30),
    "microphone_muted": (microphone_muted, 10),
}
"""By name, with the seconds that each lasts where it is not shortened."""

HOUSE_SIDE = (
    "stt_down",
    "llm_down",
    "tts_down",
    "all_providers_down",
    "provider_slow",
    "api_down",
    "database_away_30s",
)
"""Those that an interviewer lives through."""

CANDIDATE_SIDE = ("network_lost_60s", "other_device", "microphone_muted")
"""Those that hit one candidate, and nobody else in the house."""

REPLACING: frozenset[Blow] = frozenset({agent_killed, livekit_restart})
"""Those after which another interviewer goes on."""


async def _engines_broken(
    house: House, mode: str, kinds: Sequence[str], ordeals: Sequence[Ordeal], lasting_s: float
) -> list[Outcome]:
    began_s = time.monotonic()
    await house.break_engines(mode, kinds)
    try:
        return await _meanwhile(ordeals, began_s, lasting_s)
    finally:
        await house.break_engines("well", kinds)


async def _meanwhile(ordeals: Sequence[Ordeal], began_s: float, lasting_s: float) -> list[Outcome]:
    """Let every candidate finish the answer and be asked the next question, until so much time has passed."""

    async def go_on(ordeal: Ordeal) -> float:
        await ordeal.go_on(_SLACK_S)
        return time.monotonic() - began_s

    outcomes = await _each(ordeals, go_on)
    await asyncio.sleep(max(0.0, lasting_s - (time.monotonic() - began_s)))
    return outcomes


async def _cut_off(ordeal: Ordeal, lasting_s: float, come_back: Callable[[], Awaitable[None]]) -> float:
    """Lose the connection for so long; return how long after coming back the question is there again."""
    question = ordeal.place
    async with AsyncExitStack() as stack:
        connection = await stack.enter_async_context(Connection(await ordeal.seat.come_back(ordeal.session_id)))
        connection.freeze()
        await ordeal.candidate.leave()  # its place was taken by the connection
        await asyncio.sleep(lasting_s)
    began_s = time.monotonic()
    await come_back()
    return await _shown_again_s(ordeal, question, began_s) - began_s


async def _shown_again_s(ordeal: Ordeal, question: int, since_s: float) -> float:
    """Return when, after that moment, the page showed that question as the one that is listened to."""
    return await ordeal.candidate.until(
        "the question is shown again",
        lambda me: (
            bool(me.shown)
            and me.shown[-1].at_s > since_s
            and me.on_question == ordeal.created.question_ids[question]
            and me.shown[-1].state == "listening"
        ),
        _SLACK_S,
    )


async def another_speaks(ordeal: Ordeal, before: set[str], began_s: float) -> float:
    """Wait until the interviewer of another attempt has spoken; return how long after `began_s` it began to."""

    def begun_s(me: Typist) -> list[float]:
        # the first of what it shows may come before the room has told who it is; who was killed shows nothing more
        others = (shown for shown in me.shown if shown.at_s > began_s and shown.identity not in before)
        return [shown.at_s for shown in others if shown.state == "speaking"]

    def has_spoken(me: Typist) -> bool:
        return bool(begun_s(me)) and any(said.identity not in before for said in me.said)

    await ordeal.candidate.until("another interviewer has spoken", has_spoken, _SLACK_S)
    return begun_s(ordeal.candidate)[0] - began_s


async def _returned(ordeal: Ordeal) -> bool:
    try:
        await ordeal.return_to_room()
    except (rtc.ConnectError, TimeoutError, VivaError):
        return False  # the room is not there again yet
    return True


async def _each(ordeals: Sequence[Ordeal], what: Callable[[Ordeal], Awaitable[float]]) -> list[Outcome]:
    """Do it to every interview at once; one that fails leaves the others alone."""
    return list(await asyncio.gather(*(what(ordeal) for ordeal in ordeals), return_exceptions=True))

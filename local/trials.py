"""Interviews that are hit in the middle of an answer and taken to their ends: how many end as if nothing had happened.

Shared by the tests of the room tier, which shorten the waiting windows, and by `bench.faults`, which does not.
"""

import asyncio
import contextlib
import math
from collections.abc import Sequence
from contextlib import AsyncExitStack

import httpx
from livekit import rtc

from interview.errors import VivaError
from interview.record import Record
from interview.session import Status
from local.blows import REPLACING, Blow, Outcome
from local.ordeal import Ordeal, Scene, an_interview

_TROUBLE = (VivaError, TimeoutError, httpx.HTTPError, rtc.ConnectError)


class Trial(Record):
    """What came of one kind of blow.

    `completed` of `runs` interviews reached their ends by themselves; `turns_lost` counts answers that are not stored
    exactly once, `repeated_questions` questions and greetings said again. `recovery_s` has the seconds after which
    each interview that went on did.
    """

    fault: str
    runs: int
    completed: int
    turns_lost: int
    repeated_questions: int
    recovery_s: tuple[float, ...]
    notes: tuple[str, ...] = ()

    @property
    def recovery_p95_s(self) -> float | None:
        """The nearest-rank 95th percentile of `recovery_s`, in seconds."""
        if not self.recovery_s:
            return None
        return sorted(self.recovery_s)[math.ceil(0.95 * len(self.recovery_s)) - 1]

    def and_then(self, other: "Trial") -> "Trial":
        """Return both together, as one."""
        return Trial(
            fault=self.fault,
            runs=self.runs + other.runs,
            completed=self.completed + other.completed,
            turns_lost=self.turns_lost + other.turns_lost,
            repeated_questions=self.repeated_questions + other.repeated_questions,
            recovery_s=self.recovery_s + other.recovery_s,
            notes=self.notes + other.notes,
        )

    def went_well(self) -> bool:
        """Tell whether nothing was lost or repeated, and every interview came to its end."""
        return self.completed == self.runs and not (self.turns_lost or self.repeated_questions or self.notes)


async def hold(scene: Scene, fault: str, blows: Sequence[tuple[Blow, float]], runs: int) -> Trial:
    """Hold so many interviews at once, let the blows hit them in mid-answer, and take them to their ends.

    `blows` come one after the other, each with the seconds that it lasts, and with a question of its own.
    """
    async with AsyncExitStack() as stack:
        interviews = [an_interview(scene, microphone=True, questions=len(blows) + 1) for _ in range(runs)]
        ordeals = await asyncio.gather(*map(stack.enter_async_context, interviews))
        await asyncio.gather(*(ordeal.to_mid_answer() for ordeal in ordeals))
        outcomes: list[Outcome] = []
        for blow, lasting_s in blows:
            outcomes += await blow(scene, ordeals, lasting_s)
            await asyncio.gather(*map(_all_is_well, ordeals))
        ends = await asyncio.gather(*(_taken_to_close(ordeal) for ordeal in ordeals))
        lost = [text for ordeal in ordeals for text in await ordeal.lost()]
        again = [what for ordeal in ordeals for what in await ordeal.repeated()]
        notes = _notes(outcomes, ends)
        notes += [f"not stored exactly once: {text}" for text in lost]
        notes += [f"said again: {what}" for what in again]
        if not REPLACING.intersection(blow for blow, _ in blows):
            attempts = [(await ordeal.session()).attempt for ordeal in ordeals]
            notes += [f"a healthy interviewer was replaced: attempt {attempt}" for attempt in attempts if attempt != 1]
        return Trial(
            fault=fault,
            runs=runs,
            completed=sum(1 for end in ends if end is Status.COMPLETED),
            turns_lost=len(lost),
            repeated_questions=len(again),
            recovery_s=tuple(round(each, 2) for each in outcomes if isinstance(each, float)),
            notes=tuple(notes),
        )


async def _all_is_well(ordeal: Ordeal) -> None:
    """Wait until the page tells of no trouble any more; that it does not is seen from what follows."""
    with contextlib.suppress(TimeoutError):
        await ordeal.candidate.until(
            "nothing is amiss", lambda me: not me.shown[-1].trouble and me.shown[-1].microphone == "ok"
        )


async def _taken_to_close(ordeal: Ordeal) -> Status | BaseException:
    try:
        return await ordeal.to_close()
    except _TROUBLE as error:
        return error


def _notes(outcomes: Sequence[Outcome], ends: Sequence[Status | BaseException]) -> list[str]:
    notes = [f"did not go on: {_words(each)}" for each in outcomes if isinstance(each, BaseException)]
    notes += [f"did not end: {_words(each)}" for each in ends if isinstance(each, BaseException)]
    return notes + [f"ended as {each}" for each in ends if isinstance(each, Status) and each is not Status.COMPLETED]


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error)[:400]}"

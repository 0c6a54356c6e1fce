"""What candidates raise and their pages notice: bounded, once, in order, and gone with the session."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase

from interview.browser_event import BrowserEvent, BrowserEventKind
from interview.clock import VirtualClock
from interview.errors import Conflict, NotFound, StaleAttempt
from interview.problem import MAX_OPEN, Correction, Outcome, ProblemKind, ProblemState, RaisedProblem
from interview.session import Consent, ConsentItem, Session
from interview.storage import Storage
from interview.storage.verify import verify
from tests.storage.builders import NOON, WORDS, session


def problem(of: Session, **changes: Any) -> RaisedProblem:
    values: dict[str, Any] = {
        "problem_id": "numbered by the storage",
        "session_id": of.session_id,
        "owner_id": of.owner_id,
        "kind": ProblemKind.OTHER,
        "text": WORDS,
        "raised_at": NOON,
    }
    return RaisedProblem(**{**values, **changes})


def answered(outcome: Outcome = Outcome.ANSWER, **changes: Any) -> dict[str, Any]:
    state = ProblemState.CLOSED if outcome is Outcome.NONE else ProblemState.ANSWERED
    values = {"state": state, "outcome": outcome, "answer": WORDS, "answered_at": NOON, "answered_by": "user-1"}
    return {**values, **changes}


async def a_session(storage: Storage, **changes: Any) -> Session:
    made = session(**changes)
    await storage.sessions.add(made)
    return made


async def test_a_problem_is_kept_and_its_words_are_sealed(timed: Storage, timed_raw: AsyncIOMotorDatabase) -> None:
    made = await a_session(timed)
    raised = await timed.problems.add(problem(made, turn_id=f"{made.session_id}:0", proposed=f"{WORDS}!"))
    assert raised.problem_id == f"{made.session_id}:0"
    assert await timed.problems.get(raised.problem_id) == raised
    correction = Correction(turn_id=f"{made.session_id}:0", text=f"{WORDS}?")
    after = await timed.problems.answer(raised, answered(Outcome.CORRECTION, correction=correction))
    assert await timed.problems.of(made.session_id) == [after]
    assert await timed.problems.corrections_of(made.session_id) == [after]
    assert WORDS not in str(await timed_raw["problems"].find_one({"_id": raised.problem_id}))
    assert await verify(timed) == []
    with pytest.raises(NotFound):
        await timed.problems.get(f"{made.session_id}:1")


async def test_a_session_that_changes_hands_takes_what_is_raised_and_answered_at_that_moment_along(
    storage: Storage,
) -> None:
    made = await a_session(storage)
    before = await storage.problems.add(problem(made))
    await storage.sessions.hand_over(made.session_id, source=made.owner_id, target="heir")
    await storage.problems.hand_over(made.session_id, "heir")
    # both were begun while the session was still the first owner's
    answered_late = await storage.problems.answer(before, answered())
    raised_late = await storage.problems.add(problem(made))
    assert {answered_late.owner_id, raised_late.owner_id} == {"heir"}
    assert {one.owner_id for one in await storage.problems.of(made.session_id)} == {"heir"}


async def test_of_many_at_once_no_more_than_the_limit_are_open(storage: Storage) -> None:
    made = await a_session(storage)
    results = await asyncio.gather(
        *(storage.problems.add(problem(made, text=str(n))) for n in range(MAX_OPEN + 5)), return_exceptions=True
    )
    raised = [result for result in results if isinstance(result, RaisedProblem)]
    refused = [result for result in results if isinstance(result, Conflict)]
    assert (len(raised), len(refused)) == (MAX_OPEN, 5)
    assert len({one.problem_id for one in raised}) == MAX_OPEN
    assert {error.code for error in refused} == {"too_many_problems"}

    await storage.problems.answer(raised[0], answered())
    await storage.problems.add(problem(made))
    with pytest.raises(Conflict):
        await storage.problems.add(problem(made))
    assert await storage.problems.add(problem(made), limited=False)


async def test_a_problem_with_a_name_is_raised_once(storage: Storage) -> None:
    made = await a_session(storage)
    results = await asyncio.gather(*(storage.problems.add(problem(made, ref="page-1")) for _ in range(5)))
    assert len({one.problem_id for one in results}) == 1
    assert len(await storage.problems.of(made.session_id)) == 1
    other = await a_session(storage)
    assert (await storage.problems.add(problem(other, ref="page-1"))).session_id == other.session_id


async def test_a_problem_is_answered_once(storage: Storage) -> None:
    made = await a_session(storage)
    raised = await storage.problems.add(problem(made))
    results = await asyncio.gather(
        *(storage.problems.answer(raised, answered(answer=str(n))) for n in range(5)), return_exceptions=True
    )
    assert sum(isinstance(result, RaisedProblem) for result in results) == 1
    assert {result.code for result in results if isinstance(result, Conflict)} == {"problem_answered"}


async def test_the_queue_shows_the_open_ones_first_each_oldest_first(timed: Storage, clock: VirtualClock) -> None:
    made, others = await a_session(timed), await a_session(timed, owner_id="owner-2")
    raised = []
    for _ in range(6):
        clock.advance(1)
        raised.append(await timed.problems.add(problem(made, raised_at=clock.now())))
    await timed.problems.add(problem(others))
    await timed.problems.answer(raised[0], answered())
    await timed.problems.answer(raised[2], answered(Outcome.NONE, answer=None))

    seen: list[str] = []
    cursor = None
    for _ in range(5):
        page, cursor = await timed.problems.page(owner_id=made.owner_id, limit=2, after=cursor)
        seen += [one.problem_id for one in page]
        if cursor is None:
            break
    assert seen == [raised[n].problem_id for n in (1, 3, 4, 5, 2, 0)]
    opened, _ = await timed.problems.page(owner_id=made.owner_id, state=ProblemState.OPEN)
    assert [one.problem_id for one in opened] == [raised[n].problem_id for n in (1, 3, 4, 5)]
    assert len((await timed.problems.page(owner_id=None))[0]) == 7

    await timed.problems.hand_over(made.session_id, "owner-2")
    assert (await timed.problems.page(owner_id=made.owner_id))[0] == []
    assert len((await timed.problems.page(owner_id="owner-2"))[0]) == 7


def event(of: Session, seq: int, **changes: Any) -> BrowserEvent:
    values: dict[str, Any] = {
        "session_id": of.session_id,
        "seq": seq,
        "kind": BrowserEventKind.TAB_HIDDEN,
        "at": NOON,
        "received_at": NOON,
    }
    return BrowserEvent(**{**values, **changes})


async def test_an_event_is_stored_once_as_it_came_first(storage: Storage) -> None:
    made = await a_session(storage)
    first = [event(made, seq) for seq in range(3)]
    assert await storage.browser_events.add(made.session_id, first) == 3
    later = [event(made, seq, received_at=NOON + timedelta(seconds=9)) for seq in range(4)]
    assert await storage.browser_events.add(made.session_id, later) == 1
    assert await storage.browser_events.of(made.session_id) == [*first, later[3]]


async def test_with_the_session_all_of_it_goes_and_nothing_more_comes(timed: Storage) -> None:
    made = await a_session(timed)
    raised = await timed.problems.add(problem(made))
    await timed.browser_events.add(made.session_id, [event(made, 0)])
    await timed.erase_session(made.session_id)
    assert await timed.problems.of(made.session_id) == []
    assert await timed.browser_events.of(made.session_id) == []
    with pytest.raises(StaleAttempt):
        await timed.problems.add(problem(made))
    with pytest.raises(StaleAttempt):
        await timed.browser_events.add(made.session_id, [event(made, 1)])
    with pytest.raises(Conflict):
        await timed.problems.answer(raised, answered())
    assert await timed.problems.of(made.session_id) == []
    assert await timed.browser_events.of(made.session_id) == []
    assert await verify(timed) == []


async def test_consent_is_taken_back_item_by_item_and_stays_proven(timed: Storage, clock: VirtualClock) -> None:
    made = await a_session(timed)
    items = {ConsentItem.INTERVIEW: True, ConsentItem.RECORDING: True, ConsentItem.CAMERA: False}
    given = Consent(items=items, text_version="1", given_at=NOON, given_by="candidate")
    await timed.sessions.set_consent(made.session_id, given)
    await timed.sessions.start(made.session_id, by="user:1")
    clock.advance(60)

    async def withdraw(item: ConsentItem) -> Session:
        return await timed.sessions.withdraw_consent(made.session_id, item, "1", "candidate")

    withdrawals = await asyncio.gather(*(withdraw(ConsentItem.RECORDING) for _ in range(5)))
    assert not any(one.consents(ConsentItem.RECORDING) for one in withdrawals)
    after = await withdraw(ConsentItem.CAMERA)
    assert after.consents(ConsentItem.INTERVIEW)
    assert after.consent is not None
    assert [(one.item, one.agreed, one.at) for one in after.consent.entries] == [
        (ConsentItem.RECORDING, False, clock.now())
    ]
